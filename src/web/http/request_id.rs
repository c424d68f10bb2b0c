//! The id that leads from a visitor's error page to the log.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderName;
use actix_web::{HttpMessage, HttpRequest};

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Random, or the one that a proxy in front gave the request.
pub struct RequestId(pub String);

impl RequestId {
    pub fn of(request: &HttpRequest) -> String {
        request.extensions().get::<Self>().map_or_else(String::new, |id| id.0.clone())
    }

    pub fn given_or_new(request: &ServiceRequest) -> Self {
        let given = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
        let harmless = |id: &&str| {
            (8..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let id = given.filter(harmless).map(str::to_owned);
        Self(id.unwrap_or_else(|| format!("{:016x}", rand::random::<u64>())))
    }
}
