//! Polling with a time limit that another thread can cancel.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Short enough that joining a running server is not noticeably delayed.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(crate) struct PollDeadline {
    start: Instant,
    limit: Duration,
    cancelled: Arc<AtomicBool>,
}

impl PollDeadline {
    pub fn after(limit: Duration) -> Self {
        Self::cancellable(Arc::default(), limit)
    }

    /// Creates a deadline that also passes when `cancelled` becomes true.
    pub fn cancellable(cancelled: Arc<AtomicBool>, limit: Duration) -> Self {
        Self { start: Instant::now(), limit, cancelled }
    }

    /// Waits until the next poll. Returns false at once if the deadline has passed.
    pub fn wait(&self) -> bool {
        let more = self.start.elapsed() < self.limit && !self.cancelled.load(Ordering::Relaxed);
        if more {
            thread::sleep(POLL_INTERVAL);
        }
        more
    }
}
