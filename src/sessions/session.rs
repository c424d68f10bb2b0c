//! The handle that handlers use.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::config::SessionConfig;
use super::cookie::Presented;
use super::data::{Changes, Data, ValueError, decode, encode};
use super::engine::{AnyEngine, Engine, StoreError};
use super::key::Key;

/// One visitor's session during one request. Taking it as an argument loads it; what changes is
/// stored when the response is ready and its status is below 500.
pub struct Session(pub(super) Rc<Slot>);

/// What the middleware puts into each request, and where the session is once somebody asks.
pub struct Slot {
    pub(super) engine: AnyEngine,
    pub(super) config: Arc<SessionConfig>,
    pub(super) presented: Presented,
    pub(super) state: RefCell<Option<State>>,
}

pub struct State {
    /// Where it is stored; `None` for a visitor without a live session.
    pub(super) key: Option<Key>,
    /// As the store has it, to the best of our knowledge.
    pub(super) stored: Data,
    pub(super) data: Data,
    /// Something was stored during this request already.
    pub(super) prolonged: bool,
}

/// Why there is no session to be had.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no `Sessions` middleware surrounds this handler")]
    NoMiddleware,
}

impl ResponseError for OpenError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Store(error) => error.status_code(),
            Self::NoMiddleware => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Store(error) => error.error_response(),
            Self::NoMiddleware => HttpResponse::InternalServerError().finish(),
        }
    }
}

impl Session {
    /// Loads the session, once a request however often it is asked for.
    ///
    /// # Errors
    /// When the store does not answer, or no middleware surrounds the handler.
    pub async fn open(request: &HttpRequest) -> Result<Self, OpenError> {
        let slot = Slot::of(request).ok_or(OpenError::NoMiddleware)?;
        if slot.state.borrow().is_none() {
            let loaded = match &slot.presented {
                Presented::Key(key) => slot.engine.load(key).await?.map(|data| (key.clone(), data)),
                Presented::Nothing | Presented::Foreign { .. } => None,
            };
            slot.fill(loaded);
        }
        Ok(Self(slot))
    }

    /// Loads the session and adds to a counter in one statement; returns the value before, too.
    /// For everything else as [`Session::increment`].
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn open_and_increment(
        request: &HttpRequest,
        name: &str,
        by: i64,
    ) -> Result<(Self, i64), OpenError> {
        let slot = Slot::of(request).ok_or(OpenError::NoMiddleware)?;
        let unread = slot.state.borrow().is_none();
        if let (true, Presented::Key(key)) = (unread, &slot.presented) {
            let loaded = slot.engine.add(key, name, by, slot.config.lifetime()).await?;
            let found = loaded.is_some();
            slot.fill(loaded.map(|data| (key.clone(), data)));
            if found {
                let session = Self(slot);
                session.change(|state| state.prolonged = true);
                let now = session.whole_number(name);
                return Ok((session, now.saturating_sub(by)));
            }
        }
        let session = Self::open(request).await?;
        let now = session.increment(name, by).await?;
        Ok((session, now.saturating_sub(by)))
    }

    /// The value under `key`, `None` when there is none.
    ///
    /// # Errors
    /// When the stored value is of another type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, ValueError> {
        self.with(|state| state.data.get(key).map(|value| decode(key, value)).transpose())
    }

    /// # Errors
    /// When the value cannot be stored; the old one stays.
    pub fn set(&self, key: &str, value: impl Serialize) -> Result<(), ValueError> {
        let value = encode(key, value)?;
        self.change(|state| state.data.insert(key.to_owned(), value));
        Ok(())
    }

    /// Whether there was something to delete.
    pub fn delete(&self, key: &str) -> bool {
        self.change(|state| state.data.remove(key)).is_some()
    }

    pub fn contains(&self, key: &str) -> bool {
        self.with(|state| state.data.contains_key(key))
    }

    /// Adds to the whole number under `name` (anything else counts as 0) and returns the sum.
    ///
    /// It is counted in the store at once, whatever becomes of the response: of requests under
    /// way together each gets a number of its own. A visitor without a stored session is counted
    /// when the session is stored.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn increment(&self, name: &str, by: i64) -> Result<i64, StoreError> {
        let key = self.with(|state| {
            let pending = state.data.get(name) != state.stored.get(name);
            if pending { None } else { state.key.clone() }
        });
        let added = match key {
            Some(key) => self.0.engine.add(&key, name, by, self.0.config.lifetime()).await?,
            None => None,
        };
        let sum = match added.as_ref().and_then(|data| data.get(name)) {
            Some(value) => value.clone(),
            None => self.whole_number(name).saturating_add(by).into(),
        };
        self.change(|state| {
            if added.is_some() {
                state.stored.insert(name.to_owned(), sum.clone());
                state.prolonged = true;
            }
            state.data.insert(name.to_owned(), sum);
        });
        Ok(self.whole_number(name))
    }

    fn whole_number(&self, name: &str) -> i64 {
        let number = |value: &serde_json::Value| value.as_i64().or(value.as_f64().map(trunc));
        self.with(|state| state.data.get(name).and_then(number).unwrap_or(0))
    }

    fn with<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(self.0.state.borrow().as_ref().expect("a Session exists only once it is loaded"))
    }

    fn change<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        write(self.0.state.borrow_mut().as_mut().expect("a Session exists only once it is loaded"))
    }
}

/// As the database's `trunc`, within what an `i64` can hold.
#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, which is wanted")]
fn trunc(number: f64) -> i64 {
    number as i64
}

impl Slot {
    pub(super) fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        request.extensions().get::<Rc<Self>>().cloned()
    }

    fn fill(&self, loaded: Option<(Key, Data)>) {
        let (key, stored) = loaded.map_or((None, Data::new()), |(key, data)| (Some(key), data));
        let data = stored.clone();
        let state = State { key, stored, data, prolonged: false };
        *self.state.borrow_mut() = Some(state);
    }
}

impl State {
    pub(super) fn changes(&self) -> Changes {
        Changes::between(&self.stored, &self.data)
    }
}

impl SessionConfig {
    /// How long the store keeps a session, also when its cookie ends with the browser.
    pub(super) fn lifetime(&self) -> Duration {
        Duration::from_secs(self.session_cookie_age.unsigned_abs())
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
