//! Stores that keep bytes and compare versions, and the complete [`Store`] made of one.

mod format;
mod locks;

use std::time::Duration;

use serde_json::Value;

use self::format::{Live, Record, State, now, span};
use self::locks::KeyLocks;
use crate::data::{Changes, Data, add_to};
use crate::error::{Result, StoreError, ValueError};
use crate::expiry::{Policy, micros};
use crate::key::StoreKey;
use crate::principal::PRINCIPAL;
use crate::store::{
    Added, Capabilities, FOLLOW_PERIOD, Inserted, Loaded, MAX_SUCCESSORS, Merged, NewSession,
    RETIREMENT_PERIOD, Retire, Rotated, Snapshot, Store, Swapped, Touched,
};

pub use self::format::{RecordState, record_is_of, record_state};

/// How often a change is tried again while other processes change the same session.
const MAX_ATTEMPTS: u32 = 1000;

/// A function that is shown each record.
pub type Visit<'a> = &'a mut (dyn FnMut(&StoreKey, &[u8]) + Send);

/// A place where bytes are kept under a key and replaced only if nobody else replaced them.
/// [`Versioned`] makes a [`Store`] of it.
///
/// `ttl` says how long a record matters; the store may drop it afterwards.
pub trait RecordStore: Send + Sync + 'static {
    /// Identifies one state of a record. No two states of a key may share it.
    type Version: Send + Sync;

    /// Returns a record and its version.
    fn get(
        &self,
        key: &StoreKey,
    ) -> impl Future<Output = Result<Option<(Vec<u8>, Self::Version)>>> + Send;

    /// Stores a record; returns `false` if the key has one.
    fn insert(
        &self,
        key: &StoreKey,
        record: &[u8],
        ttl: Duration,
    ) -> impl Future<Output = Result<bool>> + Send;

    /// Replaces a record; returns `false` if it has another version.
    fn replace(
        &self,
        key: &StoreKey,
        expected: &Self::Version,
        record: &[u8],
        ttl: Duration,
    ) -> impl Future<Output = Result<bool>> + Send;

    /// Removes a record; returns `false` if it has another version.
    fn remove(
        &self,
        key: &StoreKey,
        expected: &Self::Version,
    ) -> impl Future<Output = Result<bool>> + Send;

    /// Removes at most `limit` records whose time is up; returns the number. [`record_state`] says
    /// when that is.
    fn remove_expired(&self, _limit: usize) -> impl Future<Output = Result<usize>> + Send {
        async { Ok(0) }
    }

    /// Returns how many records [`RecordStore::remove_expired`] would remove in the end.
    fn count_expired(&self) -> impl Future<Output = Result<usize>> + Send {
        async { Ok(0) }
    }

    /// Shows `visit` every record, for the sessions of a principal.
    fn scan(&self, _visit: Visit<'_>) -> impl Future<Output = Result<()>> + Send {
        async { Err(StoreError::unsupported("scan")) }
    }

    /// Returns whether the backend answers.
    fn ping(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Refuses data that could not be stored.
    ///
    /// # Errors
    /// Says why.
    fn check(&self, _data: &Data) -> Result<(), ValueError> {
        Ok(())
    }

    /// Returns what this store can do. Counters work with every [`RecordStore`], principals with one
    /// that has [`RecordStore::scan`].
    fn capabilities(&self) -> Capabilities {
        Capabilities::new().with_counters(true)
    }
}

/// A [`Store`] made of a [`RecordStore`]: every operation is a loop that reads a record and replaces
/// it if nobody else did. Requests of this process for one session wait for each other, so that only
/// processes contend.
#[derive(Debug)]
pub struct Versioned<R> {
    records: R,
    locks: KeyLocks,
}

/// What a step of the loop does with a record.
enum Write {
    Nothing,
    Put(Record),
    Remove,
}

/// The answer of a change to a live session.
enum Change<T> {
    Applied(T),
    AppliedToSuccessor(T),
    Refused,
    Gone,
}

