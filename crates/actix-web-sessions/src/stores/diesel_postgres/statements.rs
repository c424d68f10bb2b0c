//! The statements, each for many rows, with one array for each column.
//!
//! Handwritten because Diesel does not prepare an `update` that is built for each call. With a
//! query id of their own these are prepared once for each connection.

use std::time::Duration;

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Double, Jsonb, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::key::StoreKey;

type Hash = [u8; 32];

/// SQL for the hour after which a row may be removed.
macro_rules! sweep_hour {
    ($ends:expr, $reserved:literal) => {
        concat!("ceil(extract(epoch FROM greatest(", $ends, ", ", $reserved, ")) / 3600)::int")
    };
}

/// SQL for the own expiry after a change.
macro_rules! own_seconds {
    () => {
        "CASE WHEN c.sets_expiry THEN c.own_seconds ELSE s.own_seconds END"
    };
}

macro_rules! own_until {
    () => {
        "CASE WHEN c.sets_expiry THEN to_timestamp(c.own_until) ELSE s.own_until END"
    };
}

/// SQL for the deadline by that expiry.
macro_rules! ends {
    () => {
        concat!(
            "coalesce(",
            own_until!(),
            ", now() + make_interval(secs => coalesce(nullif(",
            own_seconds!(),
            ", 0), c.age)))"
        )
    };
}

/// The `SET` list. A counter that is not a number counts as 0; counters and sums saturate.
const UPDATED: &str = concat!(
    "data = CASE \
        WHEN c.removed IS NOT NULL \
        THEN (s.data - ARRAY(SELECT jsonb_array_elements_text(c.removed))) || c.changed \
        WHEN c.by IS NOT NULL \
        THEN jsonb_set(s.data, ARRAY[c.field], to_jsonb(greatest(-9223372036854775808, \
            least(9223372036854775807, c.by + \
            CASE WHEN jsonb_typeof(s.data -> c.field) = 'number' \
            THEN greatest(-9223372036854775808, least(9223372036854775807, \
                trunc((s.data ->> c.field)::numeric))) ELSE 0 END)))) \
        WHEN c.value IS NOT NULL THEN jsonb_set(s.data, ARRAY[c.field], c.value) \
        ELSE s.data END, own_seconds = ",
    own_seconds!(),
    ", own_until = ",
    own_until!(),
    ", expires_at = ",
    ends!(),
    ", sweep_hour = ",
    sweep_hour!(ends!(), "s.reserved_until")
);

/// [`ChangedColumns`](super::operations::ChangedColumns).
const RETURNED: &str = "s.key_hash, CASE WHEN c.field IS NOT NULL THEN s.data END, \
     extract(epoch FROM now() - s.created_at)::float8, s.own_seconds, \
     extract(epoch FROM s.own_until)::float8, extract(epoch FROM s.expires_at - now())::float8";

type ReturnedTypes = (Bytea, Nullable<Jsonb>, Double, Nullable<Double>, Nullable<Double>, Double);

/// The columns of [`Select`]: those of [`ReturnedTypes`], the successor, whether that is followed,
/// and whether the key is reserved.
type SelectedTypes = (
    Bytea,
    Nullable<Jsonb>,
    Double,
    Nullable<Double>,
    Nullable<Double>,
    Double,
    Nullable<Bytea>,
    Bool,
    Bool,
);

macro_rules! queries {
    ($($query:ty => $types:ty;)*) => { $(
        impl Query for $query {
            type SqlType = $types;
        }

        impl<C> diesel::RunQueryDsl<C> for $query {}
    )* };
}

queries! {
    Update => ReturnedTypes;
    UpdateUnlocked => ReturnedTypes;
    Rotate => ReturnedTypes;
    Insert => (Bytea, Double);
    InsertOrReplace => (Bytea, Double);
    Select => SelectedTypes;
}

/// Appends `unnest(…)` of one array for each column.
macro_rules! push_unnest {
    ($out:ident, $($type:ty: $column:expr),+ $(,)?) => {
        let mut separator = " FROM unnest(";
        $(
            $out.push_sql(std::mem::replace(&mut separator, ", "));
            $out.push_bind_param::<Array<$type>, _>($column)?;
        )+
        $out.push_sql(")");
    };
}

/// Changes to rows, by column.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub key_hash: Vec<Hash>,
    /// A list of names; with `set` a merge.
    pub removed: Vec<Option<Value>>,
    pub set: Vec<Option<Value>>,
    /// The name of one value, with `by` a counter, with `value` and `expected` a swap.
    pub field: Vec<Option<String>>,
    pub by: Vec<Option<i64>>,
    pub value: Vec<Option<Value>>,
    pub expected: Vec<Option<Value>>,
    /// Seconds that a session without an expiry of its own lives.
    pub age: Vec<f64>,
    pub sets_expiry: Vec<bool>,
    pub own_seconds: Vec<Option<f64>>,
    pub own_until: Vec<Option<f64>>,
}

