//! Checks of passwords and codes, with their limits.

use super::accounts::{Account, find, normalize_name};
use super::events::{Actor, EventKind, record};
use super::keyring::Keyring;
use super::limits::{self, Client, Subject, TooMany};
use super::links;
use super::password::{Busy, Hasher, Password};
use super::token::Token;
use super::{Error, devices, recovery, totp};
use crate::db::{Connection, Pool};

/// Checks passwords and codes. Cloning is cheap.
#[derive(Clone)]
pub struct Logins {
    pool: Pool,
    hasher: Hasher,
    keyring: Keyring,
}

/// The browser that an attempt to log in comes from.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    pub client: Client,
    /// The value of the cookie that marks a browser in which an operator has logged in.
    pub device: Option<&'a str>,
}

/// The reason why a password or code was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    #[error("wrong name, password or code")]
    Wrong,
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<diesel::result::Error> for LoginError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<crate::db::Unavailable> for LoginError {
    fn from(error: crate::db::Unavailable) -> Self {
        Self::Failed(error.into())
    }
}

/// A completed login.
#[derive(Debug)]
pub struct Accepted {
    /// The id of the event that records it.
    pub event: i64,
    /// A new value for the cookie of the device, unless it has a valid one.
    pub device: Option<Token>,
}

impl Logins {
    pub fn new(pool: Pool, keyring: Keyring) -> Self {
        Self { pool, hasher: Hasher::default(), keyring }
    }

    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Checks the password of a name as it was typed. Unknown names, disabled operators and wrong
    /// passwords get the same answer after the same time.
    ///
    /// # Errors
    /// [`LoginError::Wrong`], and when there were too many failures before.
    pub async fn check_password(
        &self,
        attempt: &Attempt<'_>,
        name: &str,
        password: Password,
    ) -> Result<Account, LoginError> {
        let name = normalize_name(name);
        let mut conn = self.pool.get().await?;
        let account = find(&mut conn, &name).await?;
        let device = self.known_device(&mut conn, attempt, account.as_ref()).await?;
        let subjects = subjects(attempt, &name, device.as_ref());
        self.begin(&mut conn, &subjects).await?;
        // Others need the connection while this login waits for its turn.
        drop(conn);
        let usable = account.as_ref().filter(|account| account.is_enabled());
        let stored = usable.and_then(|account| account.password_hash.clone());
        let verified = self.hasher.verify(password, stored, device.is_some()).await?;
        let mut conn = self.pool.get().await?;
        match account {
            Some(account) if verified.matches => {
                limits::succeed(&mut conn, &self.keyring, &subjects).await?;
                if let Some(hash) = verified.rehashed {
                    links::store_hash(&mut conn, account.id, &hash).await?;
                }
                Ok(account)
            }
            account => {
                let id = account.map(|account| account.id);
                fail(&mut conn, attempt, id, EventKind::LoginFailed).await
            }
        }
    }

    /// Checks a code of an operator's app, or a recovery code; each is accepted once.
    ///
    /// # Errors
    /// [`LoginError::Wrong`], and when there were too many failures before.
    pub async fn check_code(
        &self,
        attempt: &Attempt<'_>,
        account: &Account,
        code: &str,
    ) -> Result<(), LoginError> {
        let mut conn = self.pool.get().await?;
        let device = self.known_device(&mut conn, attempt, Some(account)).await?;
        let subjects = subjects(attempt, &account.name, device.as_ref());
        self.begin(&mut conn, &subjects).await?;
        let mut accepted = totp::accept(&mut conn, &self.keyring, account, code).await?;
        if !accepted && recovery::accept(&mut conn, account.id, code).await? {
            let actor = actor_of(attempt, account);
            record(&mut conn, Some(account.id), &actor, EventKind::RecoveryCodeUsed).await?;
            accepted = true;
        }
        if !accepted {
            return fail(&mut conn, attempt, Some(account.id), EventKind::CodeFailed).await;
        }
        limits::succeed(&mut conn, &self.keyring, &subjects).await?;
        Ok(())
    }

    /// Records a login, and remembers its browser.
    ///
    /// # Errors
    /// When the database does not respond.
    pub async fn accept(
        &self,
        attempt: &Attempt<'_>,
        account: &Account,
    ) -> Result<Accepted, Error> {
        let mut conn = self.pool.get().await?;
        let known = self.known_device(&mut conn, attempt, Some(account)).await?;
        let device = match known {
            Some(hash) => {
                devices::touch(&mut conn, &hash).await?;
                None
            }
            None => Some(devices::add(&mut conn, account.id).await?),
        };
        let actor = actor_of(attempt, account);
        let event = record(&mut conn, Some(account.id), &actor, EventKind::LoggedIn).await?;
        Ok(Accepted { event, device })
    }

    /// Stores a new password of an operator.
    ///
    /// # Errors
    /// When other passwords are waiting to be hashed, or the database does not respond.
    pub async fn set_password(
        &self,
        account: &Account,
        password: Password,
        actor: &Actor,
    ) -> Result<(), LoginError> {
        let hash = self.hasher.hash(password).await?;
        let mut conn = self.pool.get().await?;
        links::set_password(&mut conn, account, &hash, actor).await?;
        Ok(())
    }

    /// Returns the hash of the device's token if the operator has logged in with it before. After too
    /// many failures the device is forgotten, and counts as unknown.
    async fn known_device(
        &self,
        conn: &mut Connection,
        attempt: &Attempt<'_>,
        account: Option<&Account>,
    ) -> Result<Option<[u8; 32]>, Error> {
        let (Some(token), Some(account)) = (attempt.device, account) else { return Ok(None) };
        let hash = Token::hash(token);
        if !devices::is_known(conn, &hash, account.id).await? {
            return Ok(None);
        }
        if limits::is_exceeded(conn, &self.keyring, &Subject::Device(&hash)).await? {
            devices::remove(conn, &hash).await?;
            return Ok(None);
        }
        Ok(Some(hash))
    }

    /// Counts an attempt.
    async fn begin(
        &self,
        conn: &mut Connection,
        subjects: &[Subject<'_>],
    ) -> Result<(), LoginError> {
        for subject in subjects {
            limits::begin(conn, &self.keyring, subject).await??;
        }
        Ok(())
    }
}

fn subjects<'a>(
    attempt: &Attempt<'_>,
    name: &'a str,
    device: Option<&'a [u8; 32]>,
) -> Vec<Subject<'a>> {
    match device {
        Some(hash) => vec![Subject::Device(hash)],
        None => vec![Subject::Client(attempt.client), Subject::Name(name)],
    }
}

fn actor_of(attempt: &Attempt<'_>, account: &Account) -> Actor {
    Actor {
        id: Some(account.id),
        name: account.name.clone(),
        network: Some(attempt.client.network()),
    }
}

/// Records a failed attempt. Names that do not exist are not recorded.
async fn fail<T>(
    conn: &mut Connection,
    attempt: &Attempt<'_>,
    operator: Option<i32>,
    kind: EventKind,
) -> Result<T, LoginError> {
    let network = Some(attempt.client.network());
    let actor = Actor { id: None, name: String::new(), network };
    record(conn, operator, &actor, kind).await?;
    Err(LoginError::Wrong)
}
