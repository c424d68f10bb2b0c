//! Whether a browser takes cookies: set in one request, seen in the next.

use super::Session;
use crate::sessions::data::ValueError;

const NAME: &str = "testcookie";
const WORKED: &str = "worked";

impl Session {
    /// # Errors
    /// When the engine has no room for it.
    pub fn set_test_cookie(&self) -> Result<(), ValueError> {
        self.set(NAME, WORKED)
    }

    /// Whether the test cookie of an earlier request came back.
    pub fn test_cookie_worked(&self) -> bool {
        self.get::<String>(NAME).is_ok_and(|value| value.as_deref() == Some(WORKED))
    }

    /// Whether there was one to delete.
    pub fn delete_test_cookie(&self) -> bool {
        self.delete(NAME)
    }
}
