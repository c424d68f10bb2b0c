//! Whether what Redis says may be believed, and what is said when not.
//!
//! An epoch is good once it has lasted a [`TERM`], and until a term after it was last asked for. So
//! who begins a new epoch and waits for a term knows that nobody believes any copy; who goes on
//! beginning new ones, one within the term of the last, that nobody does all the while. No epoch
//! comes again: a copy from before stays worthless.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Long enough for several attempts to hear the epoch, or to begin one.
pub const TERM: Duration = Duration::from_millis(1500);

const QUIET: Duration = Duration::from_secs(60);

#[derive(Default)]
pub struct Trust {
    state: Mutex<State>,
    /// Redis hears again, or a new epoch has begun.
    pub changed: Notify,
    /// Something failed.
    pub failed: Notify,
}

#[derive(Default)]
struct State {
    /// Counts the failures, and those that a new epoch on a new connection made good.
    failures: u64,
    mended: Option<u64>,
    /// Until when new epochs are begun in any case.
    doubted: Option<Instant>,
    seen: Option<Seen>,
    hold: Option<Hold>,
    said: Option<Instant>,
}

/// The epoch as the database had it, by this process's clock.
struct Seen {
    epoch: String,
    first: Instant,
    /// When it was asked for, of the last time that it was the same.
    last: Instant,
}

/// New epochs begun by this process without a gap.
struct Hold {
    since: Instant,
    last: Instant,
}

impl State {
    fn hears(&self) -> bool {
        self.mended == Some(self.failures)
    }
}

impl Trust {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether Redis hears what this process writes.
    pub fn hears(&self) -> bool {
        self.state().hears()
    }

    /// Whether a write may come to its end yet that Redis does not hear of.
    pub fn is_doubted(&self) -> bool {
        self.state().doubted.is_some_and(|until| until > Instant::now())
    }

    /// The epoch whose copies may be used now.
    pub fn epoch(&self) -> Option<String> {
        let state = self.state();
        let seen = state.seen.as_ref().filter(|_| state.hears())?;
        let good = seen.last >= seen.first + TERM && Instant::now() < seen.last + TERM;
        good.then(|| seen.epoch.clone())
    }

    /// Whether no process uses any copy from before.
    pub fn holds_back(&self) -> bool {
        let (state, now) = (self.state(), Instant::now());
        state.hold.as_ref().is_some_and(|hold| now >= hold.since + TERM && now < hold.last + TERM)
    }

    /// How many failures there were.
    pub fn failures(&self) -> u64 {
        self.state().failures
    }

    /// Redis did not hear something.
    pub fn lose(&self, error: &anyhow::Error) {
        self.state().failures += 1;
        self.failed.notify_one();
        self.complain(error);
    }

    /// Says why there is no cache, once a minute at most.
    pub fn complain(&self, error: &anyhow::Error) {
        let mut state = self.state();
        if state.said.is_none_or(|said| said.elapsed() >= QUIET) {
            state.said = Some(Instant::now());
            log::error!("session cache: {error:#}; sessions come from the database alone");
        }
    }

    /// All failures up to this number count no more.
    pub fn regain(&self, failures: u64) {
        self.state().mended = Some(failures);
        self.changed.notify_waiters();
    }

    /// Has new epochs begun for so long.
    pub fn doubt(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut state = self.state();
        state.doubted = state.doubted.max(Some(until));
    }

    /// The database's answer to a question `asked` then.
    pub fn saw(&self, epoch: String, asked: Instant) {
        let mut state = self.state();
        match &mut state.seen {
            Some(seen) if seen.epoch == epoch => seen.last = asked,
            seen => *seen = Some(Seen { epoch, first: Instant::now(), last: asked }),
        }
    }

    /// This process began an epoch, between `asked` and now.
    pub fn began(&self, epoch: String, asked: Instant) {
        self.saw(epoch, asked);
        let now = Instant::now();
        let mut state = self.state();
        match &mut state.hold {
            Some(hold) if now < hold.last + TERM => hold.last = asked,
            hold => *hold = Some(Hold { since: now, last: asked }),
        }
        drop(state);
        self.changed.notify_waiters();
    }
}
