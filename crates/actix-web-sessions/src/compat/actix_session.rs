//! actix-session 0.11: its `Session` over ours, and our stores under its middleware.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_session::{SessionExt, SessionStatus};
use actix_web::body::MessageBody;
use actix_web::cookie::time;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, HttpMessage};
use anyhow::{Context, bail};
use serde_json::Value;

use crate::data::{Changes, Data};
use crate::error::OpenError;
use crate::expiry::Policy;
use crate::key::SessionId;
use crate::session::Session;
use crate::slot::Slot;
use crate::store::{Inserted, Loaded, Merged, NewSession, Retire, Store};

type Entries = HashMap<String, String>;

/// Fills `actix_session::Session` from ours and takes its changes back, for crates that use that, such
/// as actix-identity: `.wrap(IdentityMiddleware::default()).wrap(Bridge::new()).wrap(sessions)`.
///
/// Requests in parallel merge, `renew` is a rotation after which the old id is refused, and `purge`
/// is `flush`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bridge(());

impl Bridge {
    /// Returns the middleware; it belongs directly inside of [`Sessions`](crate::Sessions).
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S, B> Transform<S, ServiceRequest> for Bridge
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = BridgeService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(BridgeService { service: Rc::new(service) }))
    }
}

/// The service that [`Bridge`] makes of another.
#[derive(Debug)]
pub struct BridgeService<S> {
    service: Rc<S>,
}

impl<S, B> Service<ServiceRequest> for BridgeService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let service = Rc::clone(&self.service);
        Box::pin(async move {
            let slot = request.extensions().get::<Rc<Slot>>().cloned();
            let slot = slot.ok_or(OpenError::NoMiddleware)?;
            let theirs = request.get_session();
            if slot.presented.count > 0 {
                slot.load().await.map_err(OpenError::from)?;
                for (name, value) in Session(Rc::clone(&slot)).items() {
                    theirs.insert(name, value)?;
                }
            }
            let before: Entries = theirs.entries().clone();
            let response = service.call(request).await;
            let after: Entries = theirs.entries().clone();
            let status = theirs.status();
            let unchanged = before == after;
            if unchanged && !matches!(status, SessionStatus::Renewed | SessionStatus::Purged) {
                return response;
            }
            slot.load().await.map_err(OpenError::from)?;
            take_back(&Session(slot), &status, &before, &after)?;
            response
        })
    }
}

/// Applies what a request did to their session to ours.
fn take_back(
    session: &Session,
    status: &SessionStatus,
    before: &Entries,
    after: &Entries,
) -> Result<(), Error> {
    if *status == SessionStatus::Purged {
        session.flush();
        return Ok(());
    }
    let mut changed = Data::new();
    for (name, text) in after.iter().filter(|(name, text)| before.get(*name) != Some(*text)) {
        changed.insert(name.clone(), serde_json::from_str(text)?);
    }
    session.update(changed.iter().map(|(name, value)| (name.as_str(), value)))?;
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        session.delete(name);
    }
    if *status == SessionStatus::Renewed {
        _ = session.write(|state| state.rotate = Some(Retire::Refuse));
    }
    Ok(())
}

/// A store under actix-session's own `SessionMiddleware`. That hands over whole sessions, so that of
/// two requests at once the last one wins; but no write brings back a session that was erased: it is
/// an error.
#[derive(Debug, Clone)]
pub struct AsSessionStore<S>(pub S);

fn policy(ttl: &time::Duration) -> anyhow::Result<Policy> {
    let age = (*ttl).try_into().context("the time to live is negative")?;
    Ok(Policy { age, touch_threshold: Duration::ZERO })
}

fn entries(data: &Data) -> Entries {
    data.iter().map(|(name, value)| (name.clone(), value.to_string())).collect()
}

fn data(entries: &Entries) -> Result<Data, serde_json::Error> {
    let value =
        |(name, text): (&String, &String)| Ok((name.clone(), serde_json::from_str::<Value>(text)?));
    entries.iter().map(value).collect()
}

impl<S: Store> AsSessionStore<S> {
    async fn overwrite(
        &self,
        key: SessionKey,
        wanted: Option<&Data>,
        ttl: &time::Duration,
    ) -> anyhow::Result<SessionKey> {
        let id = SessionId::parse(key.as_ref()).context("not a session id")?;
        let changes = match (wanted, self.0.load(&id.key()).await?) {
            (Some(wanted), Loaded::Found(now)) => Changes::between(&now.data, wanted),
            (None, _) => Changes::default(),
            (Some(_), _) => bail!("the session was erased during the request"),
        };
        match self.0.merge(&id.key(), &changes, &policy(ttl)?).await? {
            Merged::Applied(_) => Ok(key),
            _ => bail!("the session was erased during the request"),
        }
    }
}

impl<S: Store> SessionStore for AsSessionStore<S> {
    async fn load(&self, key: &SessionKey) -> Result<Option<Entries>, LoadError> {
        let Some(id) = SessionId::parse(key.as_ref()) else { return Ok(None) };
        match self.0.load(&id.key()).await.map_err(|error| LoadError::Other(error.into()))? {
            Loaded::Found(snapshot) => Ok(Some(entries(&snapshot.data))),
            Loaded::Retired | Loaded::Ended | Loaded::Missing => Ok(None),
        }
    }

    async fn save(&self, state: Entries, ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let data = data(&state).map_err(|error| SaveError::Serialization(error.into()))?;
        self.0.check(&data).map_err(|error| SaveError::Serialization(error.into()))?;
        let save = async {
            let id = SessionId::generate()?;
            let session = NewSession { data, ..NewSession::default() };
            match self.0.insert(&id.key(), &session, &policy(ttl)?).await? {
                Inserted::Created(_) => {}
                Inserted::Conflict => bail!("the id is in use"),
            }
            Ok(SessionKey::try_from(id.as_str().to_owned())?)
        };
        save.await.map_err(SaveError::Other)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: Entries,
        ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let data = data(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        self.0.check(&data).map_err(|error| UpdateError::Serialization(error.into()))?;
        self.overwrite(key, Some(&data), ttl).await.map_err(UpdateError::Other)
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &time::Duration) -> anyhow::Result<()> {
        let key = SessionKey::try_from(key.as_ref().to_owned())?;
        self.overwrite(key, None, ttl).await.map(drop)
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        let Some(id) = SessionId::parse(key.as_ref()) else { return Ok(()) };
        Ok(self.0.delete(&id.key(), None).await?)
    }
}
