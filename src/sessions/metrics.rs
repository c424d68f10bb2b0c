//! What the sessions of this process did since its start, in the terms of Prometheus. No label
//! holds anything of a visitor.

use std::sync::LazyLock;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::engine::{Added, Loaded, Merged, StoreError, Touched};

/// The counters; each is a few atomic additions.
#[derive(Default)]
pub struct Metrics {
    operations: Family<Operation, Counter>,
    copies: Family<Copy, Counter>,
    /// Cookies that cannot be from here.
    pub rejected_cookies: Counter,
    /// Runs of the sweep that came to their end, and the expired sessions they removed.
    pub sweeps: Counter,
    pub swept: Counter,
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

/// Those of the whole program: its engines come and go with the tests only.
pub static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::default);

/// Adds the counters to what a monitoring system may read.
pub fn register(registry: &mut Registry) {
    let metrics = &*METRICS;
    registry.register(
        "session_operations",
        "What was asked of the session engine, and what came of it",
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
    registry.register("session_sweeps", "Sweeps of expired sessions", metrics.sweeps.clone());
    registry.register("sessions_swept", "Expired sessions removed", metrics.swept.clone());
}

impl Metrics {
    /// Counts one operation by its outcome and hands the outcome on.
    pub fn count<T: Outcome>(
        &self,
        operation: &'static str,
        outcome: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let result = outcome.as_ref().map_or("error", Outcome::name);
        self.operations.get_or_create(&Operation { operation, result }).inc();
        outcome
    }

    pub fn copy(&self, found: bool) {
        let result = if found { "hit" } else { "miss" };
        self.copies.get_or_create(&Copy { result }).inc();
    }
}

/// What an operation can come to, by the name it has in the metrics.
pub trait Outcome {
    fn name(&self) -> &'static str;
}

impl Outcome for Loaded {
    fn name(&self) -> &'static str {
        match self {
            Self::Found(_) => "found",
            Self::Missing => "missing",
            Self::Retired => "retired",
        }
    }
}

impl Outcome for Merged {
    fn name(&self) -> &'static str {
        match self {
            Self::Stored(_) => "stored",
            Self::Followed => "followed",
            Self::Gone => "missing",
        }
    }
}

impl Outcome for Added {
    fn name(&self) -> &'static str {
        match self {
            Self::Now(_) => "stored",
            Self::Followed(_) => "followed",
            Self::Missing => "missing",
            Self::AtTheEnd => "deferred",
        }
    }
}

impl Outcome for Touched {
    fn name(&self) -> &'static str {
        match self {
            Self::Prolonged(_) => "stored",
            Self::Fresh | Self::Own(..) => "unchanged",
            Self::Missing => "missing",
            Self::Retired => "retired",
        }
    }
}

/// A rotation: the new key, unless there was nothing to rotate.
impl<T> Outcome for Option<T> {
    fn name(&self) -> &'static str {
        if self.is_some() { "stored" } else { "missing" }
    }
}

/// A new session.
impl Outcome for super::key::Key {
    fn name(&self) -> &'static str {
        "stored"
    }
}

/// A deletion.
impl Outcome for () {
    fn name(&self) -> &'static str {
        "done"
    }
}
