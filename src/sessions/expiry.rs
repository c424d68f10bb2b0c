//! When a session ends: Django's rules for `set_expiry`, made absolute where Django forgot them.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;

use super::config::SessionConfig;
use super::data::Data;

/// The key under which a session keeps its own expiry, as Django's.
pub const SESSION_EXPIRY: &str = "_session_expiry";

/// Ten years. Browsers cut a cookie's age anyway, to 400 days as a rule.
const LONGEST_AGE: i64 = 315_360_000;

/// A session's own expiry; it wins over the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expiry {
    /// As the settings say: `SESSION_COOKIE_AGE`, `SESSION_EXPIRE_AT_BROWSER_CLOSE`.
    #[default]
    Policy,
    /// So many seconds after the last change; what is not above 0 ends it at once.
    Seconds(i64),
    /// At this moment, whatever changes until then.
    At(DateTime<Utc>),
    /// With the browser; the store keeps it for `SESSION_COOKIE_AGE`.
    BrowserClose,
}

impl Expiry {
    /// What the session's data say.
    pub fn of(data: &Data) -> Self {
        match data.get(SESSION_EXPIRY) {
            Some(Value::Number(number)) => match number.as_i64() {
                Some(0) => Self::BrowserClose,
                Some(seconds) => Self::Seconds(seconds),
                None => Self::Policy,
            },
            Some(Value::String(text)) => match DateTime::parse_from_rfc3339(text) {
                Ok(moment) => Self::At(moment.to_utc()),
                Err(_) => Self::Policy,
            },
            _ => Self::Policy,
        }
    }

    /// What is kept in the data; `None` is nothing.
    pub fn to_value(self) -> Option<Value> {
        match self {
            Self::Policy => None,
            // Django's 0 means "with the browser"; at once is at once however far in the past.
            Self::Seconds(0) => Some((-1).into()),
            Self::Seconds(seconds) => Some(seconds.into()),
            Self::At(moment) => Some(moment.to_rfc3339_opts(SecondsFormat::Micros, true).into()),
            Self::BrowserClose => Some(0.into()),
        }
    }

    /// Until when the store keeps a session that changes `now`.
    pub fn deadline(self, now: DateTime<Utc>, config: &SessionConfig) -> DateTime<Utc> {
        let after = |seconds: i64| {
            let span = TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX);
            now.checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC)
        };
        match self {
            Self::Policy | Self::BrowserClose => after(config.session_cookie_age),
            Self::Seconds(seconds) => after(seconds),
            Self::At(moment) => moment,
        }
    }

    /// Seconds that the browser keeps the cookie; `None`: until it closes.
    pub fn max_age(self, now: DateTime<Utc>, config: &SessionConfig) -> Option<i64> {
        match self {
            Self::BrowserClose => None,
            Self::Policy if config.session_expire_at_browser_close => None,
            _ => Some((self.deadline(now, config) - now).num_seconds().clamp(0, LONGEST_AGE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        sessions: SessionConfig,
    }

    fn config(flags: &[&str]) -> SessionConfig {
        Program::parse_from(std::iter::once("program").chain(flags.iter().copied())).sessions
    }

    #[test]
    fn an_expiry_survives_storage() {
        let moment = DateTime::parse_from_rfc3339("2030-01-02T03:04:05.678901Z").unwrap().to_utc();
        for expiry in [
            Expiry::Policy,
            Expiry::Seconds(300),
            Expiry::Seconds(-10),
            Expiry::At(moment),
            Expiry::BrowserClose,
        ] {
            let value = expiry.to_value().map(|value| (SESSION_EXPIRY.to_owned(), value));
            assert_eq!(Expiry::of(&value.into_iter().collect()), expiry);
        }
    }

    #[test]
    fn what_another_program_stored_there_counts_as_the_policy() {
        for odd in [Value::Null, true.into(), "soon".into(), 1.5.into(), serde_json::json!([])] {
            let data = Data::from_iter([(SESSION_EXPIRY.to_owned(), odd)]);
            assert_eq!(Expiry::of(&data), Expiry::Policy);
        }
    }

    #[test]
    fn store_and_cookie_follow_djangos_table() {
        let now = Utc::now();
        let seconds = |moment: DateTime<Utc>| (moment - now).num_seconds();
        let age = config(&["--session-cookie-age=60"]);
        let close = config(&["--session-cookie-age=60", "--session-expire-at-browser-close=true"]);
        for (expiry, config, kept, max_age) in [
            (Expiry::Policy, &age, 60, Some(60)),
            (Expiry::Policy, &close, 60, None),
            (Expiry::BrowserClose, &age, 60, None),
            (Expiry::Seconds(300), &close, 300, Some(300)),
            (Expiry::Seconds(-10), &age, -10, Some(0)),
            (Expiry::At(now + TimeDelta::seconds(120)), &age, 120, Some(120)),
        ] {
            assert_eq!(seconds(expiry.deadline(now, config)), kept, "{expiry:?}");
            assert_eq!(expiry.max_age(now, config), max_age, "{expiry:?}");
        }
        let endless = Expiry::Seconds(i64::MAX);
        assert!(endless.deadline(now, &age) > now);
        assert_eq!(endless.max_age(now, &age), Some(LONGEST_AGE));
    }
}