impl Changes {
    fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        push_unnest!(
            out,
            Bytea: &self.key_hash,
            Nullable<Jsonb>: &self.removed,
            Nullable<Jsonb>: &self.set,
            Nullable<Text>: &self.field,
            Nullable<BigInt>: &self.by,
            Nullable<Jsonb>: &self.value,
            Nullable<Jsonb>: &self.expected,
            Double: &self.age,
            Bool: &self.sets_expiry,
            Nullable<Double>: &self.own_seconds,
            Nullable<Double>: &self.own_until,
        );
        out.push_sql(
            " AS c (key_hash, removed, changed, field, by, value, expected, age, sets_expiry, \
             own_seconds, own_until) WHERE s.key_hash = c.key_hash AND s.expires_at > now() \
             AND s.data IS NOT NULL AND (c.expected IS NULL \
                OR coalesce(s.data -> c.field, 'null') = c.expected)",
        );
        Ok(())
    }
}

/// Returns the live rows after the changes. After waiting for the update of another request
/// Postgres reads the row again, so that each change applies to the newest version.
#[derive(Debug, QueryId)]
pub struct Update(pub Changes);

/// As [`Update`], without the rows that other transactions have locked.
#[derive(Debug, QueryId)]
pub struct UpdateUnlocked(pub Changes);

impl QueryFragment<Pg> for Update {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("UPDATE sessions AS s SET ");
        out.push_sql(UPDATED);
        self.0.walk(&mut out)?;
        out.push_sql(" RETURNING ");
        out.push_sql(RETURNED);
        Ok(())
    }
}

impl QueryFragment<Pg> for UpdateUnlocked {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH free AS (SELECT key_hash FROM sessions WHERE key_hash = ANY(");
        out.push_bind_param::<Array<Bytea>, _>(&self.0.key_hash)?;
        out.push_sql(") FOR UPDATE SKIP LOCKED) UPDATE sessions AS s SET ");
        out.push_sql(UPDATED);
        self.0.walk(&mut out)?;
        out.push_sql(" AND s.key_hash IN (SELECT key_hash FROM free) RETURNING ");
        out.push_sql(RETURNED);
        Ok(())
    }
}

/// Moves a row to a new key and retires the old one in one statement, so that at any time exactly
/// one of the keys is live. Returns the moved row.
#[derive(Debug, Clone, QueryId)]
pub struct Rotate {
    pub new: Hash,
    pub follows: bool,
    /// Of the one row under the old key.
    pub columns: Changes,
}

impl QueryFragment<Pg> for Rotate {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH moved AS (UPDATE sessions AS s SET key_hash = ");
        out.push_bind_param::<Bytea, _>(&self.new)?;
        out.push_sql(", ");
        out.push_sql(UPDATED);
        self.columns.walk(&mut out)?;
        out.push_sql(" RETURNING ");
        out.push_sql(RETURNED);
        out.push_sql(
            ", c.key_hash, s.reserved_until), retired AS (INSERT INTO sessions \
             (key_hash, expires_at, sweep_hour, successor, follow_until, reserved_until) \
             SELECT old, now() + interval '10 min', ",
        );
        out.push_sql(sweep_hour!("now() + interval '10 min'", "reserved"));
        out.push_sql(", new, CASE WHEN ");
        out.push_bind_param::<Bool, _>(&self.follows)?;
        out.push_sql(
            " THEN now() + interval '2 min' END, reserved FROM moved AS m \
             (new, data, age, own_seconds, own_until, remaining, old, reserved)) \
             SELECT new, data, age, own_seconds, own_until, remaining FROM moved AS m \
             (new, data, age, own_seconds, own_until, remaining, old, reserved)",
        );
        Ok(())
    }
}

/// Inserts rows. Returns the key of each, and the time until its end. A key in use is an error.
#[derive(Debug, Default, QueryId)]
pub struct Insert {
    pub key_hash: Vec<Hash>,
    pub data: Vec<Value>,
    pub age: Vec<f64>,
    pub lifetime: Vec<f64>,
    pub own_seconds: Vec<Option<f64>>,
    pub own_until: Vec<Option<f64>>,
    pub reserved: Vec<Option<f64>>,
}

/// As [`Insert`], but replaces expired rows, and leaves out keys in use.
#[derive(Debug, QueryId)]
pub struct InsertOrReplace(pub Insert);

const INSERTED: &str = " RETURNING s.key_hash, extract(epoch FROM s.expires_at - now())::float8";

impl Insert {
    fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO sessions AS s (key_hash, data, created_at, own_seconds, own_until, \
             expires_at, reserved_until, sweep_hour) \
             SELECT key_hash, data, now() - make_interval(secs => age), own_seconds, \
             to_timestamp(own_until), ends, reserved, ",
        );
        out.push_sql(sweep_hour!("ends", "reserved"));
        out.push_sql(
            " FROM (SELECT *, coalesce(to_timestamp(own_until), \
             now() + make_interval(secs => lifetime)) AS ends, \
             now() + make_interval(secs => reserve) AS reserved",
        );
        push_unnest!(
            out,
            Bytea: &self.key_hash,
            Jsonb: &self.data,
            Double: &self.age,
            Double: &self.lifetime,
            Nullable<Double>: &self.own_seconds,
            Nullable<Double>: &self.own_until,
            Nullable<Double>: &self.reserved,
        );
        out.push_sql(
            " AS c (key_hash, data, age, lifetime, own_seconds, own_until, reserve)) AS c",
        );
        Ok(())
    }
}

