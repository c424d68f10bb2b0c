//! Server-side sessions for actix-web, with concurrent changes merged by name, exact counters and
//! the settings of Django.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, Result, get};
//! use actix_web_sessions::{Session, Sessions, stores::Memory};
//!
//! #[get("/")]
//! async fn index(session: Session) -> Result<String> {
//!     Ok(format!("Visit {}", session.increment("visits", 1).await?))
//! }
//!
//! #[actix_web::main]
//! async fn main() -> std::io::Result<()> {
//!     let sessions = Sessions::new(Memory::new());
//!     HttpServer::new(move || App::new().wrap(sessions.clone()).service(index))
//!         .bind(("127.0.0.1", 8080))?
//!         .run()
//!         .await
//! }
//! ```
//!
//! - A request that does not use its [`Session`] causes no store call and gets no header.
//! - A request writes only what it changed, so that concurrent requests lose nothing.
//! - A deleted session is not revived by the changes of other requests.
//! - The store computes deadlines, counters and rotations at the instant of the write.
//!
//! [`Store`] is the contract of session stores, and [`RecordStore`] the easy way to write one.

#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod compat;
mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
mod cookie;
mod crawler;
#[cfg(feature = "csrf")]
pub mod csrf;
pub mod data;
mod detached;
mod error;
mod expiry;
mod finish;
#[cfg(feature = "flash")]
pub mod flash;
mod import;
#[cfg(any(feature = "redis", feature = "diesel-postgres"))]
mod io;
mod key;
#[cfg(any(feature = "actix-session", feature = "actix-session-010", feature = "csrf"))]
mod layer;
mod observer;
mod principal;
pub mod record;
mod sealed;
mod session;
mod sessions;
mod slot;
pub mod store;
pub mod stores;
mod sweeper;

pub use self::config::{Builder, FirstVisit};
pub use self::crawler::declared_crawler;
pub use self::data::{Changes, Data};
pub use self::detached::Detached;
pub use self::error::{
    ConfigError, LoginRequired, OpenError, Result, StoreError, StoreErrorKind, UpdateError,
    ValueError,
};
pub use self::expiry::{Expiry, Life, Policy};
pub use self::import::{Imported, Importer};
#[cfg(any(feature = "redis", feature = "diesel-postgres"))]
pub use self::io::use_runtime;
pub use self::key::{SessionId, StoreKey};
pub use self::observer::Observer;
pub use self::principal::{Principal, SessionInfo};
pub use self::record::{RecordStore, Versioned};
pub use self::session::Session;
pub use self::sessions::{Sessions, SessionsService};
pub use self::store::{
    Added, BoxedStore, Capabilities, Inserted, Loaded, Merged, NewSession, Retire, Rotated,
    Snapshot, Store, Swapped, Touched,
};
pub use self::sweeper::{Sweep, Sweeper, Swept};