/// The answer of one step of such a change.
enum Step<T> {
    Done(T),
    Follow(StoreKey),
    Refused,
    Gone,
}

impl<R: RecordStore> Versioned<R> {
    /// Makes a store of `records`.
    pub fn new(records: R) -> Self {
        Self { records, locks: KeyLocks::default() }
    }

    /// Returns the record store.
    pub fn records(&self) -> &R {
        &self.records
    }

    /// Returns the record and the version under a key; a damaged record is `None` with a version.
    async fn read(&self, key: &StoreKey) -> Result<(Option<Record>, Option<R::Version>)> {
        let Some((bytes, version)) = self.records.get(key).await? else { return Ok((None, None)) };
        let record = Record::decode(key, &bytes);
        if record.is_none() {
            log::warn!("session {key:?}: the stored record is damaged, and counts as missing");
        }
        Ok((record, Some(version)))
    }

    /// Writes what follows from `expected`; returns `false` if the record has changed.
    async fn write(
        &self,
        key: &StoreKey,
        expected: Option<&R::Version>,
        write: Write,
    ) -> Result<bool> {
        match (write, expected) {
            (Write::Nothing, _) | (Write::Remove, None) => Ok(true),
            (Write::Remove, Some(version)) => self.records.remove(key, version).await,
            (Write::Put(record), version) => {
                let ttl = span(record.kept_until().saturating_sub(now()));
                let bytes = record.encode(key)?;
                match version {
                    None => self.records.insert(key, &bytes, ttl).await,
                    Some(version) => self.records.replace(key, version, &bytes, ttl).await,
                }
            }
        }
    }

    /// Repeats reading, deciding and writing until nobody wrote in between.
    async fn change<T>(
        &self,
        key: &StoreKey,
        mut decide: impl FnMut(Option<Record>, u64) -> (Write, T) + Send,
    ) -> Result<T>
    where
        T: Send,
    {
        let _lock = self.locks.lock(key).await;
        for attempt in 0..MAX_ATTEMPTS {
            let (record, version) = self.read(key).await?;
            let (write, answer) = decide(record, now());
            if self.write(key, version.as_ref(), write).await? {
                return Ok(answer);
            }
            pause(attempt).await;
        }
        Err(StoreError::contended())
    }

    /// Changes the live session under a key or its successors. `apply` says whether it changed it.
    async fn change_live<T: Send>(
        &self,
        key: &StoreKey,
        mut apply: impl FnMut(&mut Live, u64) -> (bool, T) + Send,
    ) -> Result<Change<T>> {
        let mut target = *key;
        for _ in 0..=MAX_SUCCESSORS {
            let step = self.change(&target, |record, now| match record {
                Some(Record { state: State::Live(mut live), reserved }) if live.ends > now => {
                    let (changed, answer) = apply(&mut live, now);
                    let record = Record { state: State::Live(live), reserved };
                    let write = if changed { Write::Put(record) } else { Write::Nothing };
                    (write, Step::Done(answer))
                }
                Some(Record { state: State::Retired { successor, follow, ends }, .. })
                    if ends > now =>
                {
                    let step = if follow > now { Step::Follow(successor) } else { Step::Refused };
                    (Write::Nothing, step)
                }
                _ => (Write::Nothing, Step::Gone),
            });
            match step.await? {
                Step::Done(answer) if target == *key => return Ok(Change::Applied(answer)),
                Step::Done(answer) => return Ok(Change::AppliedToSuccessor(answer)),
                Step::Follow(successor) => target = successor,
                Step::Refused => return Ok(Change::Refused),
                Step::Gone => return Ok(Change::Gone),
            }
        }
        Ok(Change::Refused)
    }

    /// Removes a record that this call made.
    async fn discard(&self, key: &StoreKey) -> Result<()> {
        self.change(key, |_, _| (Write::Remove, ())).await
    }

