//! Checks before a request is handled: allowed hosts, limits, same-origin forms. Also the security
//! headers of every response.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY, CROSS_ORIGIN_RESOURCE_POLICY, HOST,
    HeaderMap, HeaderName, HeaderValue, ORIGIN, PERMISSIONS_POLICY, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

use super::limits::{InFlight, Limits, Refusal};

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
pub(crate) async fn admit<B: MessageBody>(
    hosts: web::Data<AllowedHosts>,
    limits: web::Data<Limits>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match check(&hosts, &limits, &request) {
        Ok(_in_flight) => Ok(next.call(request).await?.map_into_left_body()),
        Err(refusal) => Ok(request.into_response(refusal.response()).map_into_right_body()),
    }
}

fn check(
    hosts: &AllowedHosts,
    limits: &Limits,
    request: &ServiceRequest,
) -> Result<Option<InFlight>, Refusal> {
    // X-Forwarded-Host is ignored: any client can send it.
    let header = || request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = request.uri().authority().map(|host| host.as_str()).or_else(header);
    if !hosts.contains(host.unwrap_or_default()) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    limits.admit(request.request())
}

impl AllowedHosts {
    /// Returns whether the value of a `Host` header is allowed. Names match as in Django's
    /// `ALLOWED_HOSTS`: a leading dot includes subdomains. An empty list allows any host.
    fn contains(&self, host: &str) -> bool {
        let Self(allowed) = self;
        let port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let name =
            host.rsplit_once(':').filter(|(_, rest)| port(rest)).map_or(host, |(name, _)| name);
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
    if request.method().is_safe() || is_same_origin(request.headers()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    Ok(request.into_response(HttpResponse::Forbidden()).map_into_right_body())
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match headers.get("sec-fetch-site").map(|value| value.as_bytes()) {
        Some(site) => site == b"same-origin" || site == b"none",
        None => match (text(ORIGIN), text(HOST)) {
            (None, _) => true,
            (Some(origin), Some(host)) => origin
                .split_once("://")
                .is_some_and(|(_, origin)| origin.eq_ignore_ascii_case(host)),
            (Some(_), None) => false,
        },
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
