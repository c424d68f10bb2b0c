//! The stores of this crate.

#[cfg(feature = "redis")]
mod cached;
#[cfg(feature = "diesel-postgres")]
pub mod diesel_postgres;
#[cfg(feature = "file")]
mod file;
mod memory;
#[cfg(feature = "redis")]
mod redis;

#[cfg(feature = "redis")]
pub use self::cached::Cached;
#[cfg(feature = "diesel-postgres")]
pub use self::diesel_postgres::DieselPostgres;
#[cfg(feature = "file")]
pub use self::file::{File, FolderError};
pub use self::memory::Memory;
#[cfg(feature = "redis")]
pub use self::redis::Redis;
