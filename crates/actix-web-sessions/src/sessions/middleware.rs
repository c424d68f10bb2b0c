//! Around each request: the cookie before, the store and the headers after.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::cookie::Cookie;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, SET_COOKIE, VARY};
use actix_web::{Error, HttpMessage};

use super::Sessions;
use crate::cookie::{self, Presented};
use crate::finish::End;
use crate::slot::Slot;

impl<S, B> Transform<S, ServiceRequest> for Sessions
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = SessionsService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(SessionsService { service, sessions: self.clone() }))
    }
}

/// The service that [`Sessions`] makes of another.
#[derive(Debug)]
pub struct SessionsService<S> {
    service: S,
    sessions: Sessions,
}

impl<S, B> Service<ServiceRequest> for SessionsService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if request.extensions().contains::<Rc<Slot>>() {
            log::error!("two `Sessions` wrap one handler: remove one of them");
            let error = actix_web::error::ErrorInternalServerError("two layers of sessions");
            return Box::pin(ready(Err(error)));
        }
        let slot = Rc::new(self.sessions.slot(&request));
        request.extensions_mut().insert(Rc::clone(&slot));
        let safe = request.method().is_safe();
        let response = self.service.call(request);
        Box::pin(async move {
            match response.await {
                Ok(mut response) => {
                    let failed = response.status().is_server_error();
                    match slot.finish(End { failed, safe }).await {
                        Ok(answer) => {
                            let cookie = slot.cookie(answer);
                            write_headers(response.headers_mut(), &slot, cookie.as_ref());
                            Ok(response.map_into_left_body())
                        }
                        // The page says that something was stored: it must not be sent.
                        Err(error) => {
                            let request = response.request().clone();
                            let mut response = ServiceResponse::from_err(error, request);
                            vary_by_cookie(response.headers_mut());
                            Ok(response.map_into_right_body())
                        }
                    }
                }
                // Of an inner middleware: a handler's error is a response by now.
                Err(mut error) => {
                    let failed = error.as_response_error().status_code().is_server_error();
                    let cookie = match slot.finish(End { failed, safe }).await {
                        Ok(answer) => slot.cookie(answer),
                        Err(other) => {
                            error = other.into();
                            None
                        }
                    };
                    error.add_response_mapper(move |mut response| {
                        write_headers(response.headers_mut(), &slot, cookie.as_ref());
                        response
                    });
                    Err(error)
                }
            }
        })
    }
}

impl Sessions {
    fn slot(&self, request: &ServiceRequest) -> Slot {
        if !self.is_enabled() {
            return Slot::new(self.clone(), Presented::default(), false);
        }
        let config = &self.inner().config;
        let presented = cookie::presented(request.headers(), &config.cookie_name, self.forms());
        if let Some(observer) = &config.observer {
            (0..presented.rejected).for_each(|_| observer.cookie_rejected());
        }
        let excluded = presented.count == 0
            && config.exclude.as_ref().is_some_and(|exclude| exclude(request.head()));
        Slot::new(self.clone(), presented, !excluded)
    }
}

fn write_headers(headers: &mut HeaderMap, slot: &Slot, cookie: Option<&Cookie<'static>>) {
    if slot.accessed.get() || cookie.is_some() {
        vary_by_cookie(headers);
    }
    let value = cookie.and_then(|cookie| HeaderValue::from_str(&cookie.to_string()).ok());
    if let Some(value) = value {
        headers.append(SET_COOKIE, value);
        if !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private"));
        }
    }
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
