//! No sessions: the site works, remembers nothing and pays nothing.

use chrono::{DateTime, Utc};

use super::{Added, Engine, Loaded, Merged, StoreError, Touched};
use crate::sessions::data::{Changes, Data};
use crate::sessions::key::Key;

/// Keeps nothing. No cookie is from here, so none is looked at, set or removed.
#[derive(Clone, Copy)]
pub struct NoEngine;

impl Engine for NoEngine {
    fn keeps(&self) -> bool {
        false
    }

    async fn load(&self, _: &Key) -> Result<Loaded, StoreError> {
        Ok(Loaded::Missing)
    }

    async fn insert(&self, _: &Data, _: DateTime<Utc>) -> Result<Key, StoreError> {
        Err(anyhow::anyhow!("SESSION_ENGINE=none keeps no session").into())
    }

    async fn merge(&self, _: &Key, _: &Changes, _: DateTime<Utc>) -> Result<Merged, StoreError> {
        Ok(Merged::Gone)
    }

    async fn add(&self, _: &Key, _: &str, _: i64, _: DateTime<Utc>) -> Result<Added, StoreError> {
        Ok(Added::Missing)
    }

    async fn touch(
        &self,
        _: &Key,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
    ) -> Result<Touched, StoreError> {
        Ok(Touched::Missing)
    }

    async fn rotate(
        &self,
        _: &Key,
        _: &Changes,
        _: DateTime<Utc>,
    ) -> Result<Option<Key>, StoreError> {
        Ok(None)
    }

    async fn delete(&self, _: &Key) -> Result<(), StoreError> {
        Ok(())
    }
}
