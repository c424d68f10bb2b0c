//! The cache in front of the database: copies, and permits to make them.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

use super::memory::MemoryCopies;
use super::redis::{RedisCopies, Unnoticed};
use crate::db::Pool;
use crate::sessions::data::Data;
use crate::sessions::engine::cache::address::Address;
use crate::sessions::key::Key;
use crate::sessions::metrics::METRICS;

/// A cache that does not answer has nothing.
///
/// `memory://` is for one process: what another one writes is seen here after a minute. With
/// `redis://` every process sees every write at once, whatever becomes of Redis and of the way there:
/// a process that cannot tell Redis of a write has the database tell all others to use no copies, and
/// the write is done when they have heard. That takes an unbroken connection to lead to one Redis.
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
    Redis { epoch: String, permit: String },
}

/// A write under way. Dropped before [`Copies::done`], nobody knows whether it was written: the time
/// given at its beginning must pass.
pub enum Begun {
    Memory(u64),
    Redis(String),
    Unnoticed(Unnoticed),
}

impl Copies {
    /// Needs no running Redis yet. All keys in Redis begin with `prefix`.
    ///
    /// # Errors
    /// When `url` names no cache that is supported.
    pub fn open(url: &str, prefix: &str, pool: &Pool) -> anyhow::Result<Self> {
        Ok(match Address::parse(url)? {
            Address::Memory { bytes } => Self::Memory(MemoryCopies::new(bytes)),
            Address::Redis { url } => {
                Self::Redis(RedisCopies::new(url, prefix, pool).context("SESSION_CACHE_URL")?)
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
            (Self::Redis(copies), Permit::Redis { epoch, permit }) => {
                copies.keep(key, (epoch, permit), data, until).await;
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

    /// After it: whoever loads the session from now on sees what was written.
    ///
    /// # Errors
    /// When that cannot be made sure.
    pub async fn done(&self, key: &Key, begun: Begun) -> anyhow::Result<()> {
        match self {
            Self::Memory(copies) => copies.done(key, &begun),
            Self::Redis(copies) => copies.done(key, begun).await?,
        }
        Ok(())
    }
}
