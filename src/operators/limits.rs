//! Limits on failed logins, counted in the database for all processes.
//!
//! An attempt counts as failed until it has succeeded, so that attempts made at the same time cannot
//! exceed a limit.

use std::net::IpAddr;

use chrono::{Duration, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bytea, Double, Integer};
use diesel_async::RunQueryDsl;
use ipnet::IpNet;

use super::keyring::Keyring;
use super::{Error, Result};
use crate::db::Connection;
use crate::schema::login_failures;

/// The network address of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client(pub IpAddr);

/// More attempts failed than are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many failed logins")]
pub struct TooMany {
    /// In seconds.
    pub retry_after: u64,
}

/// The subject of a count of failures.
pub(super) enum Subject<'a> {
    Client(Client),
    /// A name as it was typed, whether it exists or not.
    Name(&'a str),
    /// The hash of a device's token.
    Device(&'a [u8; 32]),
}

impl Client {
    /// Returns the network of the client as it is stored: the address without its last part.
    pub fn network(self) -> String {
        let length = if self.0.is_ipv4() { 24 } else { 48 };
        IpNet::new_assert(self.0, length).trunc().to_string()
    }

    /// Returns what counts as one client: an IPv4 address, or an IPv6 /64.
    fn key(self) -> String {
        let length = if self.0.is_ipv4() { 32 } else { 64 };
        IpNet::new_assert(self.0, length).trunc().to_string()
    }
}

impl Subject<'_> {
    /// Returns the number of failures that are allowed within a time.
    fn limit(&self) -> (i32, Duration) {
        match self {
            Self::Client(_) => (20, Duration::minutes(15)),
            Self::Name(_) => (50, Duration::hours(1)),
            Self::Device(_) => (10, Duration::minutes(15)),
        }
    }

    fn key(&self, keyring: &Keyring) -> Result<[u8; 32]> {
        let text = match self {
            Self::Client(client) => format!("client {}", client.key()),
            Self::Name(name) => format!("name {name}"),
            Self::Device(hash) => format!("device {hash:?}"),
        };
        keyring.hash(&text).map_err(|error| Error::Database(query_error(error)))
    }
}

fn query_error(error: anyhow::Error) -> diesel::result::Error {
    diesel::result::Error::SerializationError(error.into())
}

/// Counts an attempt as failed. Returns [`TooMany`] if it exceeds the limit.
pub(super) async fn begin(
    conn: &mut Connection,
    keyring: &Keyring,
    subject: &Subject<'_>,
) -> Result<Result<(), TooMany>> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = Integer)]
        failures: i32,
        /// Seconds until the count begins again.
        #[diesel(sql_type = Double)]
        remaining: f64,
    }
    let (max, window) = subject.limit();
    let statement = "INSERT INTO login_failures AS old (subject, failures) VALUES ($1, 1) \
        ON CONFLICT (subject) DO UPDATE SET \
            failures = CASE WHEN old.window_start > now() - make_interval(secs => $2) \
                THEN old.failures + 1 ELSE 1 END, \
            window_start = CASE WHEN old.window_start > now() - make_interval(secs => $2) \
                THEN old.window_start ELSE now() END \
        RETURNING failures, \
            extract(epoch FROM window_start - now())::float8 + $2 AS remaining";
    let seconds = window.num_seconds() as f64;
    let counted: Counted = diesel::sql_query(statement)
        .bind::<Bytea, _>(&subject.key(keyring)?[..])
        .bind::<Double, _>(seconds)
        .get_result(conn)
        .await?;
    if counted.failures <= max {
        return Ok(Ok(()));
    }
    let seconds = counted.remaining.ceil().clamp(1.0, seconds);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let retry_after = seconds as u64;
    Ok(Err(TooMany { retry_after }))
}

/// Returns whether a further attempt would exceed the limit.
pub(super) async fn is_exceeded(
    conn: &mut Connection,
    keyring: &Keyring,
    subject: &Subject<'_>,
) -> Result<bool> {
    let (max, window) = subject.limit();
    let counted = login_failures::table
        .find(subject.key(keyring)?.to_vec())
        .filter(login_failures::window_start.gt(Utc::now() - window))
        .filter(login_failures::failures.ge(max));
    Ok(diesel::select(diesel::dsl::exists(counted)).get_result(conn).await?)
}

/// Takes back the failure that [`begin`] counted, and removes counts that no limit needs.
pub(super) async fn succeed(
    conn: &mut Connection,
    keyring: &Keyring,
    subjects: &[Subject<'_>],
) -> Result<()> {
    let keys = subjects.iter().map(|subject| subject.key(keyring).map(Vec::from));
    let keys: Vec<Vec<u8>> = keys.collect::<Result<_>>()?;
    diesel::update(login_failures::table.filter(login_failures::subject.eq_any(keys)))
        .set(login_failures::failures.eq(login_failures::failures - 1))
        .execute(conn)
        .await?;
    let outdated = login_failures::window_start.lt(Utc::now() - Duration::hours(2));
    diesel::delete(login_failures::table.filter(outdated)).execute(conn).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_hides_the_client_and_ipv6_network_is_one_client() {
        let client = |text: &str| Client(text.parse().unwrap());
        assert_eq!(client("203.0.113.77").network(), "203.0.113.0/24");
        assert_eq!(client("2001:db8:1:2::77").network(), "2001:db8:1::/48");
        assert_eq!(client("203.0.113.77").key(), "203.0.113.77/32");
        assert_eq!(client("2001:db8:1:2::77").key(), client("2001:db8:1:2:3::1").key());
        assert_ne!(client("2001:db8:1:2::77").key(), client("2001:db8:1:3::77").key());
    }
}
