//! What goes into a store, and what comes out of it.

use std::time::Duration;

use serde_json::Value;

#[expect(unused_imports, reason = "for the documentation")]
use super::{FOLLOW_PERIOD, Store};
use crate::data::Data;
use crate::expiry::{Expiry, Life};

/// A live session as the store has it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// All values.
    pub data: Data,
    /// The time since the session was made.
    pub age: Duration,
    /// Its expiry and the time left.
    pub life: Life,
}

impl Snapshot {
    /// Returns a snapshot of these parts.
    pub fn new(data: Data, age: Duration, life: Life) -> Self {
        Self { data, age, life }
    }
}

/// A session to be stored for the first time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewSession {
    /// All values.
    pub data: Data,
    /// The session's own expiry.
    pub expiry: Expiry,
    /// The time since the session was made, which may have been in a cookie.
    pub age: Duration,
    /// For so long no second session can be made under this key, whatever happens to this one.
    pub reserved: Option<Duration>,
}

/// The answer to [`Store::load`].
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    /// The session is live.
    Found(Snapshot),
    /// The key was given up for another one a short time ago.
    Retired,
    /// The session was erased or has expired, and its key is still reserved.
    Ended,
    /// Nothing is known about the key.
    Missing,
}

/// The answer to [`Store::insert`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// The session is stored.
    Created(Life),
    /// The key is live, retired or reserved; nothing was stored.
    Conflict,
}

/// The answer to [`Store::merge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merged {
    /// The changes are stored.
    Applied(Life),
    /// The changes are stored under the key that replaced this one, which only the request that
    /// made it knows: no cookie may be sent.
    AppliedToSuccessor,
    /// The key was retired by a login, or too long ago; nothing was stored.
    Refused,
    /// There is no live session; nothing was stored.
    Gone,
}

/// Whether writes with a retired key reach its successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retire {
    /// They do, for [`FOLLOW_PERIOD`]: the same visitor has a new id.
    Follow,
    /// They do not: the session gained rights that the old id must not share.
    Refuse,
}

/// The answer to [`Store::rotate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotated {
    /// The session is live under the new key, with the changes.
    Rotated(Life),
    /// The old key was retired before; nothing was stored.
    Retired,
    /// There is no live session; nothing was stored.
    Gone,
}

/// The answer to [`Store::add`].
#[derive(Debug, Clone, PartialEq)]
pub enum Added {
    /// The session after the addition.
    Applied(Snapshot),
    /// As [`Merged::AppliedToSuccessor`].
    AppliedToSuccessor(Snapshot),
    /// As [`Merged::Refused`].
    Refused,
    /// As [`Merged::Gone`].
    Gone,
    /// This store cannot do it atomically: the value is written with the other changes.
    Deferred,
}

/// The answer to [`Store::swap`].
#[derive(Debug, Clone, PartialEq)]
pub enum Swapped {
    /// The session after the write.
    Applied(Snapshot),
    /// As [`Merged::AppliedToSuccessor`].
    AppliedToSuccessor(Snapshot),
    /// The stored value is this one and not the expected one; nothing was stored.
    Differs(Value),
    /// As [`Merged::Refused`].
    Refused,
    /// As [`Merged::Gone`].
    Gone,
    /// As [`Added::Deferred`].
    Deferred,
}

/// The answer to [`Store::touch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// The session lives longer now.
    Extended(Life),
    /// It would gain too little; nothing was written.
    Fresh,
    /// As [`Loaded::Retired`].
    Retired,
    /// There is no live session.
    Gone,
}

/// What a store can do beyond the required methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// [`Store::add`] and [`Store::swap`] are atomic.
    pub counters: bool,
    /// [`Store::sessions_of`] and [`Store::delete_of`] work.
    pub principals: bool,
    /// The precision of deadlines.
    pub granularity: Duration,
    /// Live sessions and reservations may be dropped when memory is short.
    pub evicts: bool,
}

impl Capabilities {
    /// Returns the capabilities of a store with the required methods alone.
    pub const fn new() -> Self {
        let granularity = Duration::from_millis(1);
        Self { counters: false, principals: false, granularity, evicts: false }
    }

    /// [`Store::add`] and [`Store::swap`] are atomic.
    pub const fn with_counters(self, counters: bool) -> Self {
        Self { counters, ..self }
    }

    /// [`Store::sessions_of`] and [`Store::delete_of`] work.
    pub const fn with_principals(self, principals: bool) -> Self {
        Self { principals, ..self }
    }

    /// The precision of deadlines.
    pub const fn with_granularity(self, granularity: Duration) -> Self {
        Self { granularity, ..self }
    }

    /// Sessions may be dropped when memory is short.
    pub const fn with_eviction(self, evicts: bool) -> Self {
        Self { evicts, ..self }
    }
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::new()
    }
}
