//! The arguments and answers of store calls.

use std::time::Duration;

use serde_json::Value;

#[expect(unused_imports, reason = "for the documentation")]
use super::{FOLLOW_PERIOD, Store};
use crate::data::Data;
use crate::expiry::{Expiry, Life};

/// A live session as stored.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// All values.
    pub data: Data,
    /// The time since the session was created.
    pub age: Duration,
    /// The expiry and the remaining time.
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
    /// The time since the session was created; more than zero if it was kept in a cookie before.
    pub age: Duration,
    /// The time for which the key cannot be used for another session, even after this one ends.
    pub reserved: Option<Duration>,
}

/// The answer to [`Store::load`].
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    /// The session is live.
    Found(Snapshot),
    /// The key was recently replaced by another one.
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
    /// The changes are stored under the key that replaced this one. Only the request that replaced
    /// it knows that key, so no cookie may be sent.
    AppliedToSuccessor,
    /// The key was retired by a login or more than [`FOLLOW_PERIOD`] ago; nothing was stored.
    Refused,
    /// There is no live session; nothing was stored.
    Gone,
}

/// The effect of writes with a retired key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retire {
    /// They apply to the successor for [`FOLLOW_PERIOD`].
    Follow,
    /// They are refused, because the session gained rights that the old id must not share.
    Refuse,
}

/// The answer to [`Store::rotate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotated {
    /// The session is live under the new key, with the changes.
    Rotated(Life),
    /// The old key is retired already; nothing was stored.
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
    /// The store cannot add atomically; the caller writes the value with its other changes.
    Deferred,
}

/// The answer to [`Store::swap`].
#[derive(Debug, Clone, PartialEq)]
pub enum Swapped {
    /// The session after the write.
    Applied(Snapshot),
    /// As [`Merged::AppliedToSuccessor`].
    AppliedToSuccessor(Snapshot),
    /// The stored value, which differs from the expected one; nothing was stored.
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
    /// The deadline was moved.
    Extended(Life),
    /// The gain is below the threshold; nothing was written.
    Fresh,
    /// As [`Loaded::Retired`].
    Retired,
    /// There is no live session.
    Gone,
}

/// The optional abilities of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// [`Store::add`] and [`Store::swap`] are atomic.
    pub counters: bool,
    /// [`Store::sessions_of`] and [`Store::delete_of`] work.
    pub principals: bool,
    /// The precision of deadlines.
    pub granularity: Duration,
    /// The store may drop live sessions and reservations when it runs out of memory.
    pub evicts: bool,
}

impl Default for Capabilities {
    /// Returns the capabilities of a store that has the required methods only.
    fn default() -> Self {
        let granularity = Duration::from_millis(1);
        Self { counters: false, principals: false, granularity, evicts: false }
    }
}

/// The result of changing a live session, from which the stores make their answers.
pub(crate) enum Changed<T> {
    Applied(T),
    AppliedToSuccessor(T),
    Refused,
    Gone,
}

#[cfg(any(feature = "diesel-postgres", feature = "redis"))]
impl<T> Changed<T> {
    pub(crate) fn map<U>(self, map: impl FnOnce(T) -> U) -> Changed<U> {
        match self {
            Self::Applied(value) => Changed::Applied(map(value)),
            Self::AppliedToSuccessor(value) => Changed::AppliedToSuccessor(map(value)),
            Self::Refused => Changed::Refused,
            Self::Gone => Changed::Gone,
        }
    }
}

impl From<Changed<Life>> for Merged {
    fn from(changed: Changed<Life>) -> Self {
        match changed {
            Changed::Applied(life) => Self::Applied(life),
            Changed::AppliedToSuccessor(_) => Self::AppliedToSuccessor,
            Changed::Refused => Self::Refused,
            Changed::Gone => Self::Gone,
        }
    }
}

impl From<Changed<Snapshot>> for Added {
    fn from(changed: Changed<Snapshot>) -> Self {
        match changed {
            Changed::Applied(snapshot) => Self::Applied(snapshot),
            Changed::AppliedToSuccessor(snapshot) => Self::AppliedToSuccessor(snapshot),
            Changed::Refused => Self::Refused,
            Changed::Gone => Self::Gone,
        }
    }
}

/// `Err` is the stored value that differs from the expected one.
impl From<Changed<Result<Snapshot, Value>>> for Swapped {
    fn from(changed: Changed<Result<Snapshot, Value>>) -> Self {
        match changed {
            Changed::Applied(Ok(snapshot)) => Self::Applied(snapshot),
            Changed::AppliedToSuccessor(Ok(snapshot)) => Self::AppliedToSuccessor(snapshot),
            Changed::Applied(Err(stored)) | Changed::AppliedToSuccessor(Err(stored)) => {
                Self::Differs(stored)
            }
            Changed::Refused => Self::Refused,
            Changed::Gone => Self::Gone,
        }
    }
}
