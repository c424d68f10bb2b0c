//! When a session is stored, and when the cookie is set or removed.

use std::cell::RefCell;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::cookie::Cookie;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{HeaderMap, HeaderValue, SET_COOKIE, VARY};
use actix_web::{Error, HttpMessage};

use super::config::SessionConfig;
use super::cookie::{self, Presented};
use super::engine::{AnyEngine, Engine, StoreError};
use super::session::Slot;

/// Wraps the pages that may use a session.
#[derive(Clone)]
pub struct Sessions {
    engine: AnyEngine,
    config: Arc<SessionConfig>,
}

impl Sessions {
    pub fn new(engine: AnyEngine, config: SessionConfig) -> Self {
        Self { engine, config: Arc::new(config) }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Sessions
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = SessionService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(SessionService { service, sessions: self.clone() }))
    }
}

pub struct SessionService<S> {
    service: S,
    sessions: Sessions,
}

impl<S, B> Service<ServiceRequest> for SessionService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let Sessions { engine, config } = self.sessions.clone();
        let presented = cookie::presented(&request, &config.session_cookie_name);
        let slot = Rc::new(Slot { engine, config, presented, state: RefCell::new(None) });
        request.extensions_mut().insert(Rc::clone(&slot));
        let response = self.service.call(request);
        Box::pin(async move {
            let mut response = response.await?;
            let touched = slot.state.borrow().is_some();
            let answer = match finish(&slot, response.status().is_server_error()).await {
                Ok(answer) => answer,
                // The page says that something was kept: it must not be sent.
                Err(error) => {
                    let request = response.request().clone();
                    let mut response = ServiceResponse::from_err(error, request);
                    vary_by_cookie(response.headers_mut());
                    return Ok(response.map_into_right_body());
                }
            };
            if touched || answer.is_some() {
                vary_by_cookie(response.headers_mut());
            }
            if let Some(cookie) = answer {
                let value = HeaderValue::from_str(&cookie.to_string());
                let value = value.expect("the settings and keys are ASCII, as validated");
                response.headers_mut().append(SET_COOKIE, value);
            }
            Ok(response.map_into_left_body())
        })
    }
}

/// The end of a request: stores what changed and returns the cookie to send.
///
/// | the session was | and is now | stored | cookie |
/// |---|---|---|---|
/// | not looked at | – | nothing | none; removal of one too short to be a key |
/// | looked at, without a live row | empty | nothing | removal, if one was presented |
/// | looked at, without a live row | not empty | new row, new key | set |
/// | looked at, stored | unchanged | nothing | none |
/// | looked at, stored | changed | merged | set |
///
/// When the status is 500 or above nothing is stored and no cookie set.
async fn finish(slot: &Slot, failed: bool) -> Result<Option<Cookie<'static>>, StoreError> {
    let removal = || Some(cookie::removal(&slot.config));
    let state = slot.state.take();
    let Some(state) = state else {
        let short = matches!(slot.presented, Presented::Foreign { removable_unread: true });
        return Ok(if short { removal() } else { None });
    };
    let presented = !matches!(slot.presented, Presented::Nothing);
    let changes = state.changes();
    let answer = match &state.key {
        None if state.data.is_empty() => return Ok(if presented { removal() } else { None }),
        _ if failed => None,
        None => Some(slot.engine.insert(&state.data, slot.config.lifetime()).await?),
        Some(key) if changes.is_empty() => state.prolonged.then(|| key.clone()),
        Some(key) if slot.engine.merge(key, &changes, slot.config.lifetime()).await? => {
            Some(key.clone())
        }
        // Erased elsewhere meanwhile: what this request wrote goes, alone, into a new session.
        Some(_) if changes.changed.is_empty() => return Ok(removal()),
        Some(_) => Some(slot.engine.insert(&changes.changed, slot.config.lifetime()).await?),
    };
    let age = slot.config.session_cookie_age;
    let max_age = (!slot.config.session_expire_at_browser_close).then_some(age);
    Ok(answer.map(|key| cookie::set(&slot.config, &key, max_age)))
}

/// Adds `Cookie` to `Vary`, after what the handler put there.
fn vary_by_cookie(headers: &mut HeaderMap) {
    let names: Vec<String> = headers
        .get_all(VARY)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    if names.iter().any(|name| name == "*" || name.eq_ignore_ascii_case("cookie")) {
        return;
    }
    let all = names.iter().map(String::as_str).chain(["Cookie"]).collect::<Vec<_>>().join(", ");
    if let Ok(value) = HeaderValue::from_str(&all) {
        headers.insert(VARY, value);
    }
}
