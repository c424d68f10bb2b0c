//! The session of one request: loaded once, when first asked for.

mod storing;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::{HttpMessage, HttpRequest};

use crate::cookie::{Candidate, Presented};
use crate::data::{Changes, Data};
use crate::error::{Result, StoreError, StoreErrorKind};
use crate::expiry::{Expiry, Life, Policy};
use crate::key::SessionId;
use crate::observer::Outcome;
use crate::sealed::{CLOCK_SKEW, Opened, Token};
use crate::sessions::{Backend, Sessions};
use crate::store::{BoxedStore, Loaded, Retire, Snapshot, Store};

/// The maximum number of ids that are generated for a new session, if the store has the first ones.
const MAX_DRAWS: u32 = 3;

/// The session of a request, which the middleware stores in the extensions of the request.
pub(crate) struct Slot {
    pub sessions: Sessions,
    pub presented: Presented,
    /// Whether this request can have a session.
    pub enabled: bool,
    /// `None` before the session is loaded and after the response.
    pub state: RefCell<Option<State>>,
    pub accessed: Cell<bool>,
    pub finished: Cell<bool>,
    /// The store failed; this request does not call it again.
    failed: Cell<bool>,
}

/// The place of the session.
#[derive(Clone, Default)]
pub(crate) enum Home {
    /// There is none.
    #[default]
    Nowhere,
    /// In the store.
    Stored(SessionId),
    /// In the store, under the key that replaced this one.
    Retired(SessionId),
    /// In the cookie, until it is first written.
    Unstored(Unstored),
    /// In the cookie, always.
    ClientSide(SessionId),
}

/// A session in a cookie, before its promotion.
#[derive(Clone)]
pub(crate) struct Unstored {
    pub id: SessionId,
    pub expiry: Expiry,
    /// The remaining validity of the cookie.
    pub reserved: Duration,
}

#[derive(Default)]
pub(crate) struct State {
    pub home: Home,
    /// The data as stored, as far as this request knows.
    pub stored: Rc<Data>,
    /// The data with the changes of this request.
    pub data: Rc<Data>,
    /// Names that this request set: they are written even if the value is the same as before.
    pub set: BTreeSet<String>,
    /// The own expiry that this request sets.
    pub expiry: Option<Expiry>,
    /// The last answer of the store.
    pub life: Option<Life>,
    /// The age of the session when it was loaded, and when that was.
    pub age: Option<(Duration, Instant)>,
    /// The response must send the cookie, because a change was stored already or the id is new.
    pub send: bool,
    /// This request created the session, and no other one has its id.
    pub created: bool,
    pub modified: bool,
    pub rotate: Option<Retire>,
    pub flushed: Option<Home>,
    /// A first visit must be stored at once.
    pub store_at_once: bool,
    /// The cookie must not be removed, although it has no session now.
    pub keep_cookie: bool,
}

impl State {
    pub fn changes(&self) -> Changes {
        let mut changes = if Rc::ptr_eq(&self.stored, &self.data) {
            Changes::default()
        } else {
            Changes::between(&self.stored, &self.data)
        };
        for name in &self.set {
            match self.data.get(name) {
                Some(value) => _ = changes.set.insert(name.clone(), value.clone()),
                None if self.stored.contains_key(name) => {}
                None => changes.removed.push(name.clone()),
            }
        }
        changes.expiry = self.expiry;
        changes
    }

    /// Returns the values that this request set.
    pub fn set_outright(&self) -> Data {
        let value = |name: &String| Some((name.clone(), self.data.get(name)?.clone()));
        self.set.iter().filter_map(value).collect()
    }

    /// Returns the session's own expiry, as this request sees it.
    pub fn own_expiry(&self) -> Expiry {
        self.expiry.or(self.life.map(|life| life.expiry)).unwrap_or_default()
    }

    /// Whether there is nothing that could be stored.
    pub fn is_absent(&self) -> bool {
        let plain = self.expiry.is_none_or(|expiry| expiry == Expiry::Policy);
        matches!(self.home, Home::Nowhere) && self.data.is_empty() && plain
    }

    fn loaded(home: Home, snapshot: Snapshot) -> Self {
        let data = Rc::new(snapshot.data);
        Self {
            home,
            stored: Rc::clone(&data),
            data,
            life: Some(snapshot.life),
            age: Some((snapshot.age, Instant::now())),
            ..Self::default()
        }
    }

    pub fn found(id: &SessionId, snapshot: Snapshot) -> Self {
        Self::loaded(Home::Stored(id.clone()), snapshot)
    }

    fn opened(home: Home, token: Token) -> Self {
        let (age, remaining) = (token.age(), token.remaining());
        let life = Life { expiry: token.expiry, remaining };
        Self::loaded(home, Snapshot::new(token.data, age, life))
    }

    fn retired(id: SessionId) -> Self {
        Self { home: Home::Retired(id), ..Self::default() }
    }
}

impl Slot {
    pub fn new(sessions: Sessions, presented: Presented, enabled: bool) -> Self {
        Self {
            sessions,
            presented,
            enabled,
            state: RefCell::default(),
            accessed: Cell::new(false),
            finished: Cell::new(false),
            failed: Cell::new(false),
        }
    }

