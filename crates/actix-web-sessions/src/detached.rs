//! A session outside of a request.

use std::ops::Deref;
use std::rc::Rc;

use crate::cookie::{Candidate, Presented};
use crate::error::{Result, UpdateError};
use crate::finish::{Answer, End};
use crate::key::SessionId;
use crate::session::Session;
use crate::sessions::Sessions;
use crate::slot::Slot;

/// A session outside of a request, such as in a background job. Changes are stored by
/// [`Detached::save`]; if it is dropped, nothing is.
#[derive(Debug)]
pub struct Detached(Session);

impl Deref for Detached {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl Detached {
    /// Stores what changed, as the response of a request would; returns the id if there is a
    /// session and the client must be told its id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn save(self) -> Result<Option<SessionId>, UpdateError> {
        let answer = self.0.0.finish(End { failed: false, safe: false }).await?;
        Ok(match answer {
            Answer::Set(value, _) => SessionId::parse(&value),
            Answer::Nothing | Answer::Remove => None,
        })
    }
}

impl Sessions {
    /// Loads a session outside of a request.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn detached(&self, id: &SessionId) -> Result<Detached> {
        let candidates = vec![Candidate::Id(id.clone())];
        let presented = Presented { candidates, count: 1, ..Presented::default() };
        let slot = Slot::new(self.clone(), presented, self.is_enabled());
        slot.load().await?;
        Ok(Detached(Session(Rc::new(slot))))
    }
}
