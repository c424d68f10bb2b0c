//! A test whether the client accepts cookies: set in one request, read in the next.

use super::Session;
use crate::error::ValueError;

const NAME: &str = "testcookie";
const VALUE: &str = "worked";

impl Session {
    /// Sets the test cookie.
    ///
    /// # Errors
    /// When the session has no room for it.
    pub fn set_test_cookie(&self) -> Result<(), ValueError> {
        self.set(NAME, VALUE)
    }

    /// Returns whether the test cookie of an earlier request came back.
    pub fn test_cookie_worked(&self) -> bool {
        self.get::<String>(NAME).is_ok_and(|value| value.as_deref() == Some(VALUE))
    }

    /// Deletes the test cookie; returns whether there was one.
    pub fn delete_test_cookie(&self) -> bool {
        self.delete(NAME)
    }
}
