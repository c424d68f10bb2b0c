//! The id that leads from a visitor's error page to the log.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderName;
use actix_web::{HttpMessage, HttpRequest};

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Random, unless a proxy has already assigned one.
pub(crate) struct RequestId(pub(crate) String);

impl RequestId {
    /// Returns the id of a request; empty outside of the request log.
    pub(crate) fn of(request: &HttpRequest) -> String {
        request.extensions().get::<Self>().map_or_else(String::new, |id| id.0.clone())
    }

    /// Takes the proxy's id only if it is safe to print and to log.
    pub(crate) fn given_or_new(request: &ServiceRequest) -> Self {
        let given = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
        let safe = |id: &&str| {
            (8..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let id = given.filter(safe).map(str::to_owned);
        Self(id.unwrap_or_else(|| format!("{:016x}", rand::random::<u64>())))
    }
}
