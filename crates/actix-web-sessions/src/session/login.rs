//! The user that a session belongs to.

use super::{CSRF, Session};
use crate::data::encode;
use crate::error::{LoginRequired, ValueError};
use crate::key::StoreKey;
use crate::principal::{LABEL, PRINCIPAL, Principal};
use crate::slot::{Home, State};
use crate::store::Retire;

/// The maximum length of a user's name in bytes: stores index it.
const MAX_PRINCIPAL: usize = 255;

impl Session {
    /// Assigns the session to a user. With the response it gets a new id, and changes by requests
    /// with the old id are refused. Values of another user are deleted; those from before the login
    /// are kept.
    ///
    /// # Errors
    /// When the name cannot be stored, or is longer than 255 bytes.
    #[expect(clippy::needless_pass_by_value, reason = "names come owned or borrowed")]
    pub fn login(&self, principal: impl ToString) -> Result<(), ValueError> {
        let name = principal.to_string();
        let value = encode("", &name)?;
        if name.len() > MAX_PRINCIPAL {
            return Err(ValueError::TooLarge { limit: MAX_PRINCIPAL, size: name.len() });
        }
        if self.principal().is_some_and(|current| current != name) {
            self.flush();
        }
        self.put([(PRINCIPAL.to_owned(), value)].into_iter().collect())?;
        self.delete(CSRF);
        self.write(|state| state.rotate = Some(Retire::Refuse))
    }

    /// Ends the session, as [`Session::flush`].
    pub fn logout(&self) {
        self.flush();
    }

    /// Returns the user that the session belongs to.
    pub fn principal(&self) -> Option<String> {
        self.get(PRINCIPAL).ok().flatten()
    }

    /// Returns the user that the session belongs to.
    ///
    /// # Errors
    /// When nobody is logged in: the response is 401.
    pub fn require_principal(&self) -> Result<Principal, LoginRequired> {
        let name = self.principal().ok_or(LoginRequired)?;
        Ok(Principal { name, current: self.store_key() })
    }

    /// Sets the label of this session in the list of the user's devices.
    ///
    /// # Errors
    /// When the label cannot be stored.
    pub fn set_label(&self, label: &str) -> Result<(), ValueError> {
        let value = encode("", label)?;
        self.put([(LABEL.to_owned(), value)].into_iter().collect())
    }

    pub(crate) fn store_key(&self) -> Option<StoreKey> {
        let id = |state: &State| match &state.home {
            Home::Stored(id) => Some(id.key()),
            _ => None,
        };
        self.read(id).ok().flatten()
    }
}
