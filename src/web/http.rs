//! HTTP mechanisms that know neither films nor visitors.

pub mod assets;
pub mod cache_policy;
pub mod catch_panic;
pub mod client;
pub mod connections;
pub mod form;
pub mod gpc;
pub mod guard;
pub mod limits;
pub mod origin;
pub mod query;
pub mod redirect;
pub mod representation;
pub mod request_id;
pub mod request_log;
pub mod request_metrics;
pub mod route;
pub mod shutdown;
pub mod timeout;
pub mod url;
