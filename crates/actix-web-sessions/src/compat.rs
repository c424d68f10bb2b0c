//! Living with other session crates.

#[cfg(feature = "actix-session")]
pub mod actix_session;
