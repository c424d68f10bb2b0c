//! The middleware, and access to sessions from outside of their requests.

mod middleware;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::config::{Builder, Config};
use crate::cookie::{self, Forms};
use crate::error::{Result, StoreError};
use crate::key::StoreKey;
use crate::observer::{self, Outcome};
use crate::principal::{LABEL, Principal, SessionInfo};
use crate::sealed::Sealer;
use crate::session::Session;
use crate::store::{BoxedStore, Store};

pub use self::middleware::SessionsService;

/// The timeout of a store call.
const STORE_TIMEOUT: Duration = Duration::from_secs(5);

/// The place where sessions are stored.
#[derive(Clone)]
pub(crate) enum Backend {
    Stored(BoxedStore),
    ClientSide,
    Disabled,
}

/// The middleware that gives requests a [`Session`]. Create it once, and give each worker a clone.
/// As `app_data` it also lists and ends the sessions of a user.
#[derive(Clone)]
pub struct Sessions(Arc<Inner>);

pub(crate) struct Inner {
    pub backend: Backend,
    pub config: Config,
    pub sealer: Option<Sealer>,
    /// The length of a `Set-Cookie` without its value.
    pub cookie_overhead: usize,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sessions")
            .field("cookie_name", &self.0.config.cookie_name)
            .finish_non_exhaustive()
    }
}

impl Sessions {
    /// Returns the middleware for sessions in `store`, with Django's defaults.
    pub fn new(store: impl Store) -> Self {
        Self::assemble(Backend::Stored(BoxedStore::new(store)), Config::default(), None)
    }

    /// Returns a builder for sessions in `store`.
    pub fn builder(store: impl Store) -> Builder {
        Builder::new(Backend::Stored(BoxedStore::new(store)))
    }

    /// Returns a builder for sessions that are stored in the cookie only, encrypted. They need
    /// [`Builder::secret_keys`]. Of two concurrent requests the last response wins, and sessions
    /// cannot be revoked: a copied cookie is valid until it expires.
    pub fn client_side() -> Builder {
        Builder::new(Backend::ClientSide)
    }

    /// Returns the middleware without sessions: every request gets an empty one, and no cookie is
    /// read or set.
    pub fn disabled() -> Self {
        Self::assemble(Backend::Disabled, Config::default(), None)
    }

    pub(crate) fn assemble(backend: Backend, config: Config, sealer: Option<Sealer>) -> Self {
        let cookie_overhead = cookie::length_around(&config);
        Self(Arc::new(Inner { backend, config, sealer, cookie_overhead }))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Returns whether there are sessions.
    pub fn is_enabled(&self) -> bool {
        !matches!(self.0.backend, Backend::Disabled)
    }

    pub(crate) fn store(&self) -> Result<&BoxedStore> {
        match &self.0.backend {
            Backend::Stored(store) => Ok(store),
            Backend::ClientSide | Backend::Disabled => Err(StoreError::unsupported("this")),
        }
    }

    pub(crate) fn forms(&self) -> Forms {
        Forms {
            ids: matches!(self.0.backend, Backend::Stored(_)),
            tokens: self.0.sealer.is_some(),
            foreign: self.0.config.importer.is_some(),
        }
    }

    /// Waits for a store call and reports it.
    pub(crate) async fn call<T: Outcome>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let begin = Instant::now();
        let answer = match tokio::time::timeout(STORE_TIMEOUT, call).await {
            Ok(answer) => answer,
            Err(_) => Err(StoreError::unavailable("no answer within 5 seconds")),
        };
        if let Some(observer) = &self.0.config.observer {
            observer.operation(operation, observer::name(&answer), begin.elapsed());
        }
        answer
    }

    /// Returns the live sessions of a user.
    ///
    /// # Errors
    /// When the store fails, or does not support it.
    pub async fn of(&self, principal: impl Into<Principal>) -> Result<Vec<SessionInfo>> {
        let principal = principal.into();
        let found = self.call("sessions_of", self.store()?.sessions_of(&principal.name)).await?;
        let limit = self.0.config.absolute_age.unwrap_or(Duration::MAX);
        let live = found.into_iter().filter(|(_, snapshot)| snapshot.age < limit);
        let mut sessions: Vec<SessionInfo> = live
            .map(|(key, snapshot)| SessionInfo {
                handle: key.to_hex(),
                age: snapshot.age,
                remaining: snapshot.life.remaining.min(limit.saturating_sub(snapshot.age)),
                label: snapshot.data.get(LABEL).and_then(Value::as_str).map(str::to_owned),
                current: principal.current == Some(key),
            })
            .collect();
        sessions.sort_by_key(|session| session.age);
        Ok(sessions)
    }

    /// Ends one session of a user, given its [`SessionInfo::handle`]. Returns `false` if the user
    /// has no such session.
    ///
    /// # Errors
    /// When the store fails, or does not support it.
    pub async fn end(&self, principal: impl Into<Principal>, handle: &str) -> Result<bool> {
        let Some(key) = StoreKey::from_hex(handle) else { return Ok(false) };
        let store = self.store()?;
        let principal = principal.into();
        let found = self.call("sessions_of", store.sessions_of(&principal.name)).await?;
        let owned = found.iter().any(|(owned, _)| *owned == key);
        if owned {
            self.call("delete", store.delete(&key, None)).await?;
        }
        Ok(owned)
    }

    /// Ends all sessions of the user except this one; returns their number.
    ///
    /// # Errors
    /// When the store fails, or does not support it.
    pub async fn end_others(&self, session: &Session) -> Result<usize> {
        let Some(principal) = session.principal() else { return Ok(0) };
        let current = session.store_key();
        self.call("delete_of", self.store()?.delete_of(&principal, current.as_ref())).await
    }

    /// Ends all sessions of a user, for example when the password changes; returns their number.
    ///
    /// # Errors
    /// When the store fails, or does not support it.
    pub async fn end_all(&self, principal: impl Into<Principal>) -> Result<usize> {
        let principal = principal.into();
        self.call("delete_of", self.store()?.delete_of(&principal.name, None)).await
    }

    /// Returns the number of expired sessions that a sweep would remove.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count_expired(&self) -> Result<usize> {
        match &self.0.backend {
            Backend::Stored(store) => store.count_expired().await,
            Backend::ClientSide | Backend::Disabled => Ok(0),
        }
    }

    /// Checks that the store answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        match &self.0.backend {
            Backend::Stored(store) => store.ping().await,
            Backend::ClientSide | Backend::Disabled => Ok(()),
        }
    }
}
