//! The end of a request: stores the changes and decides about the cookie.

use std::time::{Duration, Instant};

use actix_web::cookie::Cookie;

use crate::cookie::{self, Candidate};
use crate::data::Data;
use crate::error::{Result, UpdateError};
use crate::expiry::{Expiry, Life};
use crate::key::SessionId;
use crate::slot::{Home, Slot, State};
use crate::store::{BoxedStore, Merged, Retire, Rotated, Store, Touched};

/// How a request ended.
pub(crate) struct End {
    /// With a status of 500 or above, a panic among them.
    pub failed: bool,
    /// With a safe method.
    pub safe: bool,
}

/// The action of the response on the cookie.
pub(crate) enum Answer {
    Nothing,
    Remove,
    /// Sets this value, for a session that lives so long.
    Set(String, Life),
}

impl Answer {
    fn id(id: &SessionId, life: Life) -> Self {
        Self::Set(id.as_str().to_owned(), life)
    }
}

impl Slot {
    /// Stores the changes and returns the cookie to send.
    ///
    /// | the session was | and is now | stored | cookie |
    /// |---|---|---|---|
    /// | not looked at | – | nothing | none; removal of one too short to be an id |
    /// | absent | empty | nothing | removal, if one was presented |
    /// | absent | not empty | new session, or in the cookie at the first visit | set |
    /// | stored | unchanged | nothing | none |
    /// | stored | changed, or set to the same | merged | set |
    /// | stored | rotated | moved and merged | set, with the new id |
    /// | stored, rotated meanwhile | changed or rotated | merged into the successor | none |
    /// | stored, erased meanwhile | changed | what was set outright, alone, as a new session | set |
    /// | retired | changed or erased | as the successor's | none |
    /// | in the cookie | changed | stored once, and merged | set |
    /// | flushed | empty | deleted | removal |
    /// | flushed | not empty | new session; the old one is deleted | set |
    ///
    /// With `save_every_request` a live session without changes is touched, and a cookie of no
    /// session is removed. After a status of 500 or above nothing is stored and no cookie is set.
    pub(crate) async fn finish(&self, end: End) -> Result<Answer, UpdateError> {
        let config = &self.sessions.inner().config;
        let save_always = config.save_every_request && !end.failed;
        let unread = self.state.borrow().is_none();
        if unread && save_always && self.enabled && !self.has_failed() {
            match self.presented.candidates.as_slice() {
                [Candidate::Id(id)] if self.store().is_some() && config.absolute_age.is_none() => {
                    self.finished.set(true);
                    return Ok(self.touch(id, None).await);
                }
                [] => {}
                _ => _ = self.load().await,
            }
        }
        self.finished.set(true);
        let Some(state) = self.state.take() else {
            let removable = self.presented.short || (save_always && self.presented.rejected > 0);
            let remove = self.enabled && removable && self.presented.is_removable();
            return Ok(if remove { Answer::Remove } else { Answer::Nothing });
        };
        if !self.enabled {
            return Ok(Answer::Nothing);
        }
        let flushed = state.flushed.is_some();
        if end.failed {
            if let (true, Home::Stored(id), Some(store)) =
                (state.created, &state.home, self.store())
            {
                // No client has its id; the sweep removes it.
                _ = self.ask("delete", store.delete(&id.key(), None)).await;
            }
            let dead = state.is_absent() && !flushed;
            return Ok(if dead { self.removal(&state) } else { Answer::Nothing });
        }
        let demanded = state.rotate.is_some() || flushed;
        match self.settle(state, save_always).await {
            // The response to a safe method does not confirm any change.
            Err(UpdateError::Store(error)) if end.safe && !demanded => {
                log::warn!("the changes of a page view are dropped: {error}");
                self.dropped();
                Ok(Answer::Nothing)
            }
            Err(UpdateError::Refused) if end.safe => {
                self.dropped();
                Ok(Answer::Nothing)
            }
            settled => settled,
        }
    }

    fn dropped(&self) {
        if let Some(observer) = &self.sessions.inner().config.observer {
            observer.write_dropped();
        }
    }

