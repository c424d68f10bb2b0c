//! The web face of the site. Read `routes` first: it lists every URL.

mod admin;
mod components;
mod error;
mod files;
pub(crate) mod http;
mod movie_query;
mod ops;
mod pages;
mod render;
mod routes;
mod server;
mod state;
mod visitor;

pub use self::admin::routes::table as admin_routes;
pub use self::http::origin::Origin;
pub use self::ops::cache_watch::watch as watch_session_cache;
pub use self::server::{serve, serve_ops};
pub use self::state::Site;
