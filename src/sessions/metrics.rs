//! Prometheus metrics of the sessions of this process. No label
//! identifies a visitor.

use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web_sessions::Observer;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

#[derive(Default)]
struct Metrics {
    operations: Family<Operation, Counter>,
    copies: Family<Copy, Counter>,
    rejected_cookies: Counter,
    dropped_writes: Counter,
    sweeps: Counter,
    swept: Counter,
    /// Seconds since 1970, 0 before the first sweep.
    last_sweep: Gauge<u64, AtomicU64>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Copy {
    result: &'static str,
}

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::default);

/// Adds the counters to what a monitoring system may read.
pub fn register(registry: &mut Registry) {
    let metrics = &*METRICS;
    registry.register(
        "session_operations",
        "Operations of the session store, by their result",
        metrics.operations.clone(),
    );
    registry.register(
        "session_cache_reads",
        "Reads of a cached copy of a session",
        metrics.copies.clone(),
    );
    registry.register(
        "session_rejected_cookies",
        "Session cookies that this site cannot have set",
        metrics.rejected_cookies.clone(),
    );
    registry.register(
        "session_dropped_writes",
        "Changes of a page view that were not stored",
        metrics.dropped_writes.clone(),
    );
    registry.register("session_sweeps", "Sweeps of expired sessions", metrics.sweeps.clone());
    registry.register_with_unit(
        "session_last_sweep_time",
        "Time of the last sweep since the Unix epoch, 0 before the first one",
        Unit::Seconds,
        metrics.last_sweep.clone(),
    );
    registry.register("sessions_swept", "Expired sessions removed", metrics.swept.clone());
}

/// Counts a read of the cache.
pub(super) fn count_read(found: bool) {
    let result = if found { "hit" } else { "miss" };
    METRICS.copies.get_or_create(&Copy { result }).inc();
}

/// Counts into the program's metrics.
pub(super) struct Counting;

impl Observer for Counting {
    fn operation(&self, operation: &'static str, result: &'static str, _elapsed: Duration) {
        METRICS.operations.get_or_create(&Operation { operation, result }).inc();
    }

    fn cookie_rejected(&self) {
        METRICS.rejected_cookies.inc();
    }

    fn write_dropped(&self) {
        METRICS.dropped_writes.inc();
    }

    fn swept(&self, removed: usize) {
        METRICS.sweeps.inc();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        METRICS.last_sweep.set(now.as_secs());
        METRICS.swept.inc_by(removed as u64);
    }
}
