//! The handle that handlers use.

mod lifetime;
mod open;
mod test_cookie;

use std::rc::Rc;

use chrono::Utc;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use self::open::OpenError;
pub use self::open::{Asked, Slot, State};
use super::data::{Changes, Data, ValueError, decode, encode};
use super::engine::{Added, Engine, StoreError};
use super::expiry::Expiry;

/// One visitor's session during one request.
///
/// Taking it as an argument loads it, which counts as access: the response gets `Vary: Cookie`.
/// What changes is stored when the response is ready and its status is below 500. Names that
/// begin with `_` belong to the framework and are not listed.
pub struct Session(Rc<Slot>);

impl Session {
    /// The value under `key`, `None` when there is none.
    ///
    /// # Errors
    /// When the stored value is of another type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, ValueError> {
        self.with(|state| state.data.get(key).map(|value| decode(key, value)).transpose())
    }

    /// The value under `key`, or `default` when there is none.
    ///
    /// # Errors
    /// When the stored value is of another type.
    pub fn get_or<T: DeserializeOwned>(&self, key: &str, default: T) -> Result<T, ValueError> {
        Ok(self.get(key)?.unwrap_or(default))
    }

    /// Stores `value` under `key`. Any type that serde can write as JSON will do. It is written, and
    /// the session prolonged, even when the value is the same as before; see [`Session::edit`] for changes inside
    /// a value.
    ///
    /// # Errors
    /// When the value cannot be stored; the old one stays.
    pub fn set(&self, key: &str, value: impl Serialize) -> Result<(), ValueError> {
        self.update([(key, value)])
    }

    fn put(&self, key: &str, value: impl Serialize) -> Result<(), ValueError> {
        let value = encode(key, value)?;
        self.checked(|data| _ = data.insert(key.to_owned(), value))
    }

    /// Edits the value under `key` in place, `T::default()` when there is none, and stores what
    /// became of it; no mark is needed. An edit that changes nothing stores nothing.
    ///
    /// # Errors
    /// As [`Session::get`] and [`Session::set`]; the old value stays.
    pub fn edit<T, R>(&self, key: &str, edit: impl FnOnce(&mut T) -> R) -> Result<R, ValueError>
    where
        T: Serialize + DeserializeOwned + Default,
    {
        let mut value: T = self.get(key)?.unwrap_or_default();
        let result = edit(&mut value);
        self.put(key, value)?;
        Ok(result)
    }

    /// Several values at once; all of them, or on an error none.
    ///
    /// # Errors
    /// When a value cannot be stored.
    pub fn update<'a, V: Serialize>(
        &self,
        values: impl IntoIterator<Item = (&'a str, V)>,
    ) -> Result<(), ValueError> {
        let mut encoded = Data::new();
        for (key, value) in values {
            encoded.insert(key.to_owned(), encode(key, value)?);
        }
        let keys: Vec<String> = encoded.keys().cloned().collect();
        self.checked(|data| data.extend(encoded))?;
        self.change(|state| {
            state.set.extend(keys);
            state.modified = true;
        });
        Ok(())
    }

    /// The value under `key`; where there is none, stores `default` and returns that.
    ///
    /// # Errors
    /// As [`Session::get`] and [`Session::set`].
    pub fn set_default<T>(&self, key: &str, default: T) -> Result<T, ValueError>
    where
        T: Serialize + DeserializeOwned,
    {
        if let Some(value) = self.get(key)? {
            return Ok(value);
        }
        self.set(key, &default)?;
        Ok(default)
    }

    /// Whether there was something to delete.
    pub fn delete(&self, key: &str) -> bool {
        self.contains(key)
            && self.change(|state| Rc::make_mut(&mut state.data).remove(key)).is_some()
    }

    /// Deletes the value under `key` and returns it.
    ///
    /// # Errors
    /// When the stored value is of another type; then it stays.
    pub fn pop<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, ValueError> {
        let value = self.get(key)?;
        self.delete(key);
        Ok(value)
    }

    pub fn contains(&self, key: &str) -> bool {
        self.with(|state| state.data.contains_key(key))
    }

    /// The names of all values.
    pub fn keys(&self) -> Vec<String> {
        self.items().into_iter().map(|(key, _)| key).collect()
    }

    /// All names and values.
    pub fn items(&self) -> Data {
        let own = |(key, _): &(&String, &Value)| !key.starts_with('_');
        let copy = |(key, value): (&String, &Value)| (key.clone(), value.clone());
        self.with(|state| state.data.iter().filter(own).map(copy).collect())
    }

    /// Shows `see` every name and value, without copying them.
    pub fn for_each(&self, mut see: impl FnMut(&str, &Value)) {
        self.with(|state| {
            for (key, value) in state.data.iter().filter(|(key, _)| !key.starts_with('_')) {
                see(key, value);
            }
        });
    }

    /// Whether the engine keeps sessions at all.
    pub fn keeps(&self) -> bool {
        self.0.engine.keeps()
    }

    /// Neither stored nor holding anything.
    pub fn is_empty(&self) -> bool {
        self.with(|state| state.key.is_none() && state.data.is_empty())
    }

    /// Whether this request looked at its session, even if that was somebody else's doing.
    pub fn accessed(request: &actix_web::HttpRequest) -> bool {
        Slot::of(request).is_some_and(|slot| slot.state.borrow().is_some())
    }

    /// Whether the end of the request has something to store.
    pub fn modified(&self) -> bool {
        self.with(|state| state.modified || !state.changes().is_empty())
    }

    /// Has the session stored, and its life prolonged, although nothing in it changes.
    pub fn mark_modified(&self) {
        self.change(|state| state.modified = true);
    }

    /// Deletes every value. The session stays, under the same key.
    pub fn clear(&self) {
        self.change(|state| {
            state.data = Rc::default();
            state.modified = true;
        });
    }

    /// Ends the session: values and stored session are deleted, and the cookie is removed. What is
    /// set afterwards goes into a new session under a new key.
    pub fn flush(&self) {
        self.change(|state| {
            (state.data, state.stored) = (Rc::default(), Rc::default());
            state.set.clear();
            state.flushed = state.key.take().or(state.flushed.take());
            state.rotate = false;
        });
    }

    /// Gives the session a new key and makes the old one worthless; the values stay. For when the
    /// visitor gains rights, so that nobody who knew the old key shares them. A session that is
    /// not stored yet gets a new key anyway.
    pub fn cycle_key(&self) {
        self.change(|state| state.rotate = state.key.is_some());
    }

    /// Adds to the whole number under `name` (anything else counts as 0) and returns the sum.
    ///
    /// It is counted in the store at once, whatever becomes of the response: of requests under
    /// way together each gets a number of its own. A visitor without a session gets one for it.
    /// In a signed cookie it is counted at the end of the request.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn increment(&self, name: &str, by: i64) -> Result<i64, StoreError> {
        let key = self.with(|state| {
            let pending =
                state.set.contains(name) || state.data.get(name) != state.stored.get(name);
            if pending { None } else { state.key.clone() }
        });
        let added = match key {
            Some(key) => {
                self.0.ask(self.0.engine.add(&key, name, by, self.policy_deadline())).await?
            }
            None => Added::AtTheEnd,
        };
        let sum = match &added {
            Added::Now(data) | Added::Followed(data) => data.get(name).cloned(),
            Added::Missing | Added::AtTheEnd => None,
        };
        let stored = sum.is_some();
        let sum = sum.unwrap_or_else(|| self.whole_number(name).saturating_add(by).into());
        if self.with(|state| state.key.is_none() && state.flushed.is_none() && !state.retired) {
            return self.create_with(name, sum).await;
        }
        // Where a cookie has no room for one digit more, the count stands still.
        if !stored && self.checked(|data| _ = data.insert(name.to_owned(), sum.clone())).is_err() {
            return Ok(self.whole_number(name));
        }
        self.change(|state| {
            if stored {
                Rc::make_mut(&mut state.stored).insert(name.to_owned(), sum.clone());
                match added {
                    Added::Followed(_) => state.retired = true,
                    _ => state.prolonged = true,
                }
            }
            Rc::make_mut(&mut state.data).insert(name.to_owned(), sum);
        });
        Ok(self.whole_number(name))
    }

    /// Stores a new session now, so that a store that fails is known before the page is written.
    async fn create_with(&self, name: &str, number: Value) -> Result<i64, StoreError> {
        let Slot { engine, config, .. } = &*self.0;
        let mut data = self.with(|state| Data::clone(&state.data));
        data.insert(name.to_owned(), number);
        let key = if engine.keeps() {
            let expires_at = Expiry::of(&data).deadline(Utc::now(), config);
            Some(self.0.ask(engine.insert(&data, expires_at)).await?)
        } else {
            None
        };
        self.change(|state| {
            (state.created, state.prolonged) = (key.is_some(), key.is_some());
            let data = Rc::new(data);
            (state.key, state.stored, state.data) = (key, Rc::clone(&data), data);
            state.set.clear();
        });
        Ok(self.whole_number(name))
    }

    fn whole_number(&self, name: &str) -> i64 {
        let number = |value: &Value| value.as_i64().or(value.as_f64().map(trunc));
        self.with(|state| state.data.get(name).and_then(number).unwrap_or(0))
    }

    /// Changes the data, unless the engine could not store what would come of it.
    fn checked(&self, write: impl FnOnce(&mut Data)) -> Result<(), ValueError> {
        self.change(|state| {
            let mut data = Data::clone(&state.data);
            write(&mut data);
            self.0.engine.check(&data)?;
            state.data = Rc::new(data);
            Ok(())
        })
    }

    fn with<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(self.0.state.borrow().as_ref().expect("a Session exists only once it is loaded"))
    }

    fn change<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        write(self.0.state.borrow_mut().as_mut().expect("a Session exists only once it is loaded"))
    }
}

impl State {
    pub fn changes(&self) -> Changes {
        let mut changes = Changes::between(&self.stored, &self.data);
        for key in &self.set {
            match self.data.get(key) {
                Some(value) => _ = changes.changed.insert(key.clone(), value.clone()),
                None if self.stored.contains_key(key) => {}
                None => changes.removed.push(key.clone()),
            }
        }
        changes
    }
}

/// As the database's `trunc`, within what an `i64` can hold.
#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, which is wanted")]
fn trunc(number: f64) -> i64 {
    number as i64
}
