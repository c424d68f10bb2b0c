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
    /// Adds to the integer under `name` and returns the sum. A missing value and one that is no
    /// number count as 0.
    ///
    /// It is counted in the store at once, whatever becomes of the response, so that requests in
    /// parallel get different numbers. A client without a session gets one for it. A session in a
    /// cookie counts with the response.
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
                // An id that was given up shows nothing.
                Ok(if seen { sum } else { by })
            }
            Added::Refused => Err(UpdateError::Refused),
            Added::Gone => self.restart(&store, name, by.into()).await.map(|()| by),
            Added::Deferred => self.increment_locally(name, by).await,
        }
    }

    /// Edits the value under `name`, or `T::default()` if there is none, so that no edit of a request
    /// in parallel is lost: if the stored value has changed meanwhile, `edit` runs again on that.
    /// It takes effect in the store at once.
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
                Swapped::Gone => {
                    let mut value = T::default();
                    let result = edit(&mut value);
                    self.restart(&store, name, encode(name, value)?).await?;
                    return Ok(result);
                }
            }
        }
    }

    /// Returns where a change to `name` can be stored at once; `None` if it is written with the
    /// response.
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
        // Where a cookie has no room for one digit more, the count stays as it is.
        let added = self.checked(|data| _ = add_to(data, name, by));
        if !matches!(added, Ok(()) | Err(ValueError::TooLarge { .. })) {
            added?;
        }
        // Stored now, so that a store that fails is known before the page is written.
        if let (true, Some(store)) = (fresh, self.0.store()) {
            let (data, expiry) =
                self.read(|state| (Rc::clone(&state.data), state.expiry.unwrap_or_default()))?;
            let (id, life) = self.0.create(store, &data, expiry).await?;
            self.write(|state| state.become_created(id, life, data))?;
        }
        Ok(self.read(|state| integer(state.data.get(name)))?)
    }

    /// Makes a new session of what this request set outright and one more value, because the old one
    /// was erased meanwhile.
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

    /// Notes what was stored at once; returns whether this request may see it.
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
