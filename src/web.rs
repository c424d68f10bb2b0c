//! The web face of the site. Read `routes` first: it lists every URL.

mod components;
mod error;
mod files;
mod http;
mod movie_query;
mod ops;
mod pages;
mod render;
mod routes;
mod server;
mod state;
mod visitor;

pub use self::http::client::Proxies;
pub use self::http::origin::Origin;
pub use self::server::{serve, serve_admin};
pub use self::state::Site;
