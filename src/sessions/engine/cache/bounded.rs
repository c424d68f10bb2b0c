//! A map that holds no more than so many bytes and forgets what has expired.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::sessions::data::Data;

/// What a store keeps in place of a key.
pub type Hash = [u8; 32];

/// An entry's share of this map's own tables, roughly.
const ENTRY: usize = 320;

/// One field's share of a `BTreeMap`'s nodes, roughly.
const FIELD: usize = 16;

/// More than the whole map may hold.
#[derive(Debug, thiserror::Error)]
#[error("{bytes} bytes are more than the {limit} that this part of the cache may hold")]
pub struct TooLarge {
    bytes: usize,
    limit: usize,
}

/// When full, what has expired goes first, then what was not used for the longest time.
pub struct Bounded<T> {
    entries: HashMap<Hash, Entry<T>>,
    by_expiry: BTreeSet<(DateTime<Utc>, Hash)>,
    by_use: BTreeMap<u64, Hash>,
    uses: u64,
    bytes: usize,
    limit: usize,
}

struct Entry<T> {
    value: T,
    expires_at: DateTime<Utc>,
    bytes: usize,
    used: u64,
}

impl<T> Bounded<T> {
    pub fn new(limit: usize) -> Self {
        Self {
            entries: HashMap::new(),
            by_expiry: BTreeSet::new(),
            by_use: BTreeMap::new(),
            uses: 0,
            bytes: 0,
            limit,
        }
    }

    /// `None` from the very moment of the expiry on.
    pub fn get(&mut self, hash: &Hash, now: DateTime<Utc>) -> Option<&T> {
        if self.expiry(hash)? <= now {
            self.remove(hash);
            return None;
        }
        let entry = self.entries.get_mut(hash)?;
        self.by_use.remove(&entry.used);
        self.uses += 1;
        entry.used = self.uses;
        self.by_use.insert(entry.used, *hash);
        Some(&entry.value)
    }

    /// Until when the entry is kept.
    pub fn expiry(&self, hash: &Hash) -> Option<DateTime<Utc>> {
        self.entries.get(hash).map(|entry| entry.expires_at)
    }

    /// Replaces what was there; on failure that stays as it was. `bytes` are the value's own.
    pub fn put(
        &mut self,
        hash: Hash,
        value: T,
        bytes: usize,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), TooLarge> {
        let bytes = bytes + ENTRY;
        if bytes > self.limit {
            return Err(TooLarge { bytes, limit: self.limit });
        }
        self.remove(&hash);
        self.make_room(bytes, now);
        self.uses += 1;
        let used = self.uses;
        self.bytes += bytes;
        self.by_use.insert(used, hash);
        self.by_expiry.insert((expires_at, hash));
        self.entries.insert(hash, Entry { value, expires_at, bytes, used });
        Ok(())
    }

    pub fn remove(&mut self, hash: &Hash) {
        if let Some(entry) = self.entries.remove(hash) {
            self.bytes -= entry.bytes;
            self.by_use.remove(&entry.used);
            self.by_expiry.remove(&(entry.expires_at, *hash));
        }
    }

    fn make_room(&mut self, bytes: usize, now: DateTime<Utc>) {
        while let Some(&(expires_at, hash)) = self.by_expiry.first()
            && expires_at <= now
        {
            self.remove(&hash);
        }
        while self.bytes + bytes > self.limit
            && let Some((_, &hash)) = self.by_use.first_key_value()
        {
            self.remove(&hash);
        }
    }
}

/// The bytes of a session in memory, roughly.
pub fn size(data: &Data) -> usize {
    let field = |(name, value): (&String, &Value)| {
        FIELD + size_of::<(String, Value)>() + name.len() + heap(value)
    };
    data.iter().map(field).sum()
}

fn heap(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| size_of::<Value>() + heap(item)).sum(),
        Value::Object(fields) => size(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn after(seconds: i64) -> DateTime<Utc> {
        NOW + TimeDelta::seconds(seconds)
    }

    /// Three entries of 1000 bytes fit, under the names 1, 2 and 3.
    fn full(expiries: [i64; 3]) -> Bounded<u8> {
        let mut map = Bounded::new(3 * (1000 + ENTRY));
        for (name, expiry) in (1..).zip(expiries) {
            map.put([name; 32], name, 1000, after(expiry), NOW).unwrap();
        }
        map
    }

    fn names(map: &mut Bounded<u8>, now: DateTime<Utc>) -> Vec<u8> {
        (1..=4).filter(|&name| map.get(&[name; 32], now).is_some()).collect()
    }

    #[test]
    fn when_full_what_was_not_used_for_the_longest_time_goes() {
        let mut map = full([60, 60, 60]);
        assert_eq!(map.get(&[1; 32], NOW), Some(&1));
        map.put([4; 32], 4, 1000, after(60), NOW).unwrap();
        assert_eq!(names(&mut map, NOW), [1, 3, 4]);
    }

    #[test]
    fn what_has_expired_goes_before_anything_that_lives() {
        let mut map = full([60, 60, 5]);
        map.put([4; 32], 4, 1000, after(60), after(5)).unwrap();
        assert_eq!(names(&mut map, after(5)), [1, 2, 4]);
    }

    #[test]
    fn expiry_is_exact() {
        let mut map = full([5, 60, 60]);
        assert!(map.get(&[1; 32], after(5) - TimeDelta::nanoseconds(1)).is_some());
        assert!(map.get(&[1; 32], after(5)).is_none());
    }

    #[test]
    fn what_cannot_fit_is_refused_and_changes_nothing() {
        let mut map = full([60, 60, 60]);
        assert!(map.put([1; 32], 9, 5000, after(60), NOW).is_err());
        assert_eq!(map.get(&[1; 32], NOW), Some(&1));
        assert_eq!(names(&mut map, NOW), [1, 2, 3]);
    }

    #[test]
    fn removing_leaves_nothing_behind() {
        let mut map = full([60, 60, 60]);
        for name in 1..=3 {
            map.remove(&[name; 32]);
        }
        assert_eq!((map.bytes, map.by_use.len(), map.by_expiry.len()), (0, 0, 0));
    }
}
