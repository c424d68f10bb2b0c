//! Changes that take effect in the store at once.

use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Session, check_counter};
use crate::data::{Data, add_to, decode, encode, integer};
use crate::error::{UpdateError, ValueError};
use crate::expiry::{Expiry, Life};
use crate::key::SessionId;
use crate::slot::{Home, State};
use crate::store::{Added, BoxedStore, Snapshot, Store, Swapped};

impl Session {
    /// Adds to the integer under `name` and returns the sum. A missing value, or one that is not a
    /// number, counts as 0.
    ///
    /// Takes effect in the store at once, even if the response fails, so that concurrent requests
    /// get different numbers. A client without a session gets one. A session in a cookie is changed
    /// with the response.
    ///
    /// # Errors
    /// When the store fails, or the name cannot be stored.
    pub async fn increment(&self, name: &str, by: i64) -> Result<i64, UpdateError> {
        check_counter(name)?;
        let Some((store, id)) = self.target(name).await? else {
            return self.increment_locally(name, by).await;
        };
        let policy = self.0.policy(self.read(|state| state.age)?);
        match self.0.ask("add", store.add(&id.key(), name, by, &policy)).await? {
            Added::Applied(snapshot) => {
                let sum = integer(snapshot.data.get(name));
                self.absorb(name, &snapshot, true)?;
                Ok(sum)
            }
            Added::AppliedToSuccessor(snapshot) => {
                let sum = integer(snapshot.data.get(name));
                let seen = self.absorb(name, &snapshot, false)?;
                // A replaced id shows nothing.
                Ok(if seen { sum } else { by })
            }
            Added::Refused => Err(UpdateError::Refused),
            Added::Gone => self.restart(&store, name, by.into()).await.map(|()| by),
            Added::Deferred => self.increment_locally(name, by).await,
        }
    }

    /// Edits the value under `name`, or `T::default()` if there is none, in the store at once. If a
    /// concurrent request changed the value, `edit` runs again on the new value, so that no edit is
    /// lost. If the session was deleted meanwhile, nothing is stored.
    ///
    /// # Errors
    /// When the store fails, or a value cannot be read or stored; the old value stays.
    pub async fn transact<T, R>(
        &self,
        name: &str,
        mut edit: impl FnMut(&mut T) -> R,
    ) -> Result<R, UpdateError>
    where
        T: Serialize + DeserializeOwned + Default,
    {
        check_counter(name)?;
        let Some((store, id)) = self.target(name).await? else {
            return Ok(self.edit(name, edit)?);
        };
        let policy = self.0.policy(self.read(|state| state.age)?);
        let retired = self.read(|state| matches!(state.home, Home::Retired(_)))?;
        let mut stored = self.read(|state| state.data.get(name).cloned())?.unwrap_or_default();
        loop {
            let mut value: T = match &stored {
                Value::Null => T::default(),
                stored => decode(stored)?,
            };
            let result = edit(&mut value);
            let new = encode(name, value)?;
            if new == stored && !retired {
                return Ok(result);
            }
            let mut data = self.read(|state| Data::clone(&state.data))?;
            data.insert(name.to_owned(), new.clone());
            self.0.check(&data)?;
            let key = id.key();
            let swap = store.swap(&key, name, &stored, &new, &policy);
            match self.0.ask("swap", swap).await? {
                Swapped::Applied(snapshot) => {
                    self.absorb(name, &snapshot, true)?;
                    return Ok(result);
                }
                Swapped::AppliedToSuccessor(snapshot) => {
                    self.absorb(name, &snapshot, false)?;
                    return Ok(result);
                }
                Swapped::Differs(other) => stored = other,
                Swapped::Refused => return Err(UpdateError::Refused),
                Swapped::Deferred => return Ok(self.edit(name, edit)?),
                Swapped::Gone => return Ok(edit(&mut T::default())),
            }
        }
    }

    /// Returns the store and the id for a change to `name` at once, or `None` if it is written with
    /// the response.
    async fn target(&self, name: &str) -> Result<Option<(BoxedStore, SessionId)>, UpdateError> {
        let Some(store) = self.0.store() else { return Ok(None) };
        let pending = self.read(|state| {
            state.set.contains(name) || state.data.get(name) != state.stored.get(name)
        })?;
        if pending {
            return Ok(None);
        }
        self.0.promote().await?;
        Ok(self.read(|state| match &state.home {
            Home::Stored(id) | Home::Retired(id) => Some((store.clone(), id.clone())),
            Home::Nowhere | Home::Unstored(_) | Home::ClientSide(_) => None,
        })?)
    }

    async fn increment_locally(&self, name: &str, by: i64) -> Result<i64, UpdateError> {
        let fresh = self.read(|state| {
            let unused = matches!(state.home, Home::Nowhere) && state.flushed.is_none();
            unused && self.0.first_visit(state).is_none()
        })?;
        // If the cookie has no room for another digit, the counter keeps its value.
        let added = self.checked(|data| _ = add_to(data, name, by));
        if !matches!(added, Ok(()) | Err(ValueError::TooLarge { .. })) {
            added?;
        }
        // Stored before the handler goes on, so that it learns about a failure of the store.
        if let (true, Some(store)) = (fresh, self.0.store()) {
            let (data, expiry) =
                self.read(|state| (Rc::clone(&state.data), state.expiry.unwrap_or_default()))?;
            let (id, life) = self.0.create(store, &data, expiry).await?;
            self.write(|state| state.become_created(id, life, data))?;
        }
        Ok(self.read(|state| integer(state.data.get(name)))?)
    }

    /// Creates a session with the values that this request set and one more, because the old
    /// session was deleted meanwhile.
    async fn restart(
        &self,
        store: &BoxedStore,
        name: &str,
        value: Value,
    ) -> Result<(), UpdateError> {
        let mut data = self.read(State::set_outright)?;
        data.insert(name.to_owned(), value);
        let (id, life) = self.0.create(store, &data, Expiry::Policy).await?;
        self.write(|state| {
            (state.rotate, state.expiry) = (None, None);
            state.become_created(id, life, Rc::new(data));
        })?;
        Ok(())
    }

    /// Updates the state after a change in the store. Returns whether this request may see the
    /// session.
    fn absorb(&self, name: &str, snapshot: &Snapshot, send: bool) -> Result<bool, ValueError> {
        self.write(|state| {
            let seen = !matches!(state.home, Home::Retired(_));
            if seen && let Some(value) = snapshot.data.get(name) {
                Rc::make_mut(&mut state.stored).insert(name.to_owned(), value.clone());
                Rc::make_mut(&mut state.data).insert(name.to_owned(), value.clone());
            }
            if send {
                state.send = true;
                state.life = Some(snapshot.life);
            }
            seen
        })
    }
}

impl State {
    fn become_created(&mut self, id: SessionId, life: Life, data: Rc<Data>) {
        self.home = Home::Stored(id);
        self.life = Some(life);
        self.age = Some((std::time::Duration::ZERO, std::time::Instant::now()));
        (self.created, self.send) = (true, true);
        (self.stored, self.data) = (Rc::clone(&data), data);
        self.set.clear();
        self.expiry = None;
    }
}