    /// Returns the keys and snapshots of a principal's live sessions.
    async fn find(&self, principal: &str) -> Result<Vec<(StoreKey, Snapshot)>> {
        let mut found = Vec::new();
        let now = now();
        self.records
            .scan(&mut |key, bytes| {
                if let Some(Record { state: State::Live(live), .. }) = Record::decode(key, bytes)
                    && live.ends > now
                    && live.data.get(PRINCIPAL).and_then(Value::as_str) == Some(principal)
                {
                    found.push((*key, live.snapshot(now)));
                }
            })
            .await?;
        Ok(found)
    }
}

/// Waits a little longer after each failed attempt, and not as long as the other process.
async fn pause(attempt: u32) {
    let jitter = u64::from(now().to_le_bytes()[0]);
    let micros = u64::from(attempt.min(20)) * (50 + jitter);
    tokio::time::sleep(Duration::from_micros(micros)).await;
}

impl<R: RecordStore> Store for Versioned<R> {
    async fn load(&self, key: &StoreKey) -> Result<Loaded> {
        let (record, _) = self.read(key).await?;
        let now = now();
        Ok(match record {
            Some(Record { state: State::Live(live), .. }) if live.ends > now => {
                Loaded::Found(live.snapshot(now))
            }
            Some(Record { state: State::Retired { ends, .. }, .. }) if ends > now => {
                Loaded::Retired
            }
            Some(record) if record.reserved > now => Loaded::Ended,
            _ => Loaded::Missing,
        })
    }

    async fn insert(
        &self,
        key: &StoreKey,
        session: &NewSession,
        policy: &Policy,
    ) -> Result<Inserted> {
        self.change(key, |record, now| {
            if record.is_some_and(|record| record.kept_until() > now) {
                return (Write::Nothing, Inserted::Conflict);
            }
            let live = Live::new(session, policy, now);
            let life = live.life(now);
            let reserved = session.reserved.map_or(0, |span| now.saturating_add(micros(span)));
            (Write::Put(Record { state: State::Live(live), reserved }), Inserted::Created(life))
        })
        .await
    }

    async fn merge(&self, key: &StoreKey, changes: &Changes, policy: &Policy) -> Result<Merged> {
        let change = self.change_live(key, |live, now| {
            live.merge(changes, policy, now);
            (true, live.life(now))
        });
        Ok(match change.await? {
            Change::Applied(life) => Merged::Applied(life),
            Change::AppliedToSuccessor(_) => Merged::AppliedToSuccessor,
            Change::Refused => Merged::Refused,
            Change::Gone => Merged::Gone,
        })
    }

    async fn touch(&self, key: &StoreKey, policy: &Policy) -> Result<Touched> {
        self.change(key, |record, now| match record {
            Some(Record { state: State::Live(mut live), reserved }) if live.ends > now => {
                if !policy.is_due(live.life(now)) {
                    return (Write::Nothing, Touched::Fresh);
                }
                live.extend(policy, now);
                let life = live.life(now);
                (Write::Put(Record { state: State::Live(live), reserved }), Touched::Extended(life))
            }
            Some(Record { state: State::Retired { ends, .. }, .. }) if ends > now => {
                (Write::Nothing, Touched::Retired)
            }
            _ => (Write::Nothing, Touched::Gone),
        })
        .await
    }

    /// Stores the session under the new key first, which nobody else knows, and then replaces the
    /// old record: whoever finds that retired finds the other.
    async fn rotate(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        changes: &Changes,
        retire: Retire,
        policy: &Policy,
    ) -> Result<Rotated> {
        let _lock = self.locks.lock(old).await;
        for attempt in 0..MAX_ATTEMPTS {
            let (record, version) = self.read(old).await?;
            let now = now();
            let (mut live, reserved) = match record {
                Some(Record { state: State::Live(live), reserved }) if live.ends > now => {
                    (live, reserved)
                }
                Some(Record { state: State::Retired { ends, .. }, .. }) if ends > now => {
                    return Ok(Rotated::Retired);
                }
                _ => return Ok(Rotated::Gone),
            };
            live.merge(changes, policy, now);
            let life = live.life(now);
            let moved = Record { state: State::Live(live), reserved: 0 };
            if !self.write(new, None, Write::Put(moved)).await? {
                return Err(StoreError::other("the new key is in use"));
            }
            let follow = match retire {
                Retire::Follow => now.saturating_add(micros(FOLLOW_PERIOD)),
                Retire::Refuse => 0,
            };
            let ends = now.saturating_add(micros(RETIREMENT_PERIOD));
            let state = State::Retired { successor: *new, follow, ends };
            let retired = Write::Put(Record { state, reserved });
            if self.write(old, version.as_ref(), retired).await? {
                return Ok(Rotated::Rotated(life));
            }
            self.discard(new).await?;
            pause(attempt).await;
        }
        Err(StoreError::contended())
    }

