//! Sessions in the memory of this process.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::bounded::{Bounded, Hash, TooLarge, size};
use super::shards::{Shards, together};
use super::{FOLLOWED, RETIRED};
use crate::sessions::data::{Changes, Data};
use crate::sessions::engine::{Added, Engine, Loaded, Merged, StoreError, Touched};
use crate::sessions::expiry::SESSION_EXPIRY;
use crate::sessions::key::Key;

/// Holds no more than so many bytes: a flood of new sessions makes it forget old ones.
#[derive(Clone)]
pub struct MemoryCache {
    shards: Arc<Shards<Bounded<Slot>>>,
    absolute: Option<TimeDelta>,
}

#[derive(Clone)]
enum Slot {
    Live(Session),
    /// Replaced by the session under this name, which lies under the same lock.
    Retired(Hash),
}

#[derive(Clone)]
struct Session {
    data: Data,
    created_at: DateTime<Utc>,
}

impl MemoryCache {
    pub fn new(bytes: usize, absolute: Option<Duration>) -> Self {
        let absolute = absolute.map(|limit| TimeDelta::from_std(limit).unwrap_or(TimeDelta::MAX));
        Self { shards: Arc::new(Shards::new(bytes, Bounded::new)), absolute }
    }

    fn keep(
        &self,
        shard: &mut Bounded<Slot>,
        name: Hash,
        session: Session,
        expires_at: DateTime<Utc>,
    ) -> Result<(), TooLarge> {
        let latest = self.absolute.and_then(|limit| session.created_at.checked_add_signed(limit));
        let expires_at = latest.map_or(expires_at, |latest| latest.min(expires_at));
        let bytes = size(&session.data);
        shard.put(name, Slot::Live(session), bytes, expires_at, Utc::now())
    }

    /// Changes the session of this key or its successor. `None` when there is none, else whether
    /// it was a successor.
    fn change(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        change: impl FnOnce(&mut Data) -> Expires,
    ) -> Result<Option<bool>, TooLarge> {
        let mut shard = self.lock(key);
        let Some((name, mut session)) = current(&mut shard, key.hash()) else { return Ok(None) };
        let expires_at = match change(&mut session.data) {
            Expires::Anew => expires_at,
            Expires::AsBefore => shard.expiry(&name).unwrap_or(expires_at),
        };
        self.keep(&mut shard, name, session, expires_at)?;
        Ok(Some(name != key.hash()))
    }

    fn lock(&self, key: &Key) -> MutexGuard<'_, Bounded<Slot>> {
        self.shards.lock(&key.hash())
    }
}

enum Expires {
    Anew,
    AsBefore,
}

impl Engine for MemoryCache {
    async fn load(&self, key: &Key) -> Result<Loaded, StoreError> {
        Ok(match self.lock(key).get(&key.hash(), Utc::now()) {
            Some(Slot::Live(session)) => Loaded::Found(session.data.clone()),
            Some(Slot::Retired(_)) => Loaded::Retired,
            None => Loaded::Missing,
        })
    }

    async fn insert(&self, data: &Data, expires_at: DateTime<Utc>) -> Result<Key, StoreError> {
        let key = Key::generate();
        let session = Session { data: data.clone(), created_at: Utc::now() };
        let mut shard = self.lock(&key);
        self.keep(&mut shard, key.hash(), session, expires_at).map_err(anyhow::Error::from)?;
        Ok(key)
    }

    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Merged, StoreError> {
        let changed = self.change(key, expires_at, |data| {
            apply(changes, data);
            Expires::Anew
        });
        Ok(match changed.map_err(anyhow::Error::from)? {
            Some(false) => Merged::Stored(key.clone()),
            Some(true) => Merged::Followed,
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
        let mut after = Data::new();
        let changed = self.change(key, expires_at, |data| {
            let sum = data.get(name).map_or(0, whole).saturating_add(by);
            data.insert(name.to_owned(), sum.into());
            after.clone_from(data);
            if data.contains_key(SESSION_EXPIRY) { Expires::AsBefore } else { Expires::Anew }
        });
        Ok(match changed.map_err(anyhow::Error::from)? {
            Some(false) => Added::Now(after),
            Some(true) => Added::Followed(after),
            None => Added::Missing,
        })
    }

    async fn touch(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<Touched, StoreError> {
        let name = key.hash();
        let mut shard = self.lock(key);
        let session = match shard.get(&name, Utc::now()) {
            Some(Slot::Live(session)) => session.clone(),
            Some(Slot::Retired(_)) => return Ok(Touched::Retired),
            None => return Ok(Touched::Missing),
        };
        let until = shard.expiry(&name).unwrap_or(expires_at);
        if let Some(instead) = Touched::instead(&session.data, until, due) {
            return Ok(instead);
        }
        self.keep(&mut shard, name, session, expires_at).map_err(anyhow::Error::from)?;
        Ok(Touched::Prolonged(key.clone()))
    }

    async fn rotate(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Option<Key>, StoreError> {
        let old = key.hash();
        let new = beside(&old);
        let mut shard = self.lock(key);
        let now = Utc::now();
        let Some(Slot::Live(session)) = shard.get(&old, now) else { return Ok(None) };
        let mut session = session.clone();
        apply(changes, &mut session.data);
        self.keep(&mut shard, new.hash(), session, expires_at).map_err(anyhow::Error::from)?;
        let retired = Slot::Retired(new.hash());
        shard.put(old, retired, 0, now + RETIRED, now).map_err(anyhow::Error::from)?;
        Ok(Some(new))
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        let mut shard = self.lock(key);
        if let Some((name, _)) = current(&mut shard, key.hash()) {
            shard.remove(&name);
        }
        Ok(())
    }
}

/// The session under this name, or the one that replaced it a moment ago.
fn current(shard: &mut Bounded<Slot>, mut name: Hash) -> Option<(Hash, Session)> {
    for _ in 0..=FOLLOWED {
        match shard.get(&name, Utc::now())? {
            Slot::Live(session) => return Some((name, session.clone())),
            Slot::Retired(successor) => name = *successor,
        }
    }
    None
}

/// A new key under the same lock as the old one, so that the move is one step. That one of 16
/// is taken costs the new key 4 of its 165 bits.
fn beside(old: &Hash) -> Key {
    loop {
        let key = Key::generate();
        if together(&key.hash(), old) {
            return key;
        }
    }
}

fn apply(changes: &Changes, data: &mut Data) {
    data.retain(|name, _| !changes.removed.contains(name));
    data.extend(changes.changed.clone());
}

#[expect(clippy::cast_possible_truncation, reason = "that is asked for, and it saturates")]
fn whole(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_f64().map(|number| number as i64)).unwrap_or(0)
}
