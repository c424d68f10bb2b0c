//! Stores that keep bytes and compare versions, and the complete [`Store`](crate::Store) made of one.

mod format;
mod locks;
mod versioned;

use std::time::Duration;

use serde_json::Value;

use self::format::{Live, Record, State, now, span};
use self::locks::KeyLocks;
use crate::data::Data;
use crate::error::{Result, StoreError, ValueError};
use crate::key::StoreKey;
use crate::principal::PRINCIPAL;
use crate::store::{Capabilities, MAX_SUCCESSORS, Snapshot};

pub use self::format::{RecordState, record_is_of, record_state};

/// How often a change is tried again while other processes change the same session.
const MAX_ATTEMPTS: u32 = 1000;

/// A function that is shown each record.
pub type Visit<'a> = &'a mut (dyn FnMut(&StoreKey, &[u8]) + Send);

/// A place where bytes are kept under a key and replaced only if nobody else replaced them.
/// [`Versioned`] makes a [`Store`](crate::Store) of it.
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

/// A [`Store`](crate::Store) made of a [`RecordStore`]: every operation is a loop that reads a record and replaces
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
