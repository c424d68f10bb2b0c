//! The session as handlers use it.

mod counter;
mod lifetime;
mod login;
mod open;
mod test_cookie;

use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::data::{Data, check_name, decode, encode};
use crate::error::ValueError;
use crate::principal::{LABEL, PRINCIPAL};
use crate::slot::{Home, Slot, State};

/// The name of the secret from which CSRF tokens are made.
pub(crate) const CSRF: &str = "_csrf";

/// Names that only this crate writes.
pub(crate) const RESERVED: [&str; 3] = [PRINCIPAL, LABEL, CSRF];

/// One client's session during one request.
///
/// As an argument of a handler it is loaded, and the response gets `Vary: Cookie`. Changes are
/// stored when the response is ready, if its status is below 500. Names that begin with `_` are not
/// listed.
///
/// After the response the handle reads as empty, and changes fail with [`ValueError::Finished`].
#[derive(Clone)]
pub struct Session(pub(crate) Rc<Slot>);

impl std::fmt::Debug for Session {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Session({})", self.fingerprint().as_deref().unwrap_or("not stored"))
    }
}

impl Session {
    /// Returns the value under `name`.
    ///
    /// # Errors
    /// When the stored value is of another type.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ValueError> {
        self.read(|state| state.data.get(name).map(decode).transpose())?
    }

    /// Returns the value under `name`, or `default` if there is none.
    ///
    /// # Errors
    /// When the stored value is of another type.
    pub fn get_or<T: DeserializeOwned>(&self, name: &str, default: T) -> Result<T, ValueError> {
        Ok(self.get(name)?.unwrap_or(default))
    }

    /// Stores `value` under `name`. The session is written and extended even if the value is the
    /// same as before.
    ///
    /// # Errors
    /// When the value cannot be stored; the old one stays.
    pub fn set(&self, name: &str, value: impl Serialize) -> Result<(), ValueError> {
        self.update([(name, value)])
    }

    /// Stores several values: all of them, or on an error none.
    ///
    /// # Errors
    /// When a value cannot be stored.
    pub fn update<'a, V: Serialize>(
        &self,
        values: impl IntoIterator<Item = (&'a str, V)>,
    ) -> Result<(), ValueError> {
        let mut encoded = Data::new();
        for (name, value) in values {
            if RESERVED.contains(&name) {
                return Err(ValueError::Reserved);
            }
            encoded.insert(name.to_owned(), encode(name, value)?);
        }
        self.put(encoded)
    }

    /// Stores values under any names, including reserved ones.
    pub(crate) fn put(&self, values: Data) -> Result<(), ValueError> {
        let names: Vec<String> = values.keys().cloned().collect();
        self.checked(|data| data.extend(values))?;
        self.write(|state| {
            state.set.extend(names);
            state.modified = true;
        })
    }

    /// Returns the value under `name`; if there is none, stores `default` and returns that.
    ///
    /// # Errors
    /// As [`Session::get`] and [`Session::set`].
    pub fn set_default<T>(&self, name: &str, default: T) -> Result<T, ValueError>
    where
        T: Serialize + DeserializeOwned,
    {
        if let Some(value) = self.get(name)? {
            return Ok(value);
        }
        self.set(name, &default)?;
        Ok(default)
    }

    /// Edits the value under `name` in place, or `T::default()` if there is none. Changes are
    /// detected by comparison, so that an edit without effect stores nothing. If two concurrent
    /// requests edit the same value, the last one wins; see [`Session::transact`].
    ///
    /// # Errors
    /// As [`Session::get`] and [`Session::set`]; the old value stays.
    pub fn edit<T, R>(&self, name: &str, edit: impl FnOnce(&mut T) -> R) -> Result<R, ValueError>
    where
        T: Serialize + DeserializeOwned + Default,
    {
        if RESERVED.contains(&name) {
            return Err(ValueError::Reserved);
        }
        let mut value: T = self.get(name)?.unwrap_or_default();
        let result = edit(&mut value);
        let value = encode(name, value)?;
        self.checked(|data| _ = data.insert(name.to_owned(), value))?;
        Ok(result)
    }

    /// Deletes the value under `name`; returns whether there was one.
    pub fn delete(&self, name: &str) -> bool {
        let delete = |state: &mut State| Rc::make_mut(&mut state.data).remove(name).is_some();
        self.contains(name) && self.write(delete).unwrap_or(false)
    }

    /// Deletes the value under `name` and returns it.
    ///
    /// # Errors
    /// When the stored value is of another type; then it stays.
    pub fn pop<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ValueError> {
        let value = self.get(name)?;
        self.delete(name);
        Ok(value)
    }

    /// Returns whether there is a value under `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.read(|state| state.data.contains_key(name)).unwrap_or(false)
    }

    /// Returns the names of all values.
    pub fn keys(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.for_each(|name, _| names.push(name.to_owned()));
        names
    }

    /// Returns all names and values.
    pub fn items(&self) -> Data {
        let mut items = Data::new();
        self.for_each(|name, value| _ = items.insert(name.to_owned(), value.clone()));
        items
    }

    /// Calls `visit` with each name and value, without copying them.
    pub fn for_each(&self, mut visit: impl FnMut(&str, &Value)) {
        // `visit` may change the session.
        let data = self.read(|state| Rc::clone(&state.data)).unwrap_or_default();
        for (name, value) in data.iter().filter(|(name, _)| !name.starts_with('_')) {
            visit(name, value);
        }
    }

    /// Deletes every value. The session stays, under the same id.
    pub fn clear(&self) {
        _ = self.write(|state| {
            state.data = Rc::default();
            state.modified = true;
        });
    }

    /// Ends the session with the response: the stored session is deleted, and the cookie is
    /// removed. Values that are set afterwards go into a new session with a new id.
    pub fn flush(&self) {
        _ = self.write(|state| {
            let home = std::mem::take(&mut state.home);
            *state = State {
                flushed: match home {
                    Home::Nowhere => state.flushed.take(),
                    home => Some(home),
                },
                keep_cookie: state.keep_cookie,
                ..State::default()
            };
        });
    }

    /// Gives the session a new id with the response, and keeps its values. For two minutes, changes
    /// by requests with the old id still apply. When the session gains rights, use
    /// [`Session::login`].
    pub fn cycle_key(&self) {
        _ = self.write(|state| {
            let rotates = !matches!(state.home, Home::Nowhere);
            state.rotate = state.rotate.or(rotates.then_some(crate::Retire::Follow));
        });
    }

    /// Returns whether there is neither a session nor anything to store.
    pub fn is_empty(&self) -> bool {
        self.read(State::is_absent).unwrap_or(true)
    }

    /// Returns whether this request can have a session.
    pub fn is_enabled(&self) -> bool {
        self.0.enabled
    }

    /// Returns whether there are changes to store.
    pub fn is_modified(&self) -> bool {
        self.read(|state| state.modified || !state.changes().is_empty()).unwrap_or(false)
    }

    /// Stores and extends the session even if nothing changes.
    pub fn mark_modified(&self) {
        _ = self.write(|state| state.modified = true);
    }

    /// Stores a new session in the store, even with
    /// [`FirstVisit::Sealed`](crate::FirstVisit::Sealed).
    pub fn require_stored(&self) {
        _ = self.write(|state| state.store_at_once = true);
    }

    /// Returns 8 hexadecimal digits that identify the session in a log.
    pub fn fingerprint(&self) -> Option<String> {
        let id = self.read(|state| match &state.home {
            Home::Stored(id) | Home::Retired(id) | Home::ClientSide(id) => Some(id.clone()),
            Home::Unstored(unstored) => Some(unstored.id.clone()),
            Home::Nowhere => None,
        });
        id.ok().flatten().map(|id| format!("{:?}", id.key()))
    }

    /// Changes the data, unless the store cannot store the result.
    pub(crate) fn checked(&self, change: impl FnOnce(&mut Data)) -> Result<(), ValueError> {
        self.write(|state| {
            let mut data = Data::clone(&state.data);
            change(&mut data);
            self.0.check(&data)?;
            state.data = Rc::new(data);
            Ok(())
        })?
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> Result<T, ValueError> {
        self.0.state.borrow().as_ref().map(read).ok_or(ValueError::Finished)
    }

    pub(crate) fn write<T>(&self, write: impl FnOnce(&mut State) -> T) -> Result<T, ValueError> {
        self.0.state.borrow_mut().as_mut().map(write).ok_or(ValueError::Finished)
    }
}

/// Checks the name of a value that is written to the store at once.
fn check_counter(name: &str) -> Result<(), ValueError> {
    check_name(name)?;
    if RESERVED.contains(&name) { Err(ValueError::Reserved) } else { Ok(()) }
}