    async fn delete(&self, key: &StoreKey, reserve: Option<Duration>) -> Result<()> {
        let (mut target, mut reserve) = (*key, reserve);
        for _ in 0..=MAX_SUCCESSORS {
            let next = self.change(&target, |record, now| {
                let wanted = reserve.map_or(0, |span| now.saturating_add(micros(span)));
                let reserved = wanted.max(record.as_ref().map_or(0, |record| record.reserved));
                match record {
                    Some(Record {
                        state: state @ State::Retired { successor, ends, .. }, ..
                    }) if ends > now => (Write::Put(Record { state, reserved }), Some(successor)),
                    _ if reserved > now => {
                        (Write::Put(Record { state: State::Ended, reserved }), None)
                    }
                    _ => (Write::Remove, None),
                }
            });
            match next.await? {
                Some(successor) => (target, reserve) = (successor, None),
                None => break,
            }
        }
        Ok(())
    }

    async fn swap(
        &self,
        key: &StoreKey,
        field: &str,
        expected: &Value,
        new: &Value,
        policy: &Policy,
    ) -> Result<Swapped> {
        let change = self.change_live(key, |live, now| {
            let stored = live.data.get(field).unwrap_or(&Value::Null);
            if stored != expected {
                return (false, Err(stored.clone()));
            }
            live.data.insert(field.to_owned(), new.clone());
            live.extend(policy, now);
            (true, Ok(live.snapshot(now)))
        });
        Ok(match change.await? {
            Change::Applied(Ok(snapshot)) => Swapped::Applied(snapshot),
            Change::AppliedToSuccessor(Ok(snapshot)) => Swapped::AppliedToSuccessor(snapshot),
            Change::Applied(Err(stored)) | Change::AppliedToSuccessor(Err(stored)) => {
                Swapped::Differs(stored)
            }
            Change::Refused => Swapped::Refused,
            Change::Gone => Swapped::Gone,
        })
    }

    async fn add(&self, key: &StoreKey, field: &str, by: i64, policy: &Policy) -> Result<Added> {
        let change = self.change_live(key, |live, now| {
            add_to(&mut live.data, field, by);
            live.extend(policy, now);
            (true, live.snapshot(now))
        });
        Ok(match change.await? {
            Change::Applied(snapshot) => Added::Applied(snapshot),
            Change::AppliedToSuccessor(snapshot) => Added::AppliedToSuccessor(snapshot),
            Change::Refused => Added::Refused,
            Change::Gone => Added::Gone,
        })
    }

    fn check(&self, data: &Data) -> Result<(), ValueError> {
        self.records.check(data)
    }

    fn capabilities(&self) -> Capabilities {
        self.records.capabilities()
    }

    async fn delete_expired(&self, limit: usize) -> Result<usize> {
        self.records.remove_expired(limit).await
    }

    async fn count_expired(&self) -> Result<usize> {
        self.records.count_expired().await
    }

    async fn ping(&self) -> Result<()> {
        self.records.ping().await
    }

    async fn sessions_of(&self, principal: &str) -> Result<Vec<(StoreKey, Snapshot)>> {
        self.find(principal).await
    }

    async fn delete_of(&self, principal: &str, except: Option<&StoreKey>) -> Result<usize> {
        let mut ended = 0;
        for (key, _) in self.find(principal).await? {
            if Some(&key) != except {
                self.delete(&key, None).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }
}