    /// Returns the removal of a cookie without a session; of several cookies none is removed.
    fn removal(&self, state: &State) -> Answer {
        let remove = self.presented.is_removable() && !state.keep_cookie;
        if remove { Answer::Remove } else { Answer::Nothing }
    }

    async fn settle(&self, state: State, save_always: bool) -> Result<Answer, UpdateError> {
        let Some(store) = self.store() else { return self.settle_in_cookie(&state, save_always) };
        if state.is_absent() {
            let Some(home) = &state.flushed else { return Ok(self.removal(&state)) };
            self.end(store, home).await?;
            // The browser has a newer id or gets one.
            let retired = matches!(home, Home::Retired(_));
            return Ok(if retired { Answer::Nothing } else { self.removal(&state) });
        }
        if let Home::Nowhere = state.home {
            let answer = match self.first_visit(&state) {
                Some((token, life)) => Answer::Set(token, life),
                None => {
                    let expiry = state.expiry.unwrap_or_default();
                    let (id, life) = self.create(store, &state.data, expiry).await?;
                    Answer::id(&id, life)
                }
            };
            if let Some(home) = &state.flushed {
                self.end(store, home).await?;
            }
            return Ok(answer);
        }
        self.store_changes(store, state, save_always).await
    }

    /// Deletes a flushed session. If it was in a cookie, its key stays reserved until that cookie
    /// expires.
    async fn end(&self, store: &BoxedStore, home: &Home) -> Result<()> {
        let (id, reserve) = match home {
            Home::Stored(id) | Home::Retired(id) => (id, self.token_reserve(id)),
            Home::Unstored(unstored) => (&unstored.id, Some(unstored.reserved)),
            Home::ClientSide(_) | Home::Nowhere => return Ok(()),
        };
        self.ask("delete", store.delete(&id.key(), reserve)).await
    }

    /// Returns the remaining validity of the token with this id, if the request sent one.
    fn token_reserve(&self, id: &SessionId) -> Option<Duration> {
        let sealer = self.sessions.inner().sealer.as_ref()?;
        self.presented.candidates.iter().find_map(|candidate| {
            let Candidate::Token(text) = candidate else { return None };
            match sealer.open(text) {
                crate::sealed::Opened::Valid(token) if token.id == *id => {
                    Some(token.remaining() + crate::sealed::CLOCK_SKEW)
                }
                _ => None,
            }
        })
    }

    /// Stores the changes to a session that the store has, or will have.
    async fn store_changes(
        &self,
        store: &BoxedStore,
        state: State,
        save_always: bool,
    ) -> Result<Answer, UpdateError> {
        let changes = state.changes();
        let retired = matches!(state.home, Home::Retired(_));
        let changed = !changes.is_empty() || (state.modified && !retired);
        let rotate = state.rotate.filter(|retire| !retired || *retire == Retire::Refuse);
        if !changed && rotate.is_none() {
            return Ok(match (&state.home, state.life) {
                (Home::Stored(id), Some(life)) if state.send => Answer::id(id, life),
                (Home::Stored(id), _) if save_always => self.touch(id, state.age).await,
                (Home::Unstored(unstored), _) if save_always => {
                    let id = unstored.id.clone();
                    self.touch_unstored(store, state, &id).await?
                }
                _ => Answer::Nothing,
            });
        }
        let (age, alone) = (state.age, state.set_outright());
        let removal = self.removal(&state);
        *self.state.borrow_mut() = Some(state);
        let promoted = self.promote().await;
        let state = self.state.take().unwrap_or_default();
        promoted?;
        let (Home::Stored(id) | Home::Retired(id)) = &state.home else {
            return Ok(Answer::Nothing);
        };
        let (key, policy) = (id.key(), self.policy(age));
        if let Some(retire) = rotate {
            let new = SessionId::generate()?;
            let new_key = new.key();
            let rotation = store.rotate(&key, &new_key, &changes, retire, &policy);
            match self.ask("rotate", rotation).await? {
                Rotated::Rotated(life) => return Ok(Answer::id(&new, self.capped(life, age))),
                Rotated::Gone => return self.start_anew(store, &alone, removal).await,
                // Another request made the new id. A login must not share that.
                Rotated::Retired if retire == Retire::Refuse => {
                    return self.start_anew(store, &alone, removal).await;
                }
                Rotated::Retired => {}
            }
        }
        match self.ask("merge", store.merge(&key, &changes, &policy)).await? {
            Merged::Applied(life) => Ok(Answer::id(id, self.capped(life, age))),
            Merged::AppliedToSuccessor => Ok(Answer::Nothing),
            Merged::Refused => Err(UpdateError::Refused),
            Merged::Gone => self.start_anew(store, &alone, removal).await,
        }
    }

