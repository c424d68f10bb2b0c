//! Marquee: a movie site that remembers each visitor without an account.
//!
//! Read `web::routes` first: it lists every URL. A page goes route, query (`catalog`), view, template.

pub mod catalog;
pub mod config;
pub mod db;
pub mod logging;
pub mod operators;
mod schema;
pub mod sessions;
pub mod web;
