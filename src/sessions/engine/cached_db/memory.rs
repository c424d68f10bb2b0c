//! Copies in the memory of this process.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::copies::{Begun, Look, Permit};
use crate::sessions::data::Data;
use crate::sessions::engine::cache::bounded::{Bounded, Hash, size};
use crate::sessions::engine::cache::shards::Shards;
use crate::sessions::key::Key;

#[derive(Clone)]
pub struct MemoryCopies(Arc<Shards<Shard>>);

struct Shard {
    copies: Bounded<Data>,
    /// The writes under way, and until when each is waited for at most.
    writes: HashMap<Hash, Vec<(u64, DateTime<Utc>)>>,
    /// Counts the beginnings and ends of writes. A permit is this number: it is void also when
    /// a write of another session comes in between, which costs no more than one copy not made.
    writings: u64,
}

impl MemoryCopies {
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Shards::new(bytes, |bytes| Shard {
            copies: Bounded::new(bytes),
            writes: HashMap::new(),
            writings: 0,
        })))
    }

    pub fn look(&self, key: &Key) -> Look {
        let hash = key.hash();
        let now = Utc::now();
        let mut shard = self.0.lock(&hash);
        if let Some(data) = shard.copies.get(&hash, now) {
            return Look::Found(data.clone());
        }
        let permit = (!shard.is_written(&hash, now)).then_some(Permit::Memory(shard.writings));
        Look::Absent(permit)
    }

    pub fn keep(&self, key: &Key, permit: u64, data: &Data, until: DateTime<Utc>) {
        let hash = key.hash();
        let mut shard = self.0.lock(&hash);
        if shard.writings == permit {
            // What is too large for the cache is read from the database every time.
            let _ = shard.copies.put(hash, data.clone(), size(data), until, Utc::now());
        }
    }

    pub fn begin(&self, key: &Key, longest: TimeDelta) -> Begun {
        let hash = key.hash();
        let now = Utc::now();
        let mut shard = self.0.lock(&hash);
        shard.copies.remove(&hash);
        shard.writings += 1;
        let write = shard.writings;
        shard.writes.retain(|_, writes| writes.iter().any(|&(_, until)| until > now));
        shard.writes.entry(hash).or_default().push((write, now + longest));
        Begun::Memory(write)
    }

    pub fn done(&self, key: &Key, begun: &Begun) {
        let hash = key.hash();
        let mut shard = self.0.lock(&hash);
        shard.copies.remove(&hash);
        shard.writings += 1;
        if let (Some(writes), Begun::Memory(done)) = (shard.writes.get_mut(&hash), begun) {
            writes.retain(|(write, _)| write != done);
        }
    }
}

impl Shard {
    fn is_written(&self, hash: &Hash, now: DateTime<Utc>) -> bool {
        self.writes.get(hash).is_some_and(|writes| writes.iter().any(|&(_, until)| until > now))
    }
}
