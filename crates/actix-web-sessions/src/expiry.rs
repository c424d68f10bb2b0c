//! When a session ends: Django's `set_expiry`, kept by the store beside the data.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The longest life that a store is asked for: a thousand years.
pub(crate) const MAX_LIFETIME: Duration = Duration::from_secs(1000 * 365 * 86_400);

/// A session's own expiry; it takes precedence over the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expiry {
    /// As the settings say.
    #[default]
    Policy,
    /// This long after the last write; zero ends the session at once.
    After(Duration),
    /// At this moment, whatever is written until then.
    At(SystemTime),
    /// The cookie ends with the browser; the store keeps the session as the settings say.
    BrowserClose,
}

impl Expiry {
    /// Limits the expiry to the years that every store can represent.
    pub(crate) fn clamped(self) -> Self {
        match self {
            Self::After(lifetime) => Self::After(lifetime.min(MAX_LIFETIME)),
            Self::At(moment) => {
                let latest = SystemTime::now() + MAX_LIFETIME;
                Self::At(moment.clamp(UNIX_EPOCH, latest))
            }
            other => other,
        }
    }
}

/// A lifetime of zero is stored as one microsecond, because 0 means until the browser closes.
const SHORTEST: u64 = 1;

impl Expiry {
    /// Returns the forms in which expiries are stored: an own lifetime and an own end since 1970,
    /// in microseconds.
    pub(crate) fn to_parts(self) -> (Option<u64>, Option<u64>) {
        match self.clamped() {
            Self::Policy => (None, None),
            Self::BrowserClose => (Some(0), None),
            Self::After(lifetime) => (Some(micros(lifetime).max(SHORTEST)), None),
            Self::At(end) => (None, Some(since_epoch(end))),
        }
    }

    /// Reads what [`Expiry::to_parts`] returned.
    pub(crate) fn from_parts(lifetime: Option<u64>, end: Option<u64>) -> Self {
        match (lifetime, end) {
            (None, None) => Self::Policy,
            (Some(0), _) => Self::BrowserClose,
            (Some(SHORTEST), _) => Self::After(Duration::ZERO),
            (Some(lifetime), _) => Self::After(Duration::from_micros(lifetime)),
            (None, Some(end)) => {
                Self::At(UNIX_EPOCH.checked_add(Duration::from_micros(end)).unwrap_or(UNIX_EPOCH))
            }
        }
    }
}

pub(crate) fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

pub(crate) fn since_epoch(moment: SystemTime) -> u64 {
    micros(moment.duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// The application's rules, handed to the store with each write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long a session without an expiry of its own lives after its last write.
    pub age: Duration,
    /// [`Store::touch`](crate::Store::touch) writes only if the session gains this much.
    pub touch_threshold: Duration,
}

impl Policy {
    /// Returns how long a session with this expiry lives if it is written now.
    pub fn lifetime(&self, expiry: Expiry) -> Duration {
        match expiry.clamped() {
            Expiry::Policy | Expiry::BrowserClose => self.age.min(MAX_LIFETIME),
            Expiry::After(lifetime) => lifetime,
            Expiry::At(moment) => moment.duration_since(SystemTime::now()).unwrap_or_default(),
        }
    }

    /// Whether a session with this expiry and so much left gains enough from being touched.
    pub fn is_due(&self, life: Life) -> bool {
        let lifetime = self.lifetime(life.expiry);
        let movable = !matches!(life.expiry, Expiry::At(_));
        let gain = lifetime.checked_sub(life.remaining);
        movable && gain.is_some_and(|gain| gain >= self.touch_threshold.min(lifetime / 2))
    }
}

/// The expiry and the remaining lifetime of a session, as the store computed them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// The session's own expiry.
    pub expiry: Expiry,
    /// The time until its end, by the store's clock.
    pub remaining: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy =
        Policy { age: Duration::from_secs(60), touch_threshold: Duration::from_secs(10) };

    #[test]
    fn lifetime_follows_djangos_rules() {
        let seconds = |expiry| POLICY.lifetime(expiry).as_secs();
        assert_eq!(seconds(Expiry::Policy), 60);
        assert_eq!(seconds(Expiry::BrowserClose), 60);
        assert_eq!(seconds(Expiry::After(Duration::from_secs(300))), 300);
        assert_eq!(seconds(Expiry::At(UNIX_EPOCH)), 0);
        assert_eq!(seconds(Expiry::After(Duration::MAX)), MAX_LIFETIME.as_secs());
        assert!(seconds(Expiry::At(SystemTime::now() + MAX_LIFETIME * 2)) > 300);
    }

    #[test]
    fn touch_is_due_when_it_gains_the_threshold_or_half_a_lifetime() {
        let due = |expiry, remaining| {
            POLICY.is_due(Life { expiry, remaining: Duration::from_secs(remaining) })
        };
        assert!(due(Expiry::Policy, 50) && !due(Expiry::Policy, 51));
        let short = Expiry::After(Duration::from_secs(4));
        assert!(due(short, 2) && !due(short, 3));
        assert!(!due(Expiry::At(SystemTime::now() + POLICY.age), 1));
        assert!(!due(Expiry::Policy, 90), "a touch never shortens");
    }
}
