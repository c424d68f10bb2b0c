//! The private Postgres, driven from outside: `examples/private_postgres.rs` as child processes on
//! the Postgres of this machine. As root the tests become several users; else those that must are
//! passed over.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod crashes;
mod life;
mod sharing;
mod support;
