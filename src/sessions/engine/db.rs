//! One row a session in Postgres.

mod merge;
mod stock;

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use self::merge::Merge;
use super::{Engine, StoreError};
use crate::db::Pool;
use crate::schema::sessions;
use crate::sessions::data::{Changes, Data};
use crate::sessions::key::Key;

/// Keeps sessions in the table `sessions`, under the hash of their key.
#[derive(Clone)]
pub struct DbEngine {
    pool: Pool,
}

impl DbEngine {
    pub fn new(pool: Pool) -> Self {
        Self { pool }
    }

    async fn try_load(&self, key: &Key) -> anyhow::Result<Option<Data>> {
        let connection = &mut self.pool.get().await?;
        let found: Option<Value> = sessions::table
            .find(key.hash().as_slice())
            .filter(sessions::expires_at.gt(diesel::dsl::now))
            .select(sessions::data)
            .first(connection)
            .await
            .optional()?;
        found.map(object).transpose()
    }

    /// Plain `INSERT`: a key that is taken, were it ever drawn twice, is an error and no overwrite.
    async fn try_insert(&self, data: &Data, lifetime: Duration) -> anyhow::Result<Key> {
        let key = Key::generate();
        let expires_at = deadline(lifetime)?;
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

    async fn try_merge(&self, merge: Merge<'_>) -> anyhow::Result<Option<Data>> {
        let connection = &mut self.pool.get().await?;
        let merged: Option<Value> = merge.get_result(connection).await.optional()?;
        merged.map(object).transpose()
    }

    async fn try_delete(&self, key: &Key) -> anyhow::Result<()> {
        let connection = &mut self.pool.get().await?;
        diesel::delete(sessions::table.find(key.hash().as_slice())).execute(connection).await?;
        Ok(())
    }
}

impl Engine for DbEngine {
    async fn load(&self, key: &Key) -> Result<Option<Data>, StoreError> {
        Ok(self.try_load(key).await.context("loading")?)
    }

    async fn insert(&self, data: &Data, lifetime: Duration) -> Result<Key, StoreError> {
        Ok(self.try_insert(data, lifetime).await.context("storing a new session")?)
    }

    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        lifetime: Duration,
    ) -> Result<bool, StoreError> {
        let merge = Merge::changes(key, changes, deadline(lifetime)?)?;
        Ok(self.try_merge(merge).await.context("merging")?.is_some())
    }

    async fn add(
        &self,
        key: &Key,
        name: &str,
        by: i64,
        lifetime: Duration,
    ) -> Result<Option<Data>, StoreError> {
        let merge = Merge::addition(key, name, by, deadline(lifetime)?)?;
        Ok(self.try_merge(merge).await.context("adding")?)
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        Ok(self.try_delete(key).await.context("deleting")?)
    }
}

fn object(value: Value) -> anyhow::Result<Data> {
    match value {
        Value::Object(data) => Ok(data),
        _ => anyhow::bail!("the stored data is no object"),
    }
}

fn deadline(lifetime: Duration) -> anyhow::Result<DateTime<Utc>> {
    let lifetime = chrono::TimeDelta::from_std(lifetime)?;
    Utc::now().checked_add_signed(lifetime).context("the lifetime ends after the year 262142")
}

/// The bucket of the expiry index: whole hours since 1970, rounded up.
fn expire_hour(expires_at: DateTime<Utc>) -> anyhow::Result<i32> {
    Ok(i32::try_from(expires_at.timestamp().div_euclid(3600) + 1)?)
}
