//! How long a session lives: Django's `set_expiry` and its readers.

use chrono::{DateTime, Utc};

use super::Session;
use crate::sessions::config::SessionConfig;
use crate::sessions::data::ValueError;
use crate::sessions::expiry::{Expiry, SESSION_EXPIRY};

impl Session {
    /// Gives this session an expiry of its own; [`Expiry::Policy`] takes it back.
    ///
    /// # Errors
    /// When the engine has no room for it.
    pub fn set_expiry(&self, expiry: Expiry) -> Result<(), ValueError> {
        self.checked(|data| match expiry.to_value() {
            Some(value) => _ = data.insert(SESSION_EXPIRY.to_owned(), value),
            None => _ = data.remove(SESSION_EXPIRY),
        })?;
        if expiry != Expiry::Policy {
            self.mark_modified();
        }
        Ok(())
    }

    /// This session's own expiry.
    pub fn expiry(&self) -> Expiry {
        self.with(|state| Expiry::of(&state.data))
    }

    /// Seconds that the session lives if it is stored now; below 0 when its moment has passed.
    pub fn expiry_age(&self) -> i64 {
        let now = Utc::now();
        (self.expiry().deadline(now, &self.0.config) - now).num_seconds()
    }

    /// Until when the session lives if it is stored now.
    pub fn expiry_date(&self) -> DateTime<Utc> {
        self.expiry().deadline(Utc::now(), &self.0.config)
    }

    /// Whether the cookie ends with the browser.
    pub fn expire_at_browser_close(&self) -> bool {
        self.expiry().max_age(Utc::now(), &self.0.config).is_none()
    }

    pub(super) fn policy_deadline(&self) -> DateTime<Utc> {
        self.0.config.policy_deadline()
    }
}

impl SessionConfig {
    /// Until when a session without an expiry of its own lives if it is stored now.
    pub fn policy_deadline(&self) -> DateTime<Utc> {
        Expiry::Policy.deadline(Utc::now(), self)
    }
}
