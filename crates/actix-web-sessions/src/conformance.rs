//! Tests of the contract of a [`Store`], for every store.
//!
//! ```ignore
//! actix_web_sessions::conformance_tests!(|namespace: String| async move {
//!     Versioned::new(MyStore::open(&namespace).await)
//! });
//! ```
//!
//! The factory is called twice with the same namespace to get two handles on the same data, as two
//! processes have. A statement that a store's [`Capabilities`](crate::Capabilities) exclude is
//! skipped, and listed as such.
//!
//! | statement | |
//! |---|---|
//! | SC-1 | `load` of an unknown key is `Missing` and creates nothing |
//! | SC-2 | after `insert`, `load` gives equal data, age and life |
//! | SC-3 | `insert` never overwrites a live, retired, ended or reserved record |
//! | SC-4 | every value that `check` accepts reads back equal |
//! | SC-5 | from its deadline on a session is not live for any method |
//! | SC-6 | `merge` applies to the state at that instant: sets, removes, leaves the rest |
//! | SC-7 | each write's deadline follows the expiry stored after it |
//! | SC-8 | `changes.expiry` replaces the stored expiry, `None` leaves it |
//! | SC-9 | 100 concurrent merges of 100 names all stay |
//! | SC-10 | `merge` on a key that is not live is `Gone` and stores nothing |
//! | SC-11 | `add`: other values count 0, fractions truncate, sums saturate, the result is an integer |
//! | SC-12 | 100 concurrent additions give 100 different numbers and the exact sum |
//! | SC-13 | `add` returns the whole session after it |
//! | SC-14 | `swap` applies if and only if the value is the expected one; 50 read-modify-writes count |
//! | SC-15 | `touch` extends if that gains enough, writes no data and never shortens |
//! | SC-16 | `rotate` moves data with changes, age and own expiry |
//! | SC-17 | of two concurrent rotations one wins, the other is `Retired` |
//! | SC-18 | rotation of a dead key is `Gone`, and the new key does not exist |
//! | SC-19 | `Follow`: merge, add, swap and delete by the old key reach the successor, through 16 |
//! | SC-20 | `Refuse`: merge, add and swap by the old key are `Refused`; delete reaches the successor |
//! | SC-21 | a retired key loads as `Retired`, never with data |
//! | SC-22 | after `delete` nothing under that key or its successors is live |
//! | SC-23 | `delete` of an absent key is no error |
//! | SC-24 | nothing brings a session back |
//! | SC-25 | while reserved, an erased or expired key is `Ended`, and `insert` is `Conflict` |
//! | SC-26 | `delete` with a span reserves a key that has no session |
//! | SC-27 | a reservation ends, and is swept |
//! | SC-28 | what one handle acknowledged, a second handle sees at once |
//! | SC-29 | a dropped future did all or nothing, and blocks no other call |
//! | SC-30 | `delete_expired` removes at most `limit`, none that is live or reserved, and counts truly |
//! | SC-31 | `sessions_of` lists the live sessions of a principal, `delete_of` ends all but one |
//! | SC-32 | what `check` accepts is stored |
//! | SC-33 | an unreachable backend is `Unavailable` within 5 s: see [`outage`] |
//! | SC-34 | a damaged record is `Missing`, and can be replaced: see [`damaged_record`] |
//! | SC-35 | a key that another process has locked delays no other key by 100 ms: see [`held_key`] |
//!
//! [`app`] tests the middleware on top of a store.
//!
//! Numbers are never reused; a minor release may add statements. The ends of the two minutes for
//! which a replaced key is followed and of the ten for which it is retired are not tested.

mod app;
mod statements;

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use crate::error::StoreErrorKind;
use crate::key::{SessionId, StoreKey};
use crate::store::Store;

pub use self::app::app;
pub use self::statements::{STATEMENTS, damaged_record, held_key};

/// Which statements hold for a store.
#[derive(Debug, Default)]
pub struct Report {
    /// The numbers of those that hold.
    pub passed: Vec<u8>,
    /// The numbers of those that do not, with the reason.
    pub failed: Vec<(u8, String)>,
    /// The numbers of those that the store does not claim, with the reason.
    pub skipped: Vec<(u8, String)>,
}

impl Report {
    /// Prints the report.
    ///
    /// # Panics
    /// When a statement failed.
    pub fn assert(&self) {
        println!("{self}");
        assert!(self.failed.is_empty(), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} statements passed", self.passed.len())?;
        for (number, reason) in &self.skipped {
            writeln!(out, "SC-{number} skipped: {reason}")?;
        }
        for (number, reason) in &self.failed {
            writeln!(out, "SC-{number} failed: {reason}")?;
        }
        Ok(())
    }
}

