//! For the operator's monitoring.

#![warn(unreachable_pub)]

pub(crate) mod cache_watch;
pub(crate) mod health;
pub(crate) mod metrics;
