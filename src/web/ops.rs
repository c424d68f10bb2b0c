//! For the operator's monitoring.

pub mod health;
pub mod metrics;
