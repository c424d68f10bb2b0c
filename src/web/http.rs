//! HTTP mechanisms that know neither films nor visitors.

#![warn(unreachable_pub)]

pub(crate) mod assets;
pub(crate) mod cache_policy;
pub(crate) mod catch_panic;
pub(crate) mod client;
pub(crate) mod connections;
pub(crate) mod crawler;
pub(crate) mod form;
pub(crate) mod gpc;
pub(crate) mod guard;
pub(crate) mod host;
pub(crate) mod limits;
pub(crate) mod origin;
pub(crate) mod query;
pub(crate) mod redirect;
pub(crate) mod representation;
pub(crate) mod request_body;
pub(crate) mod request_id;
pub(crate) mod request_log;
pub(crate) mod request_metrics;
pub(crate) mod response_body;
pub(crate) mod route;
pub(crate) mod shutdown;
pub(crate) mod timeout;
pub(crate) mod url;
