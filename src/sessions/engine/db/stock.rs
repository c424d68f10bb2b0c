//! The engine under actix-session's own `SessionMiddleware`.
//!
//! That middleware hands over whole states, so here the last writer wins; our own middleware
//! sends changes. Keys, hashes and rows are the same either way.

use std::collections::HashMap;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time;
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::{DbEngine, Loaded, expire_hour};
use crate::schema::sessions;
use crate::sessions::data::{from_text, to_text};
use crate::sessions::engine::Engine;
use crate::sessions::key::Key;

fn deadline(ttl: &time::Duration) -> anyhow::Result<DateTime<Utc>> {
    let ttl = TimeDelta::from_std((*ttl).try_into()?)?;
    Utc::now().checked_add_signed(ttl).context("the time to live is too long")
}

type State = HashMap<String, String>;

impl DbEngine {
    /// Plain `UPDATE`: a session that was deleted meanwhile stays deleted.
    async fn overwrite(
        &self,
        key: &SessionKey,
        data: Option<Value>,
        ttl: &time::Duration,
    ) -> anyhow::Result<()> {
        let key = Key::parse(key.as_ref()).context("not a key of this store")?;
        let expires_at = deadline(ttl)?;
        let connection = &mut self.pool.get().await?;
        let row = diesel::update(sessions::table.find(key.hash().to_vec()))
            .filter(sessions::expires_at.gt(diesel::dsl::now));
        let expiry = (
            sessions::expires_at.eq(expires_at),
            sessions::expire_hour.eq(expire_hour(expires_at)?),
        );
        let rows = match data {
            Some(data) => row.set((sessions::data.eq(data), expiry)).execute(connection).await?,
            None => row.set(expiry).execute(connection).await?,
        };
        anyhow::ensure!(rows == 1, "the session was deleted during the request");
        Ok(())
    }
}

impl SessionStore for DbEngine {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(key) = Key::parse(key.as_ref()) else { return Ok(None) };
        match Engine::load(self, &key).await.map_err(|e| LoadError::Other(e.into()))? {
            Loaded::Found(data) => Ok(Some(to_text(&data))),
            Loaded::Missing | Loaded::Retired => Ok(None),
        }
    }

    async fn save(&self, state: State, ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let data = from_text(&state).map_err(|e| SaveError::Serialization(e.into()))?;
        let expires_at = deadline(ttl).map_err(SaveError::Other)?;
        let key = self.insert(&data, expires_at).await.map_err(|e| SaveError::Other(e.into()))?;
        SessionKey::try_from(key.as_str().to_owned()).map_err(|e| SaveError::Other(e.into()))
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let data = from_text(&state).map_err(|e| UpdateError::Serialization(e.into()))?;
        let data = Some(Value::Object(data));
        self.overwrite(&key, data, ttl).await.map_err(UpdateError::Other)?;
        Ok(key)
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &time::Duration) -> anyhow::Result<()> {
        self.overwrite(key, None, ttl).await
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        let Some(key) = Key::parse(key.as_ref()) else { return Ok(()) };
        Ok(Engine::delete(self, &key).await?)
    }
}
