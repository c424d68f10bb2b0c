//! For the operator's monitoring.

#![warn(unreachable_pub)]

pub mod cache_watch;
pub(crate) mod health;
pub(crate) mod metrics;
