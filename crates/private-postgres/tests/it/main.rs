//! Runs `examples/private_postgres.rs` as child processes on the Postgres of this machine. Tests that
//! need several users run only as root.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod crashes;
mod life;
mod sharing;
mod support;
