//! The one statement that changes a session.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, Bytea, Integer, Jsonb, Text, Timestamptz};
use serde_json::{Value, json};

use super::expire_hour;
use crate::sessions::data::Changes;
use crate::sessions::key::Key;

/// `UPDATE … RETURNING data`: no row when the session is gone. Postgres re-reads the newest row
/// after waiting for another request's update, so each merge applies to what is stored then.
///
/// Written by hand because Diesel prepares no `update` anew-built each time; with a query id of
/// its own this one is prepared once a connection.
pub struct Merge<'a> {
    key_hash: [u8; 32],
    removed: &'a [String],
    changed: Value,
    added: Value,
    expires_at: DateTime<Utc>,
    expire_hour: i32,
}

impl<'a> Merge<'a> {
    pub fn changes(
        key: &Key,
        changes: &'a Changes,
        expires_at: DateTime<Utc>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            key_hash: key.hash(),
            removed: &changes.removed,
            changed: Value::Object(changes.changed.clone()),
            added: json!({}),
            expires_at,
            expire_hour: expire_hour(expires_at)?,
        })
    }

    pub fn addition(
        key: &Key,
        name: &str,
        by: i64,
        expires_at: DateTime<Utc>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            key_hash: key.hash(),
            removed: &[],
            changed: json!({}),
            added: json!({ name: by }),
            expires_at,
            expire_hour: expire_hour(expires_at)?,
        })
    }
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
        out.push_sql("UPDATE sessions SET data = session_merge(data, ");
        out.push_bind_param::<Array<Text>, _>(&self.removed)?;
        out.push_sql(", ");
        out.push_bind_param::<Jsonb, _>(&self.changed)?;
        out.push_sql(", ");
        out.push_bind_param::<Jsonb, _>(&self.added)?;
        out.push_sql("), expires_at = ");
        out.push_bind_param::<Timestamptz, _>(&self.expires_at)?;
        out.push_sql(", expire_hour = ");
        out.push_bind_param::<Integer, _>(&self.expire_hour)?;
        out.push_sql(" WHERE key_hash = ");
        out.push_bind_param::<Bytea, _>(&self.key_hash)?;
        out.push_sql(" AND expires_at > now() RETURNING data");
        Ok(())
    }
}
