//! What is split over several locks, so that requests seldom wait for each other.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::bounded::Hash;

const SHARDS: usize = 16;

/// One lock for each sixteenth of all keys.
pub struct Shards<T>([Mutex<T>; SHARDS]);

impl<T> Shards<T> {
    /// `bytes` for all shards together.
    pub fn new(bytes: usize, shard: impl Fn(usize) -> T) -> Self {
        Self(std::array::from_fn(|_| Mutex::new(shard(bytes / SHARDS))))
    }

    pub fn lock(&self, hash: &Hash) -> MutexGuard<'_, T> {
        // No step under a lock is half done when it panics, so the data of a poisoned one are good.
        self.0[number(hash)].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether one lock covers both.
pub fn together(one: &Hash, other: &Hash) -> bool {
    number(one) == number(other)
}

fn number(hash: &Hash) -> usize {
    usize::from(hash[0]) % SHARDS
}
