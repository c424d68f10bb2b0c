//! Whether Redis can be believed, and what is said when not.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const QUIET: Duration = Duration::from_secs(60);

/// Counts the failures, and those that a new epoch made good.
pub struct Trust {
    failures: AtomicU64,
    mended: AtomicU64,
    said: Mutex<Option<Instant>>,
}

impl Default for Trust {
    /// None yet: an earlier process may have ended with something unsaid.
    fn default() -> Self {
        Self { failures: 1.into(), mended: 0.into(), said: Mutex::default() }
    }
}

impl Trust {
    pub fn holds(&self) -> bool {
        self.failures.load(SeqCst) == self.mended.load(SeqCst)
    }

    /// How many failures there were.
    pub fn seen(&self) -> u64 {
        self.failures.load(SeqCst)
    }

    pub fn lose(&self) {
        self.failures.fetch_add(1, SeqCst);
    }

    /// As [`Trust::lose`], saying why, once a minute at most.
    pub fn lose_for(&self, error: &anyhow::Error) {
        self.lose();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_none_or(|said| said.elapsed() >= QUIET) {
            *said = Some(Instant::now());
            log::error!("session cache: {error:#}; sessions come from the database alone");
        }
    }

    /// After a new epoch: all failures up to the one `seen` before it count no more.
    pub fn regain(&self, seen: u64) {
        self.mended.fetch_max(seen, SeqCst);
    }
}
