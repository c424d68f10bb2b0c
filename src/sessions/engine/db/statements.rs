//! The statements that write sessions, each for many at once.
//!
//! Written by hand because Diesel prepares no `update` that is built anew each time; with a query
//! id of their own these are prepared once a connection. Their values go as one array a column.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{
    Array, BigInt, Bytea, Double, Integer, Jsonb, Nullable, Text, Timestamptz,
};
use serde_json::Value;

use super::Hash;

/// What is to become of rows: the columns of `UPDATED`.
#[derive(Debug, Default)]
pub struct Changes {
    pub key_hash: Vec<Hash>,
    /// Lists of names; with `changed` what a merge does.
    pub removed: Vec<Option<Value>>,
    pub changed: Vec<Option<Value>>,
    /// The name of a number, which grows by `by`, where that is all.
    pub counter: Vec<Option<String>>,
    pub by: Vec<i64>,
    pub expires_at: Vec<DateTime<Utc>>,
    pub expire_hour: Vec<i32>,
    /// Seconds after a row was made.
    pub absolute: Vec<f64>,
}

/// The `SET` list. A counter that is no number counts from 0, and a session with an expiry of its
/// own keeps that when something is counted. A bucket later than the capped expiry only means a
/// later sweep.
const UPDATED: &str = "data = CASE WHEN c.counter IS NULL \
        THEN (s.data - ARRAY(SELECT jsonb_array_elements_text(c.removed))) || c.changed \
        ELSE jsonb_set(s.data, ARRAY[c.counter], to_jsonb(c.by + \
            CASE WHEN jsonb_typeof(s.data -> c.counter) = 'number' \
            THEN trunc((s.data ->> c.counter)::numeric) ELSE 0 END)) END, \
     expires_at = CASE WHEN c.counter IS NOT NULL AND s.data ? '_session_expiry' \
        THEN s.expires_at \
        ELSE least(c.expires_at, s.created_at + make_interval(secs => c.absolute)) END, \
     expire_hour = CASE WHEN c.counter IS NOT NULL AND s.data ? '_session_expiry' \
        THEN s.expire_hour ELSE c.expire_hour END";

impl Changes {
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" FROM unnest(");
        out.push_bind_param::<Array<Bytea>, _>(&self.key_hash)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Jsonb>>, _>(&self.removed)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Jsonb>>, _>(&self.changed)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.counter)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.by)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.expires_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Integer>, _>(&self.expire_hour)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Double>, _>(&self.absolute)?;
        out.push_sql(
            ") AS c (key_hash, removed, changed, counter, by, expires_at, expire_hour, \
             absolute) WHERE s.key_hash = c.key_hash AND s.expires_at > now()",
        );
        Ok(())
    }
}

/// Returns the hash of each session that there is, and after an addition its data. Postgres re-reads
/// the newest row after waiting for another request's update, so each change applies to what is
/// stored then.
#[derive(QueryId)]
pub struct Update(pub Changes);

impl Query for Update {
    type SqlType = (Bytea, Nullable<Jsonb>);
}

impl<C> diesel::RunQueryDsl<C> for Update {}

impl QueryFragment<Pg> for Update {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("UPDATE sessions AS s SET ");
        out.push_sql(UPDATED);
        self.0.push(&mut out)?;
        out.push_sql(" RETURNING s.key_hash, CASE WHEN c.counter IS NOT NULL THEN s.data END");
        Ok(())
    }
}

/// Moves the row to a new key and leaves a tombstone, in one statement: there is no moment in
/// which both keys or neither are good. Returns how many rows moved.
#[derive(QueryId)]
pub struct Rotate {
    pub new: Hash,
    /// Of the one row under the old key.
    pub changes: Changes,
}

impl Query for Rotate {
    type SqlType = BigInt;
}

impl<C> diesel::RunQueryDsl<C> for Rotate {}

impl QueryFragment<Pg> for Rotate {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH moved AS (UPDATE sessions AS s SET key_hash = ");
        out.push_bind_param::<Bytea, _>(&self.new)?;
        out.push_sql(", ");
        out.push_sql(UPDATED);
        self.changes.push(&mut out)?;
        out.push_sql(
            " RETURNING c.key_hash AS old, s.key_hash AS new), \
             retired AS (INSERT INTO session_tombstones \
                SELECT old, new, now() + interval '2 minutes' FROM moved ON CONFLICT DO NOTHING) \
             SELECT count(*) FROM moved",
        );
        Ok(())
    }
}

/// Plain `INSERT`: a key that is taken, were it ever drawn twice, is an error and no overwrite.
#[derive(Debug, Default, QueryId)]
pub struct Insert {
    pub key_hash: Vec<Hash>,
    pub data: Vec<Value>,
    pub expires_at: Vec<DateTime<Utc>>,
    pub expire_hour: Vec<i32>,
}

impl<C> diesel::RunQueryDsl<C> for Insert {}

impl QueryFragment<Pg> for Insert {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO sessions (key_hash, data, expires_at, expire_hour) SELECT * FROM unnest(",
        );
        out.push_bind_param::<Array<Bytea>, _>(&self.key_hash)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Jsonb>, _>(&self.data)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.expires_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Integer>, _>(&self.expire_hour)?;
        out.push_sql(")");
        Ok(())
    }
}
