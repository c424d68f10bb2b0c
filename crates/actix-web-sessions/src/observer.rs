//! What the application can learn about store calls, for its metrics.

use std::time::Duration;

use crate::error::Result;
use crate::store::{Added, Inserted, Loaded, Merged, Rotated, Swapped, Touched};

/// Is told about store calls. Nothing that it is told identifies a client.
pub trait Observer: Send + Sync + 'static {
    /// A store call ended. `operation` is the method of [`Store`](crate::Store), `outcome` its
    /// answer in lower case, or `error`.
    fn operation(&self, operation: &'static str, outcome: &'static str, elapsed: Duration);

    /// A cookie under the session's name cannot have been set here.
    fn cookie_rejected(&self) {}

    /// What a request changed was not stored: the store failed at the end of a page view, or the
    /// key had been retired by a login.
    fn write_dropped(&self) {}

    /// A sweep ended.
    fn swept(&self, _removed: usize) {}
}

/// The answer of a store call, by its name in metrics.
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

impl Outcome for () {
    fn name(&self) -> &'static str {
        "done"
    }
}

pub(crate) fn name<T: Outcome>(answer: &Result<T>) -> &'static str {
    answer.as_ref().map_or("error", Outcome::name)
}
