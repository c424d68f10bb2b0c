//! Making sessions: in a cookie, in the store, and in the store out of a cookie.

use std::time::{Duration, Instant, SystemTime};

use super::{Home, MAX_DRAWS, Slot, State};
use crate::config::FirstVisit;
use crate::cookie::MAX_COOKIE;
use crate::data::Data;
use crate::error::{Result, StoreError, ValueError};
use crate::expiry::{Expiry, Life};
use crate::key::SessionId;
use crate::principal::PRINCIPAL;
use crate::sealed::Token;
use crate::sessions::Backend;
use crate::store::{BoxedStore, Inserted, NewSession, Store};

impl Slot {
    pub fn check(&self, data: &Data) -> Result<(), ValueError> {
        let inner = self.sessions.inner();
        match &inner.backend {
            Backend::Stored(store) => store.check(data),
            Backend::ClientSide if self.enabled => {
                let text = self.seal(&self.draft(data.clone(), Expiry::BrowserClose, None), true);
                let size = text.map_or(0, |text| text.len()) + inner.cookie_overhead;
                let limit = MAX_COOKIE;
                if size > limit { Err(ValueError::TooLarge { limit, size }) } else { Ok(()) }
            }
            Backend::ClientSide | Backend::Disabled => Ok(()),
        }
    }

    /// Returns a token for these data that begins now.
    fn draft(&self, data: Data, expiry: Expiry, age: Option<(Duration, Instant)>) -> Draft {
        let now = SystemTime::now();
        let age_now = age.map_or(Duration::ZERO, |(age, then)| age + then.elapsed());
        let created = now.checked_sub(age_now).unwrap_or(now);
        let remaining = self.policy(age).lifetime(expiry);
        let remaining = self.left(age).map_or(remaining, |left| left.min(remaining));
        Draft { data, expiry, created, remaining }
    }

    fn seal(&self, draft: &Draft, compress: bool) -> Result<String> {
        let Some(sealer) = &self.sessions.inner().sealer else {
            return Err(StoreError::unsupported("sealing"));
        };
        let token = Token {
            id: SessionId::generate()?,
            created: draft.created,
            ends: draft.created.max(SystemTime::now()) + draft.remaining,
            expiry: draft.expiry,
            data: draft.data.clone(),
        };
        sealer.seal(&token, compress)
    }

    /// Returns the cookie's value and the life of a session that is kept in it.
    pub fn client_side(&self, state: &State) -> Result<(String, Life)> {
        let draft = self.draft(Data::clone(&state.data), state.own_expiry(), state.age);
        let life = Life { expiry: draft.expiry, remaining: draft.remaining };
        Ok((self.seal(&draft, true)?, life))
    }

    /// Returns the same for a first visit, if it fits into a cookie and may be there.
    pub fn first_visit(&self, state: &State) -> Option<(String, Life)> {
        let inner = self.sessions.inner();
        let sealed = inner.config.first_visit == FirstVisit::Sealed && self.store().is_some();
        if !sealed || state.store_at_once || state.data.contains_key(PRINCIPAL) {
            return None;
        }
        let expiry = state.expiry.unwrap_or_default();
        let draft = self.draft(Data::clone(&state.data), expiry, None);
        let text = self.seal(&draft, false).ok()?;
        let fits = text.len() + inner.cookie_overhead <= MAX_COOKIE;
        fits.then_some((text, Life { expiry, remaining: draft.remaining }))
    }

    /// Stores a new session under a new id.
    pub async fn create(
        &self,
        store: &BoxedStore,
        data: &Data,
        expiry: Expiry,
    ) -> Result<(SessionId, Life)> {
        let session = NewSession { data: data.clone(), expiry, ..NewSession::default() };
        let policy = self.policy(None);
        for _ in 0..MAX_DRAWS {
            let id = SessionId::generate()?;
            let key = id.key();
            let insert = store.insert(&key, &session, &policy);
            if let Inserted::Created(life) = self.ask("insert", insert).await? {
                return Ok((id, life));
            }
        }
        Err(StoreError::other("the store has sessions under new ids"))
    }

    /// Stores a session that is in a cookie only, once: whatever the outcome is, the write that
    /// follows applies to what is stored then.
    pub async fn promote(&self) -> Result<()> {
        let (unstored, session, policy) = {
            let state = self.state.borrow();
            let Some(State { home: Home::Unstored(unstored), stored, age, .. }) = &*state else {
                return Ok(());
            };
            let session = NewSession {
                data: Data::clone(stored),
                expiry: unstored.expiry,
                age: age.map_or(Duration::ZERO, |(age, then)| age + then.elapsed()),
                reserved: Some(unstored.reserved),
            };
            (unstored.clone(), session, self.policy(*age))
        };
        let Some(store) = self.store() else { return Ok(()) };
        self.ask("insert", store.insert(&unstored.id.key(), &session, &policy)).await?;
        if let Some(state) = &mut *self.state.borrow_mut() {
            state.home = Home::Stored(unstored.id);
        }
        Ok(())
    }
}

/// The content of a token without its id.
struct Draft {
    data: Data,
    expiry: Expiry,
    created: SystemTime,
    remaining: Duration,
}

#[cfg(all(test, feature = "sealed"))]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::cookie::{Candidate, Presented};
    use crate::finish::{Answer, End};
    use crate::session::Session;
    use crate::sessions::Sessions;

    /// The clock of this server, or of the one that made the cookie, is wrong.
    #[actix_web::test]
    async fn cookie_from_the_future_is_ignored_and_stays() {
        let secret = "0123456789abcdef0123456789abcdef";
        let sessions = Sessions::client_side().secret_keys([secret]).build().unwrap();
        let now = SystemTime::now();
        let (hour, year) = (Duration::from_secs(3600), Duration::from_secs(365 * 86_400));
        for (created, answer_is_removal) in [(now + hour, false), (now - year, true)] {
            let token = Token {
                id: SessionId::generate().unwrap(),
                created,
                ends: created + hour,
                expiry: Expiry::Policy,
                data: Data::from_iter([("a".to_owned(), 1.into())]),
            };
            let text = sessions.inner().sealer.as_ref().unwrap().seal(&token, true).unwrap();
            let candidates = vec![Candidate::Token(text)];
            let presented = Presented { candidates, count: 1, ..Presented::default() };
            let slot = Rc::new(Slot::new(sessions.clone(), presented, true));
            slot.load().await.unwrap();
            assert!(Session(Rc::clone(&slot)).is_empty());
            let answer = slot.finish(End { failed: false, safe: true }).await.unwrap();
            assert_eq!(matches!(answer, Answer::Remove), answer_is_removal);
        }
    }
}