/// The result of one statement.
#[derive(Debug)]
pub enum Verdict {
    /// It holds.
    Passed,
    /// The store does not claim it.
    Skipped(String),
}

/// The result of a statement: `Err` says what does not hold.
pub type Checked = Result<Verdict, String>;

/// Tests all statements on stores that `factory` opens, each in a namespace of its own.
pub async fn run<F, O, S>(factory: F) -> Report
where
    F: Fn(String) -> O,
    O: Future<Output = S>,
    S: Store,
{
    let mut report = Report::default();
    for number in STATEMENTS {
        match check(&factory, number).await {
            Ok(Verdict::Passed) => report.passed.push(number),
            Ok(Verdict::Skipped(reason)) => report.skipped.push((number, reason)),
            Err(reason) => report.failed.push((number, reason)),
        }
    }
    report
}

/// Tests one statement.
///
/// # Errors
/// Says what does not hold.
pub async fn check<F, O, S>(factory: &F, number: u8) -> Checked
where
    F: Fn(String) -> O,
    O: Future<Output = S>,
    S: Store,
{
    let test = statements::test(factory, number, namespace(number)?);
    // A store that panics fails the statement, and not the run.
    let caught = tokio::time::timeout(Duration::from_secs(60), CatchUnwind(Box::pin(test)));
    match caught.await {
        Ok(Ok(checked)) => checked,
        Ok(Err(message)) => Err(message),
        Err(_) => Err("no answer within a minute".to_owned()),
    }
}

/// Returns the name of a new namespace.
fn namespace(number: u8) -> Result<String, String> {
    let unique = SessionId::generate().map_err(|error| error.to_string())?;
    Ok(format!("sc{number}{}", &unique.as_str()[..8]))
}

/// Tests SC-33 on a store without its backend.
///
/// # Panics
/// When a call takes longer than five seconds, or answers anything but `Unavailable`.
pub async fn outage(store: impl Store) {
    let key = StoreKey::from_bytes([7; 32]);
    let begin = Instant::now();
    let loaded = store.load(&key).await;
    let kind = loaded.expect_err("an unreachable backend is an error").kind();
    assert_eq!(kind, StoreErrorKind::Unavailable);
    let deleted = store.delete(&key, None).await;
    assert!(deleted.is_err(), "an unreachable backend is an error");
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

/// Catches a panic of the future inside.
struct CatchUnwind<'a>(std::pin::Pin<Box<dyn Future<Output = Checked> + 'a>>);

impl Future for CatchUnwind<'_> {
    type Output = Result<Checked, String>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        let poll = AssertUnwindSafe(|| self.0.as_mut().poll(context));
        match std::panic::catch_unwind(poll) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or(panic.downcast_ref::<&str>().copied());
                std::task::Poll::Ready(Err(format!("panicked: {}", text.unwrap_or("?"))))
            }
        }
    }
}

/// Runs one statement in a runtime of its own; for [`conformance_tests`](crate::conformance_tests).
///
/// # Panics
/// When the statement does not hold.
#[doc(hidden)]
pub fn test<F, O, S>(factory: F, number: u8)
where
    F: Fn(String) -> O,
    O: Future<Output = S>,
    S: Store,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let checked = runtime.expect("a runtime").block_on(check(&factory, number));
    match checked {
        Ok(Verdict::Passed) => {}
        Ok(Verdict::Skipped(reason)) => println!("SC-{number} skipped: {reason}"),
        Err(reason) => panic!("SC-{number}: {reason}"),
    }
}

/// Makes one test of each statement for the stores that a function opens.
#[macro_export]
macro_rules! conformance_tests {
    ($factory:expr) => {
        $crate::conformance_tests! { @ ($factory)
            sc_01 1, sc_02 2, sc_03 3, sc_04 4, sc_05 5, sc_06 6, sc_07 7, sc_08 8, sc_09 9,
            sc_10 10, sc_11 11, sc_12 12, sc_13 13, sc_14 14, sc_15 15, sc_16 16, sc_17 17,
            sc_18 18, sc_19 19, sc_20 20, sc_21 21, sc_22 22, sc_23 23, sc_24 24, sc_25 25,
            sc_26 26, sc_27 27, sc_28 28, sc_29 29, sc_30 30, sc_31 31, sc_32 32
        }
    };
    (@ ($factory:expr) $($name:ident $number:literal),*) => { $(
        #[test]
        fn $name() {
            $crate::conformance::test($factory, $number);
        }
    )* };
}
