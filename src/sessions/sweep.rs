//! Removing the sessions that nobody can load any more: by command, and in the background.

use std::time::{Duration, Instant};

use super::engine::{AnyEngine, StoreError};
use super::metrics::METRICS;

/// Sessions that one transaction of a background sweep removes: some ten milliseconds.
const BATCH: usize = 1000;

/// Times as long as a batch took that the sweep rests after it: of the machine it takes a tenth, and
/// visitors hardly notice. A million rows in Postgres take minutes, not seconds.
const REST: u32 = 9;

/// How a sweep is to go about it.
#[derive(Debug, Clone, Copy)]
pub struct Sweep {
    /// Sessions removed in one transaction.
    pub batch: usize,
    /// No batch is begun after that.
    pub longest: Option<Duration>,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    pub removed: usize,
    /// Whether nothing was left to do.
    pub complete: bool,
}

impl Sweep {
    /// Removes expired sessions batch by batch, so that live requests never wait long for one.
    ///
    /// # Errors
    /// When the store does not answer; what was removed until then stays removed.
    pub async fn run(self, engine: &AnyEngine) -> Result<Swept, StoreError> {
        let start = Instant::now();
        let mut removed = 0;
        loop {
            let begun = Instant::now();
            let batch = engine.clear_expired(self.batch).await?;
            let rest = begun.elapsed() * REST;
            removed += batch;
            METRICS.swept.inc_by(batch as u64);
            if batch < self.batch {
                METRICS.sweeps.inc();
                return Ok(Swept { removed, complete: true });
            }
            if self.longest.is_some_and(|longest| start.elapsed() + rest >= longest) {
                return Ok(Swept { removed, complete: false });
            }
            tokio::time::sleep(rest).await;
        }
    }
}

/// Sweeps for ever, about every `interval`. Processes that were started together do not stay in
/// step: each pause is between half and one and a half times as long.
pub async fn keep_sweeping(engine: AnyEngine, interval: Duration) {
    loop {
        tokio::time::sleep(interval.mul_f64(rand::random_range(0.5..1.5))).await;
        match (Sweep { batch: BATCH, longest: None }).run(&engine).await {
            Ok(Swept { removed: 0, .. }) => {}
            Ok(Swept { removed, .. }) => log::info!("removed {removed} expired sessions"),
            Err(error) => log::warn!("expired sessions stay for now: {error}"),
        }
    }
}
