//! Checks before a request is handled: allowed hosts, limits, same-origin forms. Also the security
//! headers of every response.

use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY, CROSS_ORIGIN_RESOURCE_POLICY, HeaderMap,
    HeaderName, HeaderValue, ORIGIN, PERMISSIONS_POLICY, REFERER, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, web};

use super::limits::{InFlight, Limits, Refusal, decoded_path};
use super::origin::Origin;
use super::request_body::BodyState;
use super::response_body::CountedBody;
use super::{connections, host, request_body};

/// Allows resources of this host only, nothing inline, no framing and no device access. Browsers
/// send the referrer to this site alone, which `redirect::back` needs.
static SECURITY_HEADERS: [(HeaderName, HeaderValue); 7] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
             script-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'",
        ),
    ),
    (
        PERMISSIONS_POLICY,
        HeaderValue::from_static(
            "accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(), \
             geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
             usb=()",
        ),
    ),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
    (CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
];

/// One year, without subdomains: other hosts of the domain may not support HTTPS.
static HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Sets the security headers that the response does not set itself. `https_only` adds HSTS.
pub(crate) fn set_security_headers(headers: &mut HeaderMap, https_only: bool) {
    for (name, value) in &SECURITY_HEADERS {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
    if https_only {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS.clone());
    }
}

/// The names that the site answers to.
#[derive(Debug, Clone)]
pub(crate) struct AllowedHosts(pub(crate) Vec<String>);

/// Refuses foreign hosts and what exceeds the limits, before any other work is done.
pub(crate) async fn admit<B: MessageBody + 'static>(
    hosts: web::Data<AllowedHosts>,
    limits: web::Data<Limits>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<EitherBody<B>>>, Error> {
    let max_body = request_body::max_size(decoded_path(&request));
    let connection = connections::of(request.request())
        .filter(|_| request_body::has_unknown_size(&request))
        .cloned();
    let in_flight = match check(&hosts, &limits, &request, max_body) {
        Ok(in_flight) => in_flight,
        Err(refusal) => {
            connection.inspect(|connection| connection.stop_reading());
            return Ok(request.into_response(refusal.response()).map_into_right_body());
        }
    };
    let has_body = request_body::is_expected(&request);
    let (in_flight, body) = match in_flight {
        Some(in_flight) if has_body => {
            (None, Some(request_body::limit(&mut request, max_body, in_flight)))
        }
        in_flight => (in_flight, None),
    };
    let result = next.call(request).await;
    drop(in_flight);
    let failure = body.as_ref().and_then(BodyState::failure);
    let is_unread = has_body && !body.is_some_and(|body| body.is_complete());
    if is_unread {
        connection.inspect(|connection| connection.stop_reading());
    }
    let mut response = match (result, failure) {
        (Ok(response), Some(status)) => {
            let refusal = HttpResponse::new(status);
            response.into_response(refusal).map_into_right_body()
        }
        (Err(_), Some(status)) => {
            return Err(InternalError::new("the body was refused", status).into());
        }
        (Ok(response), None) => count(&limits, response),
        (Err(error), None) => return Err(error),
    };
    if is_unread {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

fn check(
    hosts: &AllowedHosts,
    limits: &Limits,
    request: &ServiceRequest,
    max_body: u64,
) -> Result<Option<InFlight>, Refusal> {
    // X-Forwarded-Host is ignored: any client can send it.
    match host::requested(request.request()) {
        Ok(host) if hosts.contains(host.unwrap_or_default()) => {}
        _ => return Err(StatusCode::BAD_REQUEST.into()),
    }
    if let Some(status) = request_body::refusal(request, max_body) {
        return Err(status.into());
    }
    limits.admit(request)
}

/// Counts a large response until its client has taken it, or refuses it while clients keep too many
/// waiting.
fn count<B: MessageBody + 'static>(
    limits: &Limits,
    response: ServiceResponse<B>,
) -> ServiceResponse<EitherBody<EitherBody<B>>> {
    let size = match response.response().body().size() {
        BodySize::Sized(size) if size > MAX_UNCOUNTED_SIZE => size,
        _ => return response.map_into_left_body().map_into_left_body(),
    };
    match limits.begin_response(size) {
        Some(in_flight) => {
            let counted = |_: &mut _, body| {
                EitherBody::left(EitherBody::right(CountedBody::new(body, in_flight).boxed()))
            };
            response.map_body(counted)
        }
        None => response
            .into_response(HttpResponse::new(StatusCode::SERVICE_UNAVAILABLE))
            .map_into_right_body(),
    }
}

/// Size up to which a response is not counted, in bytes: it fits into the buffer of its connection.
const MAX_UNCOUNTED_SIZE: u64 = 128 << 10;

impl AllowedHosts {
    /// Returns whether the value of a `Host` header is allowed. Names match as in Django's
    /// `ALLOWED_HOSTS`: a leading dot includes subdomains. An empty list allows any host.
    fn contains(&self, host: &str) -> bool {
        let Self(allowed) = self;
        let (name, _) = host::split(host);
        let name = name.strip_suffix('.').unwrap_or(name);
        let ends_with = |end: &str| {
            let tail = name.len().checked_sub(end.len()).and_then(|start| name.get(start..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
        };
        allowed.is_empty()
            || allowed.iter().any(|allowed| match allowed.strip_prefix('.') {
                Some(domain) => name.eq_ignore_ascii_case(domain) || ends_with(allowed),
                None => allowed == "*" || name.eq_ignore_ascii_case(allowed),
            })
    }
}

/// Refuses forms sent by other sites (CSRF). Browsers state where a request comes from; a client
/// that does not is not a browser, and cannot be made to send a visitor's cookie.
pub(crate) async fn same_origin<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if request.method().is_safe() || is_same_origin(request.request()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    Ok(request.into_response(HttpResponse::Forbidden()).map_into_right_body())
}

fn is_same_origin(request: &HttpRequest) -> bool {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text(ORIGIN.as_str()), text(REFERER.as_str())) {
        (Some(site), ..) => site == "same-origin" || site == "none",
        (None, Some(origin), _) => Origin::requested(request).is_origin_of(origin),
        (None, None, Some(page)) => Origin::requested(request).is_origin_of(page),
        (None, None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_hosts_match_as_in_django() {
        for (allowed, host, fits) in [
            ("films.example", "films.example", true),
            ("films.example", "Films.Example:8080", true),
            ("films.example", "evil.example", false),
            (".films.example", "www.films.example", true),
            (".films.example", "films.example", true),
            (".films.example", "evilfilms.example", false),
            (".films.example", "", false),
            ("films.example", "films.example.:443", true),
            ("films.example", "\u{e9}.example", false),
            ("[::1]", "[::1]:8080", true),
            ("*", "anything", true),
        ] {
            assert_eq!(
                AllowedHosts(vec![allowed.to_owned()]).contains(host),
                fits,
                "{allowed} {host}"
            );
        }
        assert!(AllowedHosts(vec![]).contains("anything"));
    }
}
