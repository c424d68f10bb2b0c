//! What protects visitors: headers, the site's own name, and forms that only it may send.

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

use super::limits::{self, Refusal, UnderWay};
use crate::web::state::Site;

/// Everything from this host, nothing inline, no frame around the site, nothing of the device. The
/// referrer is what a form's way back depends on (`redirect::back`).
static HEADERS: [(HeaderName, HeaderValue); 7] = [
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

/// For a year, for this host alone: others of the domain are not this site's to speak for.
static HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds what an answer has not said for itself. `secure` when visitors come by HTTPS alone.
pub fn protect(headers: &mut HeaderMap, secure: bool) {
    for (name, value) in &HEADERS {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
    if secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY.clone());
    }
}

/// Refuses what the site does not answer, before anything is done for it.
pub async fn admit<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match check(&request) {
        Ok(_under_way) => Ok(next.call(request).await?.map_into_left_body()),
        Err(refusal) => Ok(request.into_response(refusal.answer()).map_into_right_body()),
    }
}

fn check(request: &ServiceRequest) -> Result<Option<UnderWay>, Refusal> {
    let Some(site) = request.app_data::<web::Data<Site>>() else { return Ok(None) };
    // What the request itself says: anybody can send an X-Forwarded-Host.
    let header = || request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = request.uri().authority().map(|host| host.as_str()).or_else(header);
    if !is_allowed(&site.allowed_hosts, host.unwrap_or_default()) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    limits::admit(site, request.request())
}

/// As Django's `ALLOWED_HOSTS`: a name that begins with a dot stands for its subdomains, too.
fn is_allowed(allowed: &[String], host: &str) -> bool {
    let port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let name = host.rsplit_once(':').filter(|(_, rest)| port(rest)).map_or(host, |(name, _)| name);
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

/// Refuses a form that another site sent. Browsers say where a request comes from; a client
/// that says nothing is no browser, and holds nobody else's cookie.
pub async fn same_origin<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let safe = request.method().is_safe();
    if safe || from_here(request.headers()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    Ok(request.into_response(HttpResponse::Forbidden()).map_into_right_body())
}

fn from_here(headers: &HeaderMap) -> bool {
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
    fn hosts_match_as_in_django() {
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
            assert_eq!(is_allowed(&[allowed.to_owned()], host), fits, "{allowed} {host}");
        }
        assert!(is_allowed(&[], "anything"));
    }
}
