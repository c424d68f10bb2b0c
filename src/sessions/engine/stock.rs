//! Every engine under actix-session's own `SessionMiddleware`.
//!
//! That middleware hands over whole states and keeps no copy of what it loaded, so of two requests
//! at once the last one wins here; ours sends changes. Keys, and what is stored, are the same
//! either way. A signed cookie is not prolonged by `update_ttl`, which cannot return a new one.

use std::collections::HashMap;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time;
use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};

use super::{AnyEngine, Engine, Loaded, Merged};
use crate::sessions::data::{Changes, Data, from_text, to_text};
use crate::sessions::key::Key;

type State = HashMap<String, String>;

fn deadline(ttl: &time::Duration) -> anyhow::Result<DateTime<Utc>> {
    let ttl = TimeDelta::from_std((*ttl).try_into()?)?;
    Utc::now().checked_add_signed(ttl).context("the time to live is too long")
}

fn session_key(key: &Key) -> anyhow::Result<SessionKey> {
    Ok(SessionKey::try_from(key.as_str().to_owned())?)
}

impl AnyEngine {
    /// A session that was deleted meanwhile stays deleted.
    async fn overwrite(
        &self,
        key: SessionKey,
        wanted: Option<&Data>,
        ttl: &time::Duration,
    ) -> anyhow::Result<SessionKey> {
        let own = self.parse(key.as_ref()).context("not a key of this store")?;
        let changes = match (wanted, Engine::load(self, &own).await?) {
            (Some(wanted), Loaded::Found(now)) => Changes::between(&now, wanted),
            (None, _) => Changes::default(),
            (Some(_), Loaded::Missing | Loaded::Retired) => {
                bail!("the session was deleted during the request")
            }
        };
        match self.merge(&own, &changes, deadline(ttl)?).await? {
            Merged::Stored(new) => session_key(&new),
            Merged::Followed | Merged::Gone => bail!("the session was deleted during the request"),
        }
    }
}

impl SessionStore for AnyEngine {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(key) = self.parse(key.as_ref()) else { return Ok(None) };
        match Engine::load(self, &key).await.map_err(|e| LoadError::Other(e.into()))? {
            Loaded::Found(data) => Ok(Some(to_text(&data))),
            Loaded::Missing | Loaded::Retired => Ok(None),
        }
    }

    async fn save(&self, state: State, ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let data = from_text(&state).map_err(|e| SaveError::Serialization(e.into()))?;
        self.check(&data).map_err(|e| SaveError::Serialization(e.into()))?;
        let expires_at = deadline(ttl).map_err(SaveError::Other)?;
        let key = self.insert(&data, expires_at).await.map_err(|e| SaveError::Other(e.into()))?;
        session_key(&key).map_err(SaveError::Other)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let data = from_text(&state).map_err(|e| UpdateError::Serialization(e.into()))?;
        self.check(&data).map_err(|e| UpdateError::Serialization(e.into()))?;
        self.overwrite(key, Some(&data), ttl).await.map_err(UpdateError::Other)
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &time::Duration) -> anyhow::Result<()> {
        let key = SessionKey::try_from(key.as_ref().to_owned())?;
        self.overwrite(key, None, ttl).await.map(drop)
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        let Some(key) = self.parse(key.as_ref()) else { return Ok(()) };
        Ok(Engine::delete(self, &key).await?)
    }
}
