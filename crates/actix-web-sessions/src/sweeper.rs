//! Removing the sessions that nobody can load any more.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::error::Result;
use crate::sessions::{Backend, Sessions};
use crate::store::Store;

/// How many records a batch of a background sweep removes: some ten milliseconds.
const BATCH: usize = 1000;

/// The rest after a batch, as a multiple of its duration: a sweep takes a tenth of the machine.
const REST_FACTOR: u32 = 9;

/// How a sweep works.
#[derive(Debug, Clone, Copy)]
pub struct Sweep {
    /// The most records that one step removes.
    pub batch: usize,
    /// No step begins after this time.
    pub time_limit: Option<Duration>,
}

impl Default for Sweep {
    fn default() -> Self {
        Self { batch: BATCH, time_limit: None }
    }
}

/// The result of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// The number of removed records.
    pub removed: usize,
    /// Whether nothing was left to remove.
    pub complete: bool,
}

/// Ends the background sweep when it is dropped.
#[derive(Debug)]
#[must_use = "the sweep ends when this is dropped"]
pub struct Sweeper(JoinHandle<()>);

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Sessions {
    /// Removes expired sessions in batches, so that requests never wait long for one.
    ///
    /// # Errors
    /// When the store fails; what was removed until then stays removed.
    pub async fn sweep(&self, sweep: Sweep) -> Result<Swept> {
        let Backend::Stored(store) = &self.inner().backend else {
            return Ok(Swept { removed: 0, complete: true });
        };
        let batch = sweep.batch.max(1);
        let (start, mut removed) = (Instant::now(), 0);
        let complete = loop {
            let begin = Instant::now();
            let count = store.delete_expired(batch).await?;
            removed += count;
            if count < batch {
                break true;
            }
            let rest = begin.elapsed() * REST_FACTOR;
            if sweep.time_limit.is_some_and(|limit| start.elapsed() + rest >= limit) {
                break false;
            }
            tokio::time::sleep(rest).await;
        };
        if let Some(observer) = &self.inner().config.observer {
            observer.swept(removed);
        }
        Ok(Swept { removed, complete })
    }

    /// Sweeps about every `interval` for as long as the returned value lives. Processes that were
    /// started together do not stay in step: each pause is between half and one and a half times as
    /// long. Must be called inside of a Tokio runtime.
    pub fn spawn_sweeper(&self, interval: Duration) -> Sweeper {
        let sessions = self.clone();
        Sweeper(tokio::spawn(async move {
            loop {
                tokio::time::sleep(interval.mul_f64(0.5 + random_fraction())).await;
                match sessions.sweep(Sweep::default()).await {
                    Ok(Swept { removed: 0, .. }) => {}
                    Ok(Swept { removed, .. }) => log::info!("removed {removed} expired sessions"),
                    Err(error) => log::warn!("expired sessions stay for now: {error}"),
                }
            }
        }))
    }
}

fn random_fraction() -> f64 {
    let mut byte = [127];
    _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 256.0
}
