//! One row a session in Postgres.

mod statements;
mod stock;
mod sweep;
mod touch;

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use self::statements::{Change, Merge, Rotate};
use super::{Added, Dated, Engine, Expiring, Loaded, Merged, StoreError, Touched};
use crate::db::{Connection, Pool};
use crate::schema::{session_tombstones, sessions};
use crate::sessions::data::{Changes, Data};
use crate::sessions::key::Key;

/// Rotations that a request under way is followed through.
const MOST_SUCCESSORS: usize = 4;

/// Keeps sessions in the table `sessions`, under the hash of their key.
#[derive(Clone)]
pub struct DbEngine {
    pool: Pool,
    absolute: Option<Duration>,
}

impl DbEngine {
    /// No session lives longer than `absolute` after it was made, whatever is done with it.
    pub fn new(pool: Pool, absolute: Option<Duration>) -> Self {
        Self { pool, absolute }
    }

    async fn try_load(&self, key: &Key) -> anyhow::Result<Loaded<Dated>> {
        let connection = &mut self.pool.get().await?;
        let found: Option<(Value, DateTime<Utc>)> = sessions::table
            .find(key.hash().as_slice())
            .filter(sessions::expires_at.gt(diesel::dsl::now))
            .select((sessions::data, sessions::expires_at))
            .first(connection)
            .await
            .optional()?;
        match found {
            Some((data, expires_at)) => {
                Ok(Loaded::Found(Dated { data: object(data)?, expires_at }))
            }
            None if successor(connection, &key.hash()).await?.is_some() => Ok(Loaded::Retired),
            None => Ok(Loaded::Missing),
        }
    }

    /// Plain `INSERT`: a key that is taken, were it ever drawn twice, is an error and no overwrite.
    async fn try_insert(&self, data: &Data, expires_at: DateTime<Utc>) -> anyhow::Result<Key> {
        let key = Key::generate();
        let latest = self.absolute.map(|limit| Utc::now() + limit);
        let expires_at = latest.map_or(expires_at, |latest| latest.min(expires_at));
        let connection = &mut self.pool.get().await?;
        diesel::insert_into(sessions::table)
            .values((
                sessions::key_hash.eq(key.hash().as_slice()),
                sessions::data.eq(Value::Object(data.clone())),
                sessions::expires_at.eq(expires_at),
                sessions::expire_hour.eq(expire_hour(expires_at)?),
            ))
            .execute(connection)
            .await?;
        Ok(key)
    }

    /// The data after the change, and whether it was stored under a successor of the key.
    async fn try_merge(
        &self,
        key: &Key,
        change: &Change<'_>,
    ) -> anyhow::Result<Option<(Data, bool)>> {
        let connection = &mut self.pool.get().await?;
        let mut hash = key.hash().to_vec();
        for followed in 0..=MOST_SUCCESSORS {
            let merge = Merge { key_hash: &hash, change };
            let merged: Option<Value> = merge.get_result(connection).await.optional()?;
            if let Some(data) = merged {
                return Ok(Some((object(data)?, followed > 0)));
            }
            match successor(connection, &hash).await? {
                Some(next) => hash = next,
                None => break,
            }
        }
        Ok(None)
    }

    async fn try_rotate(&self, key: &Key, change: &Change<'_>) -> anyhow::Result<Option<Key>> {
        let new = Key::generate();
        let connection = &mut self.pool.get().await?;
        let rotate = Rotate { old: &key.hash(), new: &new.hash(), change };
        let moved: i64 = rotate.get_result(connection).await?;
        Ok((moved == 1).then_some(new))
    }

    async fn try_delete(&self, key: &Key) -> anyhow::Result<()> {
        let connection = &mut self.pool.get().await?;
        let mut hash = Some(key.hash().to_vec());
        // Under whichever key the session is by now: who ends it means the session.
        for _ in 0..=MOST_SUCCESSORS {
            let Some(this) = hash else { break };
            let deleted = diesel::delete(sessions::table.find(&this)).execute(connection).await?;
            hash = if deleted == 0 { successor(connection, &this).await? } else { None };
        }
        Ok(())
    }
}

impl Engine for DbEngine {
    async fn load(&self, key: &Key) -> Result<Loaded, StoreError> {
        Ok(match self.load_with_expiry(key).await? {
            Loaded::Found(Dated { data, .. }) => Loaded::Found(data),
            Loaded::Missing => Loaded::Missing,
            Loaded::Retired => Loaded::Retired,
        })
    }

    async fn insert(&self, data: &Data, expires_at: DateTime<Utc>) -> Result<Key, StoreError> {
        Ok(self.try_insert(data, expires_at).await.context("storing a new session")?)
    }

    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Merged, StoreError> {
        let change = Change::merging(changes, expires_at, self.absolute)?;
        let merged = self.try_merge(key, &change).await.context("merging")?;
        Ok(match merged {
            Some((_, false)) => Merged::Stored(key.clone()),
            Some((_, true)) => Merged::Followed,
            None => Merged::Gone,
        })
    }

    async fn add(
        &self,
        key: &Key,
        name: &str,
        by: i64,
        expires_at: DateTime<Utc>,
    ) -> Result<Added, StoreError> {
        let change = Change::adding(name, by, expires_at, self.absolute)?;
        let added = self.try_merge(key, &change).await.context("adding")?;
        Ok(match added {
            Some((data, false)) => Added::Now(data),
            Some((data, true)) => Added::Followed(data),
            None => Added::Missing,
        })
    }

    async fn touch(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<Touched, StoreError> {
        Ok(self.try_touch(key, expires_at, due).await.context("prolonging")?)
    }

    async fn rotate(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Option<Key>, StoreError> {
        let change = Change::merging(changes, expires_at, self.absolute)?;
        Ok(self.try_rotate(key, &change).await.context("rotating")?)
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        Ok(self.try_delete(key).await.context("deleting")?)
    }
}

impl Expiring for DbEngine {
    async fn load_with_expiry(&self, key: &Key) -> Result<Loaded<Dated>, StoreError> {
        Ok(self.try_load(key).await.context("loading")?)
    }
}

/// What replaced a key that was retired a moment ago.
async fn successor(connection: &mut Connection, hash: &[u8]) -> QueryResult<Option<Vec<u8>>> {
    session_tombstones::table
        .find(hash)
        .filter(session_tombstones::until.gt(diesel::dsl::now))
        .select(session_tombstones::successor)
        .first(connection)
        .await
        .optional()
}

fn object(value: Value) -> anyhow::Result<Data> {
    match value {
        Value::Object(data) => Ok(data),
        _ => anyhow::bail!("the stored data is no object"),
    }
}

/// The bucket of the expiry index: whole hours since 1970, rounded up.
fn expire_hour(expires_at: DateTime<Utc>) -> anyhow::Result<i32> {
    Ok(i32::try_from(expires_at.timestamp().div_euclid(3600) + 1)?)
}
