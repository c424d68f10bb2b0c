//! [`RecordStore`], the interface of stores that compare and swap bytes, and [`Versioned`], the
//! complete [`Store`](crate::Store) on top of one.

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
use crate::store::{Capabilities, Changed, MAX_SUCCESSORS, Snapshot};

pub use self::format::{RecordState, record_is_of, record_state};

/// The number of attempts at a change while other processes change the same session.
const MAX_ATTEMPTS: u32 = 1000;

/// A function that is called with each record.
pub type Visit<'a> = &'a mut (dyn FnMut(&StoreKey, &[u8]) + Send);

/// A store of bytes with compare-and-swap. [`Versioned`] makes a [`Store`](crate::Store) of it.
///
/// `ttl` is the time after which the store may drop a record.
pub trait RecordStore: Send + Sync + 'static {
    /// Identifies one state of a record. Two states of a key never have the same version.
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

    /// Removes at most `limit` expired records; returns their number. [`record_state`] returns when
    /// a record expires.
    fn remove_expired(&self, _limit: usize) -> impl Future<Output = Result<usize>> + Send {
        async { Ok(0) }
    }

    /// Returns the number of records that repeated calls of [`RecordStore::remove_expired`] would
    /// remove.
    fn count_expired(&self) -> impl Future<Output = Result<usize>> + Send {
        async { Ok(0) }
    }

    /// Calls `visit` with every record, to find the sessions of a principal.
    fn scan(&self, _visit: Visit<'_>) -> impl Future<Output = Result<()>> + Send {
        async { Err(StoreError::unsupported("scan")) }
    }

    /// Checks that the backend answers.
    fn ping(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Checks that data can be stored.
    ///
    /// # Errors
    /// When they cannot, with the reason.
    fn check(&self, _data: &Data) -> Result<(), ValueError> {
        Ok(())
    }

    /// Returns the abilities of this store. Counters work with every [`RecordStore`], principals
    /// with one that implements [`RecordStore::scan`].
    fn capabilities(&self) -> Capabilities {
        Capabilities { counters: true, ..Capabilities::default() }
    }
}

/// A [`Store`](crate::Store) on top of a [`RecordStore`]. Every operation reads a record and
/// replaces it unless it has changed meanwhile; else it starts again. Requests of this process for
/// one session wait for each other, so that only processes contend.
#[derive(Debug)]
pub struct Versioned<R> {
    records: R,
    locks: KeyLocks,
}

/// The write that an operation decides on after reading a record.
enum Write {
    Nothing,
    Put(Record),
    Remove,
}

/// The result of one step through the successors of a key.
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

    /// Returns the record and the version under a key. A damaged record is `None` with a version.
    async fn read(&self, key: &StoreKey) -> Result<(Option<Record>, Option<R::Version>)> {
        let Some((bytes, version)) = self.records.get(key).await? else { return Ok((None, None)) };
        let record = Record::decode(key, &bytes);
        if record.is_none() {
            log::warn!("session {key:?}: the stored record is damaged and ignored");
        }
        Ok((record, Some(version)))
    }

    /// Writes unless the record no longer has the version `expected`; then returns `false`.
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

    /// Reads, decides and writes, again if another process wrote in between.
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

    /// Changes the live session under a key or its successors. `apply` returns whether it changed
    /// the session, and the answer.
    async fn change_live<T: Send>(
        &self,
        key: &StoreKey,
        mut apply: impl FnMut(&mut Live, u64) -> (bool, T) + Send,
    ) -> Result<Changed<T>> {
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
                Step::Done(answer) if target == *key => return Ok(Changed::Applied(answer)),
                Step::Done(answer) => return Ok(Changed::AppliedToSuccessor(answer)),
                Step::Follow(successor) => target = successor,
                Step::Refused => return Ok(Changed::Refused),
                Step::Gone => return Ok(Changed::Gone),
            }
        }
        Ok(Changed::Refused)
    }

    /// Removes a record that this call created.
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

/// Waits longer after each failed attempt, with jitter so that two processes do not stay in step.
async fn pause(attempt: u32) {
    let jitter = u64::from(now().to_le_bytes()[0]);
    let micros = u64::from(attempt.min(20)) * (50 + jitter);
    tokio::time::sleep(Duration::from_micros(micros)).await;
}
