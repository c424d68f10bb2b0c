//! Waiting for a condition: how long, how often, and until nobody wants it any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Between two looks; a join should not be seen to wait.
const PAUSE: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub struct Patience {
    began: Instant,
    limit: Duration,
    cancelled: Arc<AtomicBool>,
}

impl Patience {
    pub fn of(limit: Duration) -> Self {
        Self::unless(Arc::default(), limit)
    }

    /// Ends early when `cancelled` becomes true.
    pub fn unless(cancelled: Arc<AtomicBool>, limit: Duration) -> Self {
        Self { began: Instant::now(), limit, cancelled }
    }

    /// Sleeps a moment; false, at once, when there is no more time.
    pub fn wait(&self) -> bool {
        let more = self.began.elapsed() < self.limit && !self.cancelled.load(Ordering::Relaxed);
        if more {
            thread::sleep(PAUSE);
        }
        more
    }
}
