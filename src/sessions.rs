//! Server-side sessions after Django's `django.contrib.sessions`; knows nothing of movies.
//!
//! Wrap the pages in [`Sessions`] and take a [`Session`] where one is needed:
//!
//! ```no_run
//! use marquee::sessions::Session;
//!
//! async fn greet(session: Session) -> actix_web::Result<String> {
//!     let name: Option<String> = session.get("name")?;
//!     Ok(format!("Hello, {}.", name.unwrap_or_else(|| "stranger".into())))
//! }
//! ```
//!
//! A request that takes no [`Session`] costs no storage operation and gets no header. One that
//! does sends only what it changed, so that requests under way at once lose nothing.

mod config;
mod cookie;
mod data;
mod engine;
mod expiry;
mod key;
pub mod metrics;
mod middleware;
mod session;
mod sweep;

pub use self::config::{EngineName, SameSite, Secret, SessionConfig};
pub use self::data::{Changes, Data, ValueError};
pub use self::engine::db::DbEngine;
pub use self::engine::{Added, AnyEngine, Engine, Loaded, Merged, NoEngine, StoreError};
pub use self::expiry::Expiry;
pub use self::key::Key;
pub use self::middleware::Sessions;
pub use self::session::{OpenError, Session};
pub use self::sweep::{Sweep, Swept, keep_sweeping};
