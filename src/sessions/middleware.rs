//! When a session is stored, and when the cookie is set or removed.

use std::cell::{Cell, RefCell};
use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::cookie::Cookie;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{HeaderMap, HeaderValue, SET_COOKIE, VARY};
use actix_web::{Error, HttpMessage};
use chrono::Utc;

use super::config::SessionConfig;
use super::cookie::{self, Presented};
use super::data::Changes;
use super::engine::{AnyEngine, Engine, Merged, StoreError, Touched};
use super::expiry::Expiry;
use super::key::Key;
use super::session::{Asked, Slot, State};

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
        let kept = engine.keeps();
        let presented = if kept {
            cookie::presented(&request, &config.session_cookie_name, |text| engine.parse(text))
        } else {
            Presented::Nothing
        };
        let (state, asked) = (RefCell::new(None), Cell::new(Asked::No));
        let slot = Rc::new(Slot { engine, config, presented, state, asked });
        request.extensions_mut().insert(Rc::clone(&slot));
        let safe = request.method().is_safe();
        let response = self.service.call(request);
        Box::pin(async move {
            let answered = response.await;
            if !kept {
                return Ok(answered?.map_into_left_body());
            }
            let mut response = match answered {
                Ok(response) => response,
                // Of an inner middleware: a handler's error is a response by now.
                Err(mut error) => {
                    if slot.asked.get() != Asked::No {
                        error.add_response_mapper(|mut response| {
                            vary_by_cookie(response.headers_mut());
                            response
                        });
                    }
                    return Err(error);
                }
            };
            let end = End { failed: response.status().is_server_error(), safe };
            let answer = match finish(&slot, end).await {
                Ok(answer) => answer,
                // The page says that something was kept: it must not be sent.
                Err(error) => {
                    let request = response.request().clone();
                    let mut response = ServiceResponse::from_err(error, request);
                    vary_by_cookie(response.headers_mut());
                    return Ok(response.map_into_right_body());
                }
            };
            if slot.asked.get() != Asked::No || answer.is_some() {
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

/// How a request ended.
struct End {
    /// With a 500 or above, a panic among them.
    failed: bool,
    /// Its method asks for nothing but an answer.
    safe: bool,
}

/// The end of a request: stores what changed and returns the cookie to send.
///
/// | the session was | and is now | stored | cookie |
/// |---|---|---|---|
/// | not looked at | – | nothing | none; removal of one too short to be a key |
/// | looked at, without a live row | empty | nothing | removal, if one was presented |
/// | looked at, without a live row | not empty | new row, new key | set |
/// | looked at, stored | unchanged | nothing | none |
/// | looked at, stored | changed, or set to the same | merged | set |
/// | looked at, stored | rotated | moved and merged | set, with the new key |
/// | looked at, rotated meanwhile | changed or rotated | merged into the successor | none |
/// | looked at, erased meanwhile | changed | what this request changed, alone: new row, new key | set |
/// | flushed | empty | deleted | removal |
/// | flushed | not empty | new row, new key; old one deleted | set |
/// | retired a moment ago | – | nothing | none: the browser has or gets a newer one |
///
/// With `SESSION_SAVE_EVERY_REQUEST` a live session that nobody looked at, or nobody changed, is
/// prolonged by [`touch`], and a cookie without one is removed. When the status is 500 or above
/// nothing is stored and no cookie set.
async fn finish(slot: &Slot, end: End) -> Result<Option<Cookie<'static>>, StoreError> {
    let Slot { engine, config, .. } = slot;
    let save_always = config.session_save_every_request && !end.failed;
    let Some(state) = slot.state.take() else {
        if let (true, Presented::Key(key)) = (save_always, &slot.presented) {
            return Ok(touch(slot, key).await);
        }
        let foreign = match slot.presented {
            Presented::Foreign { removable_unread } => removable_unread || save_always,
            Presented::Nothing | Presented::Key(_) => false,
        };
        return Ok(foreign.then(|| cookie::removal(config)));
    };
    let presented = !matches!(slot.presented, Presented::Nothing);
    let removal = || presented.then(|| cookie::removal(config));
    let gone = state.key.is_none() && state.data.is_empty();
    if state.retired && state.key.is_none() && state.flushed.is_none() {
        return Ok(None);
    }
    if end.failed {
        if let (true, Some(key)) = (state.created, &state.key) {
            // Nobody has its key; what stays is swept.
            let _ = engine.delete(key).await;
        }
        // What was flushed is still there.
        return Ok(if gone && state.flushed.is_none() { removal() } else { None });
    }
    if gone {
        if let Some(key) = &state.flushed {
            engine.delete(key).await?;
        }
        return Ok(removal());
    }
    match store(slot, &state, save_always).await {
        // Whoever only asked for a page gets it; nobody was told that anything is kept.
        Err(error) if end.safe && !state.rotate && state.flushed.is_none() => {
            log::warn!("what came of a page view is not kept: {error}");
            Ok(None)
        }
        stored => stored,
    }
}

/// Stores a session that holds something; returns the cookie to send.
async fn store(
    slot: &Slot,
    state: &State,
    save_always: bool,
) -> Result<Option<Cookie<'static>>, StoreError> {
    let Slot { engine, config, .. } = slot;
    let now = Utc::now();
    let expiry = Expiry::of(&state.data);
    let expires_at = expiry.deadline(now, config);
    let send = |key: &Key| Ok(Some(cookie::set(config, key, expiry.max_age(now, config))));
    let changes = state.changes();
    let Some(key) = &state.key else {
        let key = engine.insert(&state.data, expires_at).await?;
        if let Some(old) = &state.flushed {
            engine.delete(old).await?;
        }
        return send(&key);
    };
    if state.rotate
        && let Some(new) = engine.rotate(key, &changes, expires_at).await?
    {
        return send(&new);
    }
    // A counter was added at once, but left an expiry of the session's own as it was.
    let prolong = state.prolonged && matches!(expiry, Expiry::Seconds(_));
    if changes.is_empty() && !state.modified && !state.rotate && !prolong {
        return match (state.prolonged, save_always) {
            (true, _) => send(key),
            (false, true) => Ok(touch(slot, key).await),
            (false, false) => Ok(None),
        };
    }
    // Also when another request was the first to rotate: it has the only new key.
    match engine.merge(key, &changes, expires_at).await? {
        Merged::Stored(key) => return send(&key),
        Merged::Followed => return Ok(None),
        Merged::Gone => {}
    }
    // Erased elsewhere meanwhile: what this request wrote goes, alone, into a new session.
    if changes.changed.is_empty() {
        return Ok(Some(cookie::removal(config)));
    }
    send(&engine.insert(&changes.changed, expires_at).await?)
}

/// Prolongs a session that this request did not change, once `SESSION_TOUCH_THRESHOLD` is due. That
/// the store does not answer is no reason to withhold the page.
async fn touch(slot: &Slot, key: &Key) -> Option<Cookie<'static>> {
    if slot.asked.get() == Asked::InVain {
        return None;
    }
    let prolonged = slot.ask(try_touch(slot, key)).await;
    prolonged.unwrap_or_else(|error| {
        log::warn!("a session was not prolonged: {error}");
        None
    })
}

async fn try_touch(slot: &Slot, key: &Key) -> Result<Option<Cookie<'static>>, StoreError> {
    let Slot { engine, config, .. } = slot;
    let now = Utc::now();
    let expires_at = Expiry::Policy.deadline(now, config);
    let send = |key: &Key, expiry: Expiry| cookie::set(config, key, expiry.max_age(now, config));
    Ok(match engine.touch(key, expires_at, config.due(expires_at)).await? {
        Touched::Prolonged(key) => Some(send(&key, Expiry::Policy)),
        Touched::Missing => Some(cookie::removal(config)),
        Touched::Own(own @ (Expiry::Seconds(_) | Expiry::BrowserClose), until) => {
            let expires_at = own.deadline(now, config);
            if until > config.due(expires_at) {
                return Ok(None);
            }
            match engine.merge(key, &Changes::default(), expires_at).await? {
                Merged::Stored(key) => Some(send(&key, own)),
                Merged::Followed | Merged::Gone => None,
            }
        }
        Touched::Own(..) | Touched::Fresh | Touched::Retired => None,
    })
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