impl QueryFragment<Pg> for Insert {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.walk(&mut out)?;
        out.push_sql(INSERTED);
        Ok(())
    }
}

impl QueryFragment<Pg> for InsertOrReplace {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk(&mut out)?;
        out.push_sql(
            " ON CONFLICT (key_hash) DO UPDATE SET data = excluded.data, \
             created_at = excluded.created_at, own_seconds = excluded.own_seconds, \
             own_until = excluded.own_until, expires_at = excluded.expires_at, \
             reserved_until = excluded.reserved_until, sweep_hour = excluded.sweep_hour, \
             successor = NULL, follow_until = NULL WHERE s.expires_at <= now() \
             AND (s.reserved_until IS NULL OR s.reserved_until <= now())",
        );
        out.push_sql(INSERTED);
        Ok(())
    }
}

/// Selects rows by key, live or not.
#[derive(Debug, QueryId)]
pub struct Select {
    pub keys: Vec<Hash>,
}

impl QueryFragment<Pg> for Select {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT key_hash, CASE WHEN expires_at > now() THEN data END, \
             extract(epoch FROM now() - created_at)::float8, own_seconds, \
             extract(epoch FROM own_until)::float8, \
             CASE WHEN expires_at > now() THEN extract(epoch FROM expires_at - now()) \
                ELSE 0 END::float8, \
             CASE WHEN expires_at > now() THEN successor END, \
             coalesce(follow_until > now(), false), coalesce(reserved_until > now(), false) \
             FROM sessions WHERE key_hash = ANY(",
        );
        out.push_bind_param::<Array<Bytea>, _>(&self.keys)?;
        out.push_sql(")");
        Ok(())
    }
}

/// Ends the session under a key, and reserves the key.
#[derive(Debug, Clone)]
pub struct Ended {
    key: Hash,
    reserve: Option<f64>,
}

impl Ended {
    pub fn new(key: &StoreKey, reserve: Option<Duration>) -> Self {
        Self { key: *key.as_bytes(), reserve: reserve.map(|span| span.as_secs_f64()) }
    }

    /// Returns whether there was a live session; a reserved key that had none is stored as ended.
    pub async fn run(&self, connection: &mut AsyncPgConnection) -> QueryResult<bool> {
        // Unless its key is reserved, the row is deleted.
        if self.reserve.is_none() {
            let delete = "DELETE FROM sessions WHERE key_hash = $1 AND data IS NOT NULL \
                 AND (reserved_until IS NULL OR reserved_until <= now())";
            let delete = diesel::sql_query(delete).bind::<Bytea, _>(&self.key);
            if delete.execute(connection).await? > 0 {
                return Ok(true);
            }
        }
        let end = concat!(
            "UPDATE sessions SET data = NULL, expires_at = '-infinity', own_seconds = NULL, \
             own_until = NULL, reserved_until = greatest(reserved_until, ",
            "now() + make_interval(secs => $2)), sweep_hour = ",
            sweep_hour!("reserved_until", "now() + make_interval(secs => $2)"),
            " WHERE key_hash = $1 AND data IS NOT NULL"
        );
        let end = diesel::sql_query(end).bind::<Bytea, _>(&self.key);
        if end.bind::<Nullable<Double>, _>(self.reserve).execute(connection).await? > 0 {
            return Ok(true);
        }
        if self.reserve.is_some() {
            let reserve = concat!(
                "INSERT INTO sessions AS s (key_hash, expires_at, reserved_until, sweep_hour) \
                 VALUES ($1, '-infinity', now() + make_interval(secs => $2), ",
                sweep_hour!("now()", "now() + make_interval(secs => $2)"),
                ") ON CONFLICT (key_hash) DO UPDATE SET reserved_until = \
                 greatest(s.reserved_until, excluded.reserved_until), sweep_hour = \
                 greatest(s.sweep_hour, excluded.sweep_hour) WHERE s.data IS NULL"
            );
            let reserve = diesel::sql_query(reserve).bind::<Bytea, _>(&self.key);
            reserve.bind::<Nullable<Double>, _>(self.reserve).execute(connection).await?;
        }
        Ok(false)
    }
}
