//! The statements that change a session.
//!
//! Written by hand because Diesel prepares no `update` that is built anew each time; with a query
//! id of their own these are prepared once a connection.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Double, Integer, Jsonb, Text, Timestamptz};
use serde_json::{Value, json};

use super::expire_hour;
use crate::sessions::data::Changes;

/// Seconds that no session lives: the absolute limit where there is none.
const NEVER: f64 = 1e10;

/// What is to become of a row.
pub struct Change<'a> {
    removed: &'a [String],
    changed: Value,
    added: Value,
    /// A session with an expiry of its own keeps it.
    keep_own_expiry: bool,
    expires_at: DateTime<Utc>,
    expire_hour: i32,
    /// Seconds after the row was made.
    absolute: f64,
}

impl<'a> Change<'a> {
    pub fn merging(
        changes: &'a Changes,
        expires_at: DateTime<Utc>,
        absolute: Option<Duration>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            removed: &changes.removed,
            changed: Value::Object(changes.changed.clone()),
            added: json!({}),
            keep_own_expiry: false,
            expires_at,
            expire_hour: expire_hour(expires_at)?,
            absolute: absolute.map_or(NEVER, |limit| limit.as_secs_f64()),
        })
    }

    pub fn adding(
        name: &str,
        by: i64,
        expires_at: DateTime<Utc>,
        absolute: Option<Duration>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            removed: &[],
            changed: json!({}),
            added: json!({ name: by }),
            keep_own_expiry: true,
            expires_at,
            expire_hour: expire_hour(expires_at)?,
            absolute: absolute.map_or(NEVER, |limit| limit.as_secs_f64()),
        })
    }

    /// The `SET` list. A bucket later than the capped expiry only means a later sweep.
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("data = session_merge(data, ");
        out.push_bind_param::<Array<Text>, _>(&self.removed)?;
        out.push_sql(", ");
        out.push_bind_param::<Jsonb, _>(&self.changed)?;
        out.push_sql(", ");
        out.push_bind_param::<Jsonb, _>(&self.added)?;
        out.push_sql(
            "), (expires_at, expire_hour) = (SELECT CASE WHEN own THEN expires_at ELSE least(",
        );
        out.push_bind_param::<Timestamptz, _>(&self.expires_at)?;
        out.push_sql(", created_at + make_interval(secs => ");
        out.push_bind_param::<Double, _>(&self.absolute)?;
        out.push_sql(")) END, CASE WHEN own THEN expire_hour ELSE ");
        out.push_bind_param::<Integer, _>(&self.expire_hour)?;
        out.push_sql(" END FROM (SELECT ");
        out.push_bind_param::<Bool, _>(&self.keep_own_expiry)?;
        out.push_sql(" AND data ? '_session_expiry' AS own) AS expiry)");
        Ok(())
    }
}

/// `UPDATE … RETURNING data`: no row when the session is gone. Postgres re-reads the newest row
/// after waiting for another request's update, so each change applies to what is stored then.
pub struct Merge<'a> {
    pub key_hash: &'a [u8],
    pub change: &'a Change<'a>,
}

impl QueryId for Merge<'_> {
    type QueryId = Merge<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Merge<'_> {
    type SqlType = Jsonb;
}

impl<C> diesel::RunQueryDsl<C> for Merge<'_> {}

impl QueryFragment<Pg> for Merge<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("UPDATE sessions SET ");
        self.change.push(&mut out)?;
        out.push_sql(" WHERE key_hash = ");
        out.push_bind_param::<Bytea, _>(&self.key_hash)?;
        out.push_sql(" AND expires_at > now() RETURNING data");
        Ok(())
    }
}

/// Moves the row to a new key and leaves a tombstone, in one statement: there is no moment in
/// which both keys or neither are good. Returns how many rows moved.
pub struct Rotate<'a> {
    pub old: &'a [u8; 32],
    pub new: &'a [u8; 32],
    pub change: &'a Change<'a>,
}

impl QueryId for Rotate<'_> {
    type QueryId = Rotate<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Rotate<'_> {
    type SqlType = BigInt;
}

impl<C> diesel::RunQueryDsl<C> for Rotate<'_> {}

impl QueryFragment<Pg> for Rotate<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH moved AS (UPDATE sessions SET key_hash = ");
        out.push_bind_param::<Bytea, _>(self.new)?;
        out.push_sql(", ");
        self.change.push(&mut out)?;
        out.push_sql(" WHERE key_hash = ");
        out.push_bind_param::<Bytea, _>(self.old)?;
        out.push_sql(
            " AND expires_at > now() RETURNING 1), \
             retired AS (INSERT INTO session_tombstones SELECT ",
        );
        out.push_bind_param::<Bytea, _>(self.old)?;
        out.push_sql(", ");
        out.push_bind_param::<Bytea, _>(self.new)?;
        out.push_sql(
            ", now() + interval '2 minutes' FROM moved ON CONFLICT DO NOTHING) \
             SELECT count(*) FROM moved",
        );
        Ok(())
    }
}
