//! The statements that write sessions, each for many at once.
//!
//! Written by hand because Diesel prepares no `update` that is built anew each time; with a query
//! id of their own these are prepared once a connection. Their values go as one array a column.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Double, Integer, Jsonb, Timestamptz};
use serde_json::Value;

use super::Hash;

/// What is to become of rows: the columns of `UPDATED`.
#[derive(Debug, Default)]
pub struct Changes {
    pub key_hash: Vec<Hash>,
    /// Lists of names.
    pub removed: Vec<Value>,
    pub changed: Vec<Value>,
    /// Whole numbers by name.
    pub added: Vec<Value>,
    /// A session with an expiry of its own keeps it.
    pub keep_own_expiry: Vec<bool>,
    pub expires_at: Vec<DateTime<Utc>>,
    pub expire_hour: Vec<i32>,
    /// Seconds after a row was made.
    pub absolute: Vec<f64>,
}

/// The `SET` list. A bucket later than the capped expiry only means a later sweep.
const UPDATED: &str = "data = session_merge(s.data, \
        ARRAY(SELECT jsonb_array_elements_text(c.removed)), c.changed, c.added), \
     expires_at = CASE WHEN c.keep_own AND s.data ? '_session_expiry' THEN s.expires_at \
        ELSE least(c.expires_at, s.created_at + make_interval(secs => c.absolute)) END, \
     expire_hour = CASE WHEN c.keep_own AND s.data ? '_session_expiry' THEN s.expire_hour \
        ELSE c.expire_hour END";

impl Changes {
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" FROM unnest(");
        out.push_bind_param::<Array<Bytea>, _>(&self.key_hash)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Jsonb>, _>(&self.removed)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Jsonb>, _>(&self.changed)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Jsonb>, _>(&self.added)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Bool>, _>(&self.keep_own_expiry)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.expires_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Integer>, _>(&self.expire_hour)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Double>, _>(&self.absolute)?;
        out.push_sql(
            ") AS c (key_hash, removed, changed, added, keep_own, expires_at, expire_hour, \
             absolute) WHERE s.key_hash = c.key_hash AND s.expires_at > now()",
        );
        Ok(())
    }
}

/// Returns hash and data of each session that there is. Postgres re-reads the newest row after
/// waiting for another request's update, so each change applies to what is stored then.
#[derive(QueryId)]
pub struct Update(pub Changes);

impl Query for Update {
    type SqlType = (Bytea, Jsonb);
}

impl<C> diesel::RunQueryDsl<C> for Update {}

impl QueryFragment<Pg> for Update {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("UPDATE sessions AS s SET ");
        out.push_sql(UPDATED);
        self.0.push(&mut out)?;
        out.push_sql(" RETURNING s.key_hash, s.data");
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
