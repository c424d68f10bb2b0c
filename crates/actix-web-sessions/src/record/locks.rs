//! One lock for each key in use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::key::StoreKey;

type Lock = Arc<tokio::sync::Mutex<()>>;

#[derive(Debug, Default)]
pub struct KeyLocks(Mutex<HashMap<StoreKey, Lock>>);

/// The right to change one session, against this process.
pub struct KeyLock<'a> {
    locks: &'a KeyLocks,
    key: StoreKey,
    guard: Option<OwnedMutexGuard<()>>,
}

impl KeyLocks {
    pub async fn lock(&self, key: &StoreKey) -> KeyLock<'_> {
        let lock = Arc::clone(self.map().entry(*key).or_default());
        // Made before the wait, so that a dropped future leaves no entry behind.
        let mut held = KeyLock { locks: self, key: *key, guard: None };
        held.guard = Some(lock.lock_owned().await);
        held
    }

    fn map(&self) -> MutexGuard<'_, HashMap<StoreKey, Lock>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for KeyLock<'_> {
    fn drop(&mut self) {
        drop(self.guard.take());
        let mut map = self.locks.map();
        // The map's own reference is the last: nobody waits.
        if map.get(&self.key).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            map.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn locks_exclude_and_are_forgotten() {
        let (locks, key) = (KeyLocks::default(), StoreKey::from_bytes([1; 32]));
        let held = locks.lock(&key).await;
        let second = locks.lock(&key);
        let waiting = tokio::time::timeout(std::time::Duration::ZERO, second).await;
        assert!(waiting.is_err());
        assert!(locks.0.lock().unwrap().contains_key(&key));
        drop(held);
        assert!(locks.0.lock().unwrap().is_empty());
    }
}
