//! The access log, and what every response gets: its request id and the security headers.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use super::cache_policy::CachePolicy;
use super::limits::decoded_path;
use super::request_id::{RequestId, X_REQUEST_ID};
use super::request_metrics::RequestMetrics;
use super::route::Route;
use super::shutdown::Shutdown;
use super::{connections, guard, request_body};

const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

pub(crate) struct RequestLog {
    pub(crate) metrics: RequestMetrics,
    /// Whether all visitors use HTTPS, so that browsers may be told to insist on it.
    pub(crate) https_only: bool,
    pub(crate) shutdown: Shutdown,
}

/// Maximum length of a logged path, in characters.
const MAX_LOGGED_PATH: usize = 200;

/// Precedes the token of a link in a path of the admin.
const BEFORE_TOKEN: &str = "/set-up/";

/// Returns the beginning of a path, as the log shows it: a refused one may be of any length. The token
/// of a link is left out.
pub(crate) fn logged(path: &str) -> &str {
    let path = match path.find(BEFORE_TOKEN) {
        Some(at) => &path[..at + BEFORE_TOKEN.len()],
        None => path,
    };
    path.char_indices().nth(MAX_LOGGED_PATH).map_or(path, |(end, _)| &path[..end])
}

/// Logs method, path, status and duration of each request. Queries and client addresses are not
/// logged: they are personal data.
pub(crate) async fn log(
    log: web::Data<RequestLog>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let start = Instant::now();
    let id = RequestId::given_or_new(&request);
    let (method, text) = (request.method().clone(), id.0.clone());
    let path = logged(request.path()).to_owned();
    let is_admin = request_body::is_admin(decoded_path(&request));
    request.extensions_mut().insert(id);
    connections::touch(request.request());
    let in_flight = log.metrics.begin();
    let mut result = next.call(request).await;
    drop(in_flight);
    let https_only = log.https_only;
    let value = HeaderValue::from_str(&text).ok();
    let complete = move |headers: &mut HeaderMap| {
        guard::set_security_headers(headers, https_only);
        if is_admin {
            headers.insert(CACHE_CONTROL, CachePolicy::NoStore.into());
            headers.insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex"));
        }
        if let Some(id) = &value {
            headers.insert(X_REQUEST_ID, id.clone());
        }
    };
    let (status, route) = match &mut result {
        Ok(response) => {
            complete(response.headers_mut());
            if log.shutdown.has_begun() {
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            (response.status(), Route::of(response.request()))
        }
        // The response is made from the error later.
        Err(error) => {
            error.add_response_mapper(move |mut response| {
                complete(response.headers_mut());
                response
            });
            (error.as_response_error().status_code(), Route::NONE)
        }
    };
    let duration = start.elapsed();
    log.metrics.record(&method, route, status, duration);
    let ms = (duration.as_secs_f64() * 10_000.0).round() / 10.0;
    log::info!(
        target: "marquee::access",
        method = method.as_str(), path = path.as_str(), status = status.as_u16(),
        ms, request = text.as_str();
        "{method} {path} {} {ms:.0} ms", status.as_u16()
    );
    result
}
