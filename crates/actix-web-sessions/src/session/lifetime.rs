//! The lifetime of the session: Django's `set_expiry` and its readers.

use std::time::{Duration, SystemTime};

use super::Session;
use crate::error::ValueError;
use crate::expiry::Expiry;
use crate::slot::Home;

impl Session {
    /// Sets the own expiry of this session; [`Expiry::Policy`] removes it.
    ///
    /// # Errors
    /// When the response has been prepared.
    pub fn set_expiry(&self, expiry: Expiry) -> Result<(), ValueError> {
        self.write(|state| {
            let expiry = match (expiry.clamped(), self.0.left(state.age)) {
                (Expiry::After(lifetime), Some(left)) => Expiry::After(lifetime.min(left)),
                (Expiry::At(moment), Some(left)) => {
                    Expiry::At(moment.min(SystemTime::now() + left))
                }
                (other, _) => other,
            };
            if expiry != Expiry::Policy || state.own_expiry() != Expiry::Policy {
                state.expiry = Some(expiry);
            }
        })
    }

    /// Returns this session's own expiry.
    pub fn expiry(&self) -> Expiry {
        self.read(super::State::own_expiry).unwrap_or_default()
    }

    /// Returns how long the session lives after its next write, Django's `get_expiry_age`.
    pub fn lifetime(&self) -> Duration {
        let age = self.read(|state| state.age).unwrap_or_default();
        let lifetime = self.0.policy(age).lifetime(self.expiry());
        self.0.left(age).map_or(lifetime, |left| left.min(lifetime))
    }

    /// Returns the time until the session ends if nothing is written after this request.
    pub fn expires_in(&self) -> Duration {
        let known = self.read(|state| {
            let stored = !matches!(state.home, Home::Nowhere);
            let (_, loaded) = state.age.filter(|_| stored)?;
            let remaining = state.life?.remaining;
            Some(remaining.saturating_sub(loaded.elapsed()))
        });
        match known.ok().flatten() {
            Some(remaining) if !self.is_modified() => remaining,
            _ => self.lifetime(),
        }
    }

    /// Returns whether the cookie ends with the browser.
    pub fn expires_at_browser_close(&self) -> bool {
        match self.expiry() {
            Expiry::BrowserClose => true,
            Expiry::Policy => self.0.sessions.inner().config.expire_at_browser_close,
            Expiry::After(_) | Expiry::At(_) => false,
        }
    }
}
