//! The cache in front of the database: copies, and permits to make them.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

use super::memory::MemoryCopies;
use super::redis::RedisCopies;
use crate::sessions::data::Data;
use crate::sessions::engine::cache::address::Address;
use crate::sessions::key::Key;
use crate::sessions::metrics::METRICS;

/// No method fails: a cache that does not answer has nothing, and is told what it missed before
/// it is used again.
///
/// `memory://` is for one process: what another one writes is seen here after a minute. With
/// `redis://` every process sees every write at once. Redis gone and back, or frozen and awake,
/// with its data: every process notices and discards them all. Only while one process is cut off
/// from a Redis that others still reach do those others see what it writes up to a minute late.
#[derive(Clone)]
pub enum Copies {
    Memory(MemoryCopies),
    Redis(RedisCopies),
}

/// What the cache has of a session.
pub enum Look {
    Found(Data),
    /// With the permit, if there may be one now, to keep a copy of what the database says next.
    Absent(Option<Permit>),
}

/// Void as soon as a write of that session begins or ends.
pub enum Permit {
    Memory(u64),
    Redis(String),
}

/// A write under way.
pub enum Begun {
    Memory(u64),
    Redis(String),
    /// The cache does not know of it.
    Unnoticed,
}

impl Copies {
    /// Needs no running Redis yet. All keys in Redis begin with `prefix`.
    ///
    /// # Errors
    /// When `url` names no cache that is supported.
    pub fn open(url: &str, prefix: &str) -> anyhow::Result<Self> {
        Ok(match Address::parse(url)? {
            Address::Memory { bytes } => Self::Memory(MemoryCopies::new(bytes)),
            Address::Redis { url } => {
                Self::Redis(RedisCopies::new(url, prefix).context("SESSION_CACHE_URL")?)
            }
        })
    }

    /// Whether the cache is there: one in this process always is.
    pub async fn answers(&self) -> bool {
        match self {
            Self::Memory(_) => true,
            Self::Redis(copies) => copies.answers().await,
        }
    }

    pub async fn look(&self, key: &Key) -> Look {
        let look = match self {
            Self::Memory(copies) => copies.look(key),
            Self::Redis(copies) => copies.look(key).await,
        };
        METRICS.copy(matches!(look, Look::Found(_)));
        look
    }

    /// Keeps a copy until then, if the permit still holds.
    pub async fn keep(&self, key: &Key, permit: Permit, data: &Data, until: DateTime<Utc>) {
        match (self, permit) {
            (Self::Memory(copies), Permit::Memory(permit)) => copies.keep(key, permit, data, until),
            (Self::Redis(copies), Permit::Redis(permit)) => {
                copies.keep(key, permit, data, until).await;
            }
            _ => {}
        }
    }

    /// Before a write: removes the copy and gives out no permits for so long, or until
    /// [`Copies::done`].
    pub async fn begin(&self, key: &Key, longest: TimeDelta) -> Begun {
        match self {
            Self::Memory(copies) => copies.begin(key, longest),
            Self::Redis(copies) => copies.begin(key, longest).await,
        }
    }

    /// After it: whoever reads the database from now on sees what was written.
    pub async fn done(&self, key: &Key, begun: Begun) {
        match self {
            Self::Memory(copies) => copies.done(key, &begun),
            Self::Redis(copies) => copies.done(key, &begun).await,
        }
    }

    /// Nobody knows whether it was written: the time given at its beginning must pass.
    pub fn unsure(&self, begun: Begun) {
        if let (Self::Redis(copies), Begun::Unnoticed) = (self, begun) {
            copies.missed();
        }
    }
}
