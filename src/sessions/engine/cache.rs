//! Sessions in a cache and nowhere else: fast, and gone when the cache is.

pub mod address;
pub mod bounded;
pub mod connection;
mod memory;
mod redis;
pub mod shards;

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

use self::address::Address;
pub use self::memory::MemoryCache;
pub use self::redis::{RedisCache, last_millisecond, name};
use super::{Added, Engine, Loaded, Merged, StoreError, Touched};
use crate::sessions::data::{Changes, Data};
use crate::sessions::key::Key;

/// How long a retired key is remembered.
pub const RETIRED: TimeDelta = TimeDelta::minutes(2);

/// Rotations that a request under way is followed through.
const FOLLOWED: usize = 4;

/// Keeps sessions in one of two caches.
///
/// `memory://` is for one process: another one, or the next start, knows none of its sessions.
/// It holds 64 MiB, or as many bytes as `memory://?bytes=…` says, counted roughly and in sixteen
/// equal parts. When a part is full, what was not used for the longest time goes, alive or not;
/// a session larger than a part is refused. `redis://…` is for any number of processes; its
/// memory is bounded by Redis' own settings, and a retired key may be forgotten early when Redis
/// evicts keys. Redis Cluster is not supported.
#[derive(Clone)]
pub enum CacheEngine {
    Memory(MemoryCache),
    Redis(RedisCache),
}

impl CacheEngine {
    /// Needs no running Redis yet. All keys in Redis begin with `prefix`; no session lives longer
    /// than `absolute` after it was made, whatever is done with it.
    ///
    /// # Errors
    /// When `url` names no cache that is supported.
    pub fn open(url: &str, prefix: &str, absolute: Option<Duration>) -> anyhow::Result<Self> {
        Ok(match Address::parse(url)? {
            Address::Memory { bytes } => Self::Memory(MemoryCache::new(bytes, absolute)),
            Address::Redis { url } => {
                let cache = RedisCache::new(url, prefix, absolute);
                Self::Redis(cache.context("SESSION_CACHE_URL")?)
            }
        })
    }

    /// Whether the cache is there: one in this process always is.
    pub async fn answers(&self) -> bool {
        match self {
            Self::Memory(_) => true,
            Self::Redis(cache) => cache.answers().await,
        }
    }

    /// Nothing to do: both caches forget expired sessions by themselves.
    ///
    /// # Errors
    /// None; as the other engines'.
    #[expect(clippy::unused_async, reason = "as the other engines'")]
    pub async fn clear_expired(&self, _limit: usize, _dry_run: bool) -> Result<usize, StoreError> {
        Ok(0)
    }
}

/// Calls the same method of whichever cache it is.
macro_rules! chosen {
    ($any:expr, $cache:ident => $call:expr) => {
        match $any {
            Self::Memory($cache) => $call,
            Self::Redis($cache) => $call,
        }
    };
}

impl Engine for CacheEngine {
    async fn load(&self, key: &Key) -> Result<Loaded, StoreError> {
        chosen!(self, cache => cache.load(key).await)
    }

    async fn insert(&self, data: &Data, expires_at: DateTime<Utc>) -> Result<Key, StoreError> {
        chosen!(self, cache => cache.insert(data, expires_at).await)
    }

    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Merged, StoreError> {
        chosen!(self, cache => cache.merge(key, changes, expires_at).await)
    }

    async fn add(
        &self,
        key: &Key,
        name: &str,
        by: i64,
        expires_at: DateTime<Utc>,
    ) -> Result<Added, StoreError> {
        chosen!(self, cache => cache.add(key, name, by, expires_at).await)
    }

    async fn touch(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<Touched, StoreError> {
        chosen!(self, cache => cache.touch(key, expires_at, due).await)
    }

    async fn rotate(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Option<Key>, StoreError> {
        chosen!(self, cache => cache.rotate(key, changes, expires_at).await)
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        chosen!(self, cache => cache.delete(key).await)
    }
}
