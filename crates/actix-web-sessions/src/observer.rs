//! Reports about store calls, for the metrics of the application.

use std::time::Duration;

use crate::error::Result;
use crate::store::{Added, Inserted, Loaded, Merged, Rotated, Swapped, Touched};

/// Receives reports about store calls. No report identifies a client.
pub trait Observer: Send + Sync + 'static {
    /// Reports the end of a store call. `operation` is the name of the method of
    /// [`Store`](crate::Store), `outcome` its answer in lower case, or `error`.
    fn operation(&self, operation: &'static str, outcome: &'static str, elapsed: Duration);

    /// Reports a session cookie that this application cannot have set.
    fn cookie_rejected(&self) {}

    /// Reports that the changes of a page view were not stored, because the store failed or the id
    /// was replaced by a login.
    fn write_dropped(&self) {}

    /// Reports the number of records that a sweep removed.
    fn swept(&self, _removed: usize) {}
}

/// The answer of a store call, which has a name in metrics.
pub(crate) trait Outcome {
    fn name(&self) -> &'static str;
}

macro_rules! outcomes {
    ($($type:ident { $($variant:ident => $name:literal),* })*) => { $(
        impl Outcome for $type {
            fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $name),* }
            }
        }
    )* };
}

outcomes! {
    Inserted { Created => "created", Conflict => "conflict" }
    Loaded { Found => "found", Retired => "retired", Ended => "ended", Missing => "missing" }
    Merged { Applied => "applied", AppliedToSuccessor => "successor", Refused => "refused",
        Gone => "gone" }
    Rotated { Rotated => "rotated", Retired => "retired", Gone => "gone" }
    Touched { Extended => "extended", Fresh => "fresh", Retired => "retired", Gone => "gone" }
    Added { Applied => "applied", AppliedToSuccessor => "successor", Refused => "refused",
        Gone => "gone", Deferred => "deferred" }
    Swapped { Applied => "applied", AppliedToSuccessor => "successor", Differs => "differs",
        Refused => "refused", Gone => "gone", Deferred => "deferred" }
}

impl Outcome for Option<crate::import::Imported> {
    fn name(&self) -> &'static str {
        if self.is_some() { "found" } else { "missing" }
    }
}

impl<T> Outcome for Vec<T> {
    fn name(&self) -> &'static str {
        "done"
    }
}

impl Outcome for usize {
    fn name(&self) -> &'static str {
        "done"
    }
}

impl Outcome for () {
    fn name(&self) -> &'static str {
        "done"
    }
}

pub(crate) fn name<T: Outcome>(answer: &Result<T>) -> &'static str {
    answer.as_ref().map_or("error", Outcome::name)
}
