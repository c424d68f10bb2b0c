//! For the operator's monitoring.

#![warn(unreachable_pub)]

pub(crate) mod health;
pub(crate) mod metrics;