    pub fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        request.extensions().get::<Rc<Self>>().cloned()
    }

    pub fn store(&self) -> Option<&BoxedStore> {
        match &self.sessions.inner().backend {
            Backend::Stored(store) if self.enabled => Some(store),
            _ => None,
        }
    }

    /// Calls the store, unless it failed in this request before.
    pub async fn ask<T: Outcome>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        if self.failed.get() {
            return Err(StoreError::unavailable("it failed earlier in this request"));
        }
        self.accessed.set(true);
        let answer = self.sessions.call(operation, call).await;
        if matches!(&answer, Err(error) if error.kind() == StoreErrorKind::Unavailable) {
            self.failed.set(true);
        }
        answer
    }

    pub fn has_failed(&self) -> bool {
        self.failed.get()
    }

    pub async fn load(&self) -> Result<()> {
        if self.state.borrow().is_some() || self.finished.get() {
            return Ok(());
        }
        let state = if self.enabled { self.find().await? } else { State::default() };
        self.accessed.set(self.enabled || self.accessed.get());
        // Another part of the request may have loaded it meanwhile.
        self.state.borrow_mut().get_or_insert(state);
        Ok(())
    }

    pub fn fill(&self, state: State) {
        self.accessed.set(true);
        self.state.borrow_mut().get_or_insert(state);
    }

    /// Returns the first candidate that is live; else the first that is retired.
    async fn find(&self) -> Result<State> {
        let (mut retired, mut keep_cookie) = (None, false);
        for candidate in &self.presented.candidates {
            match candidate {
                Candidate::Id(id) => match self.look_up(id).await? {
                    Loaded::Found(snapshot) => return Ok(State::found(id, snapshot)),
                    Loaded::Retired => retired = retired.or_else(|| Some(id.clone())),
                    Loaded::Missing => {
                        if let Some(state) = self.import(id.as_str()).await? {
                            return Ok(state);
                        }
                    }
                    Loaded::Ended => {}
                },
                Candidate::Foreign(text) => {
                    if let Some(state) = self.import(text).await? {
                        return Ok(state);
                    }
                }
                Candidate::Token(text) => {
                    let opened = self.sessions.inner().sealer.as_ref().map(|s| s.open(text));
                    let token = match opened {
                        Some(Opened::Valid(token)) => token,
                        Some(Opened::NotYet) => {
                            keep_cookie = true;
                            continue;
                        }
                        Some(Opened::Invalid) | None => continue,
                    };
                    if self.is_over(token.age()) {
                        continue;
                    }
                    if self.store().is_none() {
                        let home = Home::ClientSide(token.id.clone());
                        return Ok(State::opened(home, token));
                    }
                    match self.look_up(&token.id).await? {
                        // The browser still has the token: it gets the id.
                        Loaded::Found(snapshot) => {
                            return Ok(State { send: true, ..State::found(&token.id, snapshot) });
                        }
                        Loaded::Retired => retired = retired.or_else(|| Some(token.id.clone())),
                        Loaded::Ended => {}
                        Loaded::Missing => {
                            let home = Home::Unstored(Unstored {
                                id: token.id.clone(),
                                expiry: token.expiry,
                                reserved: token.remaining() + CLOCK_SKEW,
                            });
                            return Ok(State::opened(home, token));
                        }
                    }
                }
            }
        }
        let state = retired.map_or_else(State::default, State::retired);
        Ok(State { keep_cookie, ..state })
    }

    /// Loads a session, and ends one that is past its absolute age.
    async fn look_up(&self, id: &SessionId) -> Result<Loaded> {
        let Some(store) = self.store() else { return Ok(Loaded::Missing) };
        let loaded = self.ask("load", store.load(&id.key())).await?;
        if let Loaded::Found(snapshot) = &loaded
            && self.is_over(snapshot.age)
        {
            self.ask("delete", store.delete(&id.key(), None)).await?;
            return Ok(Loaded::Ended);
        }
        Ok(loaded)
    }

    /// Returns another framework's session as one that is not stored yet.
    async fn import(&self, cookie: &str) -> Result<Option<State>> {
        let Some(importer) = &self.sessions.inner().config.importer else { return Ok(None) };
        let Some(imported) = self.ask("import", importer.import(cookie)).await? else {
            return Ok(None);
        };
        Ok(match self.look_up(&imported.id).await? {
            Loaded::Found(snapshot) => {
                Some(State { send: true, ..State::found(&imported.id, snapshot) })
            }
            Loaded::Retired => Some(State::retired(imported.id)),
            Loaded::Ended => None,
            Loaded::Missing => {
                let (expiry, remaining) = (imported.expiry, imported.remaining);
                let reserved = remaining + CLOCK_SKEW;
                let home = Home::Unstored(Unstored { id: imported.id, expiry, reserved });
                let life = Life { expiry, remaining };
                Some(State::loaded(home, Snapshot::new(imported.data, Duration::ZERO, life)))
            }
        })
    }

    pub fn is_over(&self, age: Duration) -> bool {
        self.sessions.inner().config.absolute_age.is_some_and(|limit| age >= limit)
    }

    /// Returns the time until the session's absolute end.
    pub fn left(&self, age: Option<(Duration, Instant)>) -> Option<Duration> {
        let limit = self.sessions.inner().config.absolute_age?;
        let age = age.map_or(Duration::ZERO, |(age, then)| age + then.elapsed());
        Some(limit.saturating_sub(age))
    }

    /// Returns the policy for a session of this age: no deadline goes beyond the absolute end.
    pub fn policy(&self, age: Option<(Duration, Instant)>) -> Policy {
        let policy = self.sessions.inner().config.policy();
        let age = self.left(age).map_or(policy.age, |left| left.min(policy.age));
        Policy { age, touch_threshold: policy.touch_threshold.min(age) }
    }
}
