//! Loading the session of a request.

use std::pin::Pin;
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::{Session, check_counter};
use crate::cookie::{Candidate, Presented};
use crate::data::{Data, integer};
use crate::error::{OpenError, StoreError, UpdateError};
use crate::sessions::Sessions;
use crate::slot::{Home, Slot, State};
use crate::store::{Added, Store};

impl Session {
    /// Loads the session of a request; only the first call loads it from the store.
    ///
    /// # Errors
    /// When the store fails, or no middleware wraps the handler.
    pub async fn open(request: &HttpRequest) -> Result<Self, OpenError> {
        let slot = Slot::of(request).ok_or(OpenError::NoMiddleware)?;
        slot.load().await?;
        Ok(Self(slot))
    }

    /// Loads the session and adds to a counter, with one store call for a stored session. Returns
    /// the counter's value before. For everything else as [`Session::increment`].
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn open_and_increment(
        request: &HttpRequest,
        name: &str,
        by: i64,
    ) -> Result<(Self, i64), OpenError> {
        let slot = Slot::of(request).ok_or(OpenError::NoMiddleware)?;
        if let Some(before) = slot.add_unread(name, by).await? {
            return Ok((Self(slot), before));
        }
        let session = Self::open(request).await?;
        let sum = match session.increment(name, by).await {
            Ok(sum) => sum,
            Err(UpdateError::Store(error)) => return Err(error.into()),
            Err(UpdateError::Value(error)) => return Err(StoreError::other(error).into()),
            // The client gets the page without its session.
            Err(UpdateError::Refused) => by,
        };
        Ok((session, sum.saturating_sub(by)))
    }

    /// Returns whether this request used its session.
    pub fn was_accessed(request: &HttpRequest) -> bool {
        Slot::of(request).is_some_and(|slot| slot.accessed.get())
    }

    /// Returns a session with `data` that is not stored, for tests of handlers.
    pub fn for_test(data: Data) -> Self {
        let slot = Slot::new(Sessions::disabled(), Presented::default(), false);
        slot.fill(State { stored: Rc::default(), data: Rc::new(data), ..State::default() });
        Self(Rc::new(slot))
    }
}

impl Slot {
    /// Adds to a counter of a session that is not loaded yet; returns its value before, or `None`
    /// if that takes the ordinary way.
    async fn add_unread(&self, name: &str, by: i64) -> Result<Option<i64>, StoreError> {
        let unread = self.state.borrow().is_none() && !self.finished.get();
        let (true, Some(store), [Candidate::Id(id)]) =
            (unread, self.store(), self.presented.candidates.as_slice())
        else {
            return Ok(None);
        };
        check_counter(name).map_err(StoreError::other)?;
        match self.ask("add", store.add(&id.key(), name, by, &self.policy(None))).await? {
            Added::Applied(snapshot) if self.is_over(snapshot.age) => {
                self.ask("delete", store.delete(&id.key(), None)).await?;
                Ok(None)
            }
            Added::Applied(snapshot) => {
                let sum = integer(snapshot.data.get(name));
                self.fill(State { send: true, ..State::found(id, snapshot) });
                Ok(Some(sum.saturating_sub(by)))
            }
            // It counts, but a replaced id shows nothing.
            Added::AppliedToSuccessor(_) => {
                self.fill(State { home: Home::Retired(id.clone()), ..State::default() });
                Ok(Some(0))
            }
            Added::Refused | Added::Gone | Added::Deferred => Ok(None),
        }
    }
}

impl FromRequest for Session {
    type Error = OpenError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::open(&request).await })
    }
}
