//! Loading a session, once a request.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError};

use super::Session;
use crate::sessions::config::SessionConfig;
use crate::sessions::cookie::Presented;
use crate::sessions::data::Data;
use crate::sessions::engine::{Added, AnyEngine, Engine, Loaded, StoreError};
use crate::sessions::key::Key;

/// What the middleware puts into each request, and where the session is once somebody asks.
pub struct Slot {
    pub engine: AnyEngine,
    pub config: Arc<SessionConfig>,
    pub presented: Presented,
    pub state: RefCell<Option<State>>,
    pub asked: Cell<Asked>,
}

/// Whether anybody wanted to know the session, and got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Asked {
    #[default]
    No,
    Yes,
    /// The store did not answer. It is not asked again: one request waits for it once.
    InVain,
}

#[derive(Default)]
pub struct State {
    /// Where it is stored; `None` for a visitor without a live session.
    pub key: Option<Key>,
    /// The key that the browser presented was given up, a moment ago or during this request.
    pub retired: bool,
    /// As the store has it, to the best of our knowledge.
    pub stored: Rc<Data>,
    /// The same until this request changes it.
    pub data: Rc<Data>,
    /// Keys that were set outright: what the request says counts, whatever was there when it began.
    pub set: BTreeSet<String>,
    /// Something was stored during this request already.
    pub prolonged: bool,
    /// The session is one of this request's making.
    pub created: bool,
    pub modified: bool,
    pub rotate: bool,
    /// The session that is to be deleted.
    pub flushed: Option<Key>,
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
        slot.load().await?;
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
            let expires_at = slot.config.policy_deadline();
            match slot.ask(slot.engine.add(key, name, by, expires_at)).await? {
                Added::Now(data) => {
                    slot.fill(State { prolonged: true, ..State::found(key, data) });
                    let session = Self(slot);
                    let now = session.whole_number(name);
                    return Ok((session, now.saturating_sub(by)));
                }
                // It counts, but a key that was given up opens nothing any more.
                Added::Followed(_) => {
                    slot.fill(State { retired: true, ..State::default() });
                    return Ok((Self(slot), 0));
                }
                Added::Missing | Added::AtTheEnd => {}
            }
        }
        let session = Self::open(request).await?;
        let now = session.increment(name, by).await?;
        Ok((session, now.saturating_sub(by)))
    }
}

impl Slot {
    pub fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        request.extensions().get::<Rc<Self>>().cloned()
    }

    /// Waits for the store, unless this request did so in vain before.
    pub async fn ask<T>(
        &self,
        question: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        if self.asked.replace(Asked::InVain) == Asked::InVain {
            return Err(anyhow::anyhow!("it did not answer this request before").into());
        }
        let answer = question.await?;
        self.asked.set(Asked::Yes);
        Ok(answer)
    }

    pub async fn load(&self) -> Result<(), StoreError> {
        if self.state.borrow().is_some() {
            return Ok(());
        }
        let state = match &self.presented {
            Presented::Key(key) => match self.ask(self.engine.load(key)).await? {
                Loaded::Found(data) => State::found(key, data),
                Loaded::Missing => State::default(),
                Loaded::Retired => State { retired: true, ..State::default() },
            },
            Presented::Nothing | Presented::Foreign { .. } => {
                self.asked.set(Asked::Yes);
                State::default()
            }
        };
        self.fill(state);
        Ok(())
    }

    fn fill(&self, state: State) {
        *self.state.borrow_mut() = Some(state);
    }
}

impl State {
    fn found(key: &Key, data: Data) -> Self {
        let data = Rc::new(data);
        Self { key: Some(key.clone()), stored: Rc::clone(&data), data, ..Self::default() }
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
