//! actix-session 0.11: its `Session` on top of ours, and our stores for its middleware.
//!
//! For actix-identity: `.wrap(IdentityMiddleware::default()).wrap(Bridge::new()).wrap(sessions)`.

use std::time::Duration;

use ::actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time;
use anyhow::{Context, bail};
use serde_json::Value;

use crate::data::{Changes, Data};
use crate::expiry::Policy;
use crate::key::SessionId;
use crate::store::{Inserted, Loaded, Merged, NewSession, Store};

super::bridge::bridge!(actix_session);

/// A store for actix-session's own `SessionMiddleware`. That middleware writes whole sessions, so
/// that of two concurrent requests the last one wins. A write to a deleted session is an error.
#[derive(Debug, Clone)]
pub struct AsSessionStore<S>(pub S);

fn policy(ttl: &time::Duration) -> anyhow::Result<Policy> {
    let age = (*ttl).try_into().context("the time to live is negative")?;
    Ok(Policy { age, touch_threshold: Duration::ZERO })
}

fn entries(data: &Data) -> Entries {
    data.iter().map(|(name, value)| (name.clone(), value.to_string())).collect()
}

fn data(entries: &Entries) -> Result<Data, serde_json::Error> {
    let value =
        |(name, text): (&String, &String)| Ok((name.clone(), serde_json::from_str::<Value>(text)?));
    entries.iter().map(value).collect()
}

impl<S: Store> AsSessionStore<S> {
    async fn overwrite(
        &self,
        key: SessionKey,
        wanted: Option<&Data>,
        ttl: &time::Duration,
    ) -> anyhow::Result<SessionKey> {
        let id = SessionId::parse(key.as_ref()).context("not a session id")?;
        let changes = match (wanted, self.0.load(&id.key()).await?) {
            (Some(wanted), Loaded::Found(now)) => Changes::between(&now.data, wanted),
            (None, _) => Changes::default(),
            (Some(_), _) => bail!("the session was erased during the request"),
        };
        match self.0.merge(&id.key(), &changes, &policy(ttl)?).await? {
            Merged::Applied(_) => Ok(key),
            _ => bail!("the session was erased during the request"),
        }
    }
}

impl<S: Store> SessionStore for AsSessionStore<S> {
    async fn load(&self, key: &SessionKey) -> Result<Option<Entries>, LoadError> {
        let Some(id) = SessionId::parse(key.as_ref()) else { return Ok(None) };
        match self.0.load(&id.key()).await.map_err(|error| LoadError::Other(error.into()))? {
            Loaded::Found(snapshot) => Ok(Some(entries(&snapshot.data))),
            Loaded::Retired | Loaded::Ended | Loaded::Missing => Ok(None),
        }
    }

    async fn save(&self, state: Entries, ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let data = data(&state).map_err(|error| SaveError::Serialization(error.into()))?;
        self.0.check(&data).map_err(|error| SaveError::Serialization(error.into()))?;
        let save = async {
            let id = SessionId::generate()?;
            let session = NewSession { data, ..NewSession::default() };
            match self.0.insert(&id.key(), &session, &policy(ttl)?).await? {
                Inserted::Created(_) => {}
                Inserted::Conflict => bail!("the id is in use"),
            }
            Ok(SessionKey::try_from(id.as_str().to_owned())?)
        };
        save.await.map_err(SaveError::Other)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: Entries,
        ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let data = data(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        self.0.check(&data).map_err(|error| UpdateError::Serialization(error.into()))?;
        self.overwrite(key, Some(&data), ttl).await.map_err(UpdateError::Other)
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &time::Duration) -> anyhow::Result<()> {
        let key = SessionKey::try_from(key.as_ref().to_owned())?;
        self.overwrite(key, None, ttl).await.map(drop)
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        let Some(id) = SessionId::parse(key.as_ref()) else { return Ok(()) };
        Ok(self.0.delete(&id.key(), None).await?)
    }
}
