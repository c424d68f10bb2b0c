//! Sessions in the memory of this process.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::data::Data;
use crate::error::{Result, ValueError};
use crate::key::StoreKey;
use crate::record::{RecordStore, Versioned, Visit};
use crate::store::{Capabilities, delegate_store};

const DEFAULT_LIMIT: usize = 64 << 20;

/// The share of one entry in the tables, in bytes, roughly.
const ENTRY_OVERHEAD: usize = 320;

/// Keeps sessions in the memory of this process, up to a number of bytes: another process, or the
/// next start, knows none of them. When it is full, the records that end soonest are dropped; for
/// sessions without an expiry of their own these are the least recently written. Clones share the
/// sessions.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Versioned<Records>>);

impl Memory {
    /// Makes a store of 64 MiB.
    pub fn new() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }

    /// Makes a store of at most so many bytes, counted roughly.
    pub fn with_limit(bytes: usize) -> Self {
        let map = Map { limit: bytes, ..Map::default() };
        Self(Arc::new(Versioned::new(Records(Mutex::new(map)))))
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

delegate_store!(Memory, 0);

#[derive(Debug)]
struct Records(Mutex<Map>);

#[derive(Debug, Default)]
struct Map {
    entries: HashMap<StoreKey, Entry>,
    by_end: BTreeSet<(Instant, StoreKey)>,
    versions: u64,
    bytes: usize,
    limit: usize,
}

#[derive(Debug)]
struct Entry {
    record: Vec<u8>,
    version: u64,
    ends: Instant,
}

impl Records {
    fn map(&self) -> MutexGuard<'_, Map> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Map {
    fn put(&mut self, key: StoreKey, record: &[u8], ttl: Duration) {
        self.take(&key);
        let now = Instant::now();
        self.bytes += size(record);
        while self.bytes > self.limit
            && let Some(&(_, first)) = self.by_end.first()
        {
            self.take(&first);
        }
        self.versions += 1;
        let century = Duration::from_secs(100 * 365 * 86_400);
        let ends = now + ttl.min(century);
        self.by_end.insert((ends, key));
        let entry = Entry { record: record.to_owned(), version: self.versions, ends };
        self.entries.insert(key, entry);
    }

    fn take(&mut self, key: &StoreKey) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= size(&entry.record);
            self.by_end.remove(&(entry.ends, *key));
        }
    }

    fn is_version(&self, key: &StoreKey, version: u64) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.version == version)
    }

    /// Returns the keys of records whose time is up.
    fn expired(&self) -> impl Iterator<Item = StoreKey> {
        let now = Instant::now();
        self.by_end.iter().take_while(move |(ends, _)| *ends <= now).map(|(_, key)| *key)
    }
}

fn size(record: &[u8]) -> usize {
    record.len() + ENTRY_OVERHEAD
}

impl RecordStore for Records {
    type Version = u64;

    async fn get(&self, key: &StoreKey) -> Result<Option<(Vec<u8>, u64)>> {
        Ok(self.map().entries.get(key).map(|entry| (entry.record.clone(), entry.version)))
    }

    async fn insert(&self, key: &StoreKey, record: &[u8], ttl: Duration) -> Result<bool> {
        let mut map = self.map();
        let free = !map.entries.contains_key(key);
        if free {
            map.put(*key, record, ttl);
        }
        Ok(free)
    }

    async fn replace(
        &self,
        key: &StoreKey,
        expected: &u64,
        record: &[u8],
        ttl: Duration,
    ) -> Result<bool> {
        let mut map = self.map();
        let same = map.is_version(key, *expected);
        if same {
            map.put(*key, record, ttl);
        }
        Ok(same)
    }

    async fn remove(&self, key: &StoreKey, expected: &u64) -> Result<bool> {
        let mut map = self.map();
        let same = map.is_version(key, *expected);
        if same {
            map.take(key);
        }
        Ok(same)
    }

    async fn remove_expired(&self, limit: usize) -> Result<usize> {
        let mut map = self.map();
        let expired: Vec<StoreKey> = map.expired().take(limit).collect();
        for key in &expired {
            map.take(key);
        }
        Ok(expired.len())
    }

    async fn count_expired(&self) -> Result<usize> {
        Ok(self.map().expired().count())
    }

    async fn scan(&self, visit: Visit<'_>) -> Result<()> {
        for (key, entry) in &self.map().entries {
            visit(key, &entry.record);
        }
        Ok(())
    }

    fn check(&self, data: &Data) -> Result<(), ValueError> {
        let limit = self.map().limit;
        let bytes = serde_json::to_vec(data).map_err(|_error| ValueError::Json)?;
        let size = size(&bytes) + ENTRY_OVERHEAD;
        if size > limit { Err(ValueError::TooLarge { limit, size }) } else { Ok(()) }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            counters: true,
            principals: true,
            granularity: Duration::from_micros(1),
            evicts: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: u8) -> StoreKey {
        StoreKey::from_bytes([name; 32])
    }

    /// Three records of 1000 bytes fit.
    fn full(lives: [u64; 3]) -> Map {
        let mut map = Map { limit: 3 * (1000 + ENTRY_OVERHEAD), ..Map::default() };
        for (name, seconds) in (1..).zip(lives) {
            map.put(key(name), &[0; 1000], Duration::from_secs(seconds));
        }
        map
    }

    #[test]
    fn full_map_drops_the_earliest_expiry() {
        let mut map = full([60, 20, 40]);
        map.put(key(4), &[0; 1000], Duration::from_secs(50));
        let kept: Vec<u8> = (1..=4).filter(|name| map.entries.contains_key(&key(*name))).collect();
        assert_eq!(kept, [1, 3, 4]);
    }

    #[test]
    fn session_larger_than_the_store_is_refused() {
        let store = Memory::with_limit(2000);
        let session = |size| Data::from_iter([("k".to_owned(), "x".repeat(size).into())]);
        assert!(crate::Store::check(&store, &session(1000)).is_ok());
        let refused = crate::Store::check(&store, &session(2000));
        assert!(matches!(refused, Err(ValueError::TooLarge { limit: 2000, .. })));
    }

    #[test]
    fn removal_leaves_nothing_behind() {
        let mut map = full([60, 60, 60]);
        (1..=3).for_each(|name| map.take(&key(name)));
        assert_eq!((map.bytes, map.by_end.len(), map.entries.len()), (0, 0, 0));
    }
}