    /// Stores the values that this request set as a new session, because the old one was deleted.
    async fn start_anew(
        &self,
        store: &BoxedStore,
        data: &Data,
        removal: Answer,
    ) -> Result<Answer, UpdateError> {
        if data.is_empty() {
            return Ok(removal);
        }
        let (id, life) = self.create(store, data, Expiry::Policy).await?;
        Ok(Answer::id(&id, life))
    }

    /// The cookie of a session that is kept in it.
    fn settle_in_cookie(&self, state: &State, save_always: bool) -> Result<Answer, UpdateError> {
        if state.is_absent() {
            return Ok(self.removal(state));
        }
        let changed = state.modified || state.rotate.is_some() || !state.changes().is_empty();
        let due = || {
            let (life, (_, loaded)) = state.life.zip(state.age)?;
            let remaining = life.remaining.saturating_sub(loaded.elapsed());
            Some(self.policy(state.age).is_due(Life { remaining, ..life }))
        };
        if !(changed || save_always && due().unwrap_or(false)) {
            return Ok(Answer::Nothing);
        }
        let (value, life) = self.client_side(state)?;
        Ok(Answer::Set(value, life))
    }

    /// Touches a session that this request did not change. A failure of the store does not fail the
    /// request.
    async fn touch(&self, id: &SessionId, age: Option<(Duration, Instant)>) -> Answer {
        let Some(store) = self.store() else { return Answer::Nothing };
        match self.ask("touch", store.touch(&id.key(), &self.policy(age))).await {
            Ok(Touched::Extended(life)) => Answer::id(id, self.capped(life, age)),
            Ok(Touched::Gone) if self.presented.is_removable() => Answer::Remove,
            Ok(Touched::Gone | Touched::Fresh | Touched::Retired) => Answer::Nothing,
            Err(error) => {
                log::warn!("a session was not extended: {error}");
                Answer::Nothing
            }
        }
    }

    /// Stores a session that is in a cookie only, to extend it.
    async fn touch_unstored(
        &self,
        store: &BoxedStore,
        state: State,
        id: &SessionId,
    ) -> Result<Answer, UpdateError> {
        let age = state.age;
        *self.state.borrow_mut() = Some(state);
        let promoted = self.promote().await;
        self.state.take();
        promoted?;
        let policy = self.policy(age);
        Ok(match self.ask("touch", store.touch(&id.key(), &policy)).await? {
            Touched::Extended(life) => Answer::id(id, self.capped(life, age)),
            Touched::Fresh => {
                let life = Life { expiry: Expiry::Policy, remaining: policy.age };
                Answer::id(id, life)
            }
            Touched::Retired | Touched::Gone => Answer::Nothing,
        })
    }

    /// Limits the lifetime of the cookie to the absolute end of the session.
    fn capped(&self, life: Life, age: Option<(Duration, Instant)>) -> Life {
        let remaining = self.left(age).map_or(life.remaining, |left| left.min(life.remaining));
        Life { remaining, ..life }
    }

    /// Returns the cookie of the answer.
    pub(crate) fn cookie(&self, answer: Answer) -> Option<Cookie<'static>> {
        let config = &self.sessions.inner().config;
        match answer {
            Answer::Nothing => None,
            Answer::Remove => Some(cookie::removal(config)),
            Answer::Set(value, life) => {
                let closes = match life.expiry {
                    Expiry::BrowserClose => true,
                    Expiry::Policy => config.expire_at_browser_close,
                    Expiry::After(_) | Expiry::At(_) => false,
                };
                let millis = life.remaining.min(crate::config::MAX_AGE).as_millis();
                let seconds = i64::try_from((millis + 500) / 1000).unwrap_or(i64::MAX);
                Some(cookie::set(config, value, (!closes).then_some(seconds)))
            }
        }
    }
}
