//! Operators: the people who edit the site. Accounts, passwords, second factors, limits on guessing and
//! the log of events. This module knows nothing about HTTP or films.

mod accounts;
mod devices;
mod events;
mod keyring;
mod limits;
mod links;
mod login;
mod password;
mod recovery;
mod token;
mod totp;

pub use self::accounts::{
    Account, Edit, InvalidName, MAX_DISPLAY_NAME, Refusal, Role, add, disable, edit, enable, find,
    list, load, remove_second_factor,
};
pub use self::events::{Actor, Event, EventKind, LastLogin, last_login, recent_events, record};
pub use self::keyring::Keyring;
pub use self::limits::{Client, TooMany};
pub use self::links::{LINK_AGE, create_link, find_by_link, set_password_by_link};
pub use self::login::{Accepted, Attempt, LoginError, Logins};
pub use self::password::{Hasher, InvalidPassword, Password};
pub use self::recovery::{count_recovery_codes, replace_recovery_codes};
pub use self::token::Token;
pub use self::totp::{Totp, add_second_factor};

/// The reason why an operation on operators failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operation is not allowed; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
    #[error(transparent)]
    Unavailable(#[from] crate::db::Unavailable),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;
