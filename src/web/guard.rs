//! What protects visitors: headers, the site's own name, and forms that only it may send.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use actix_web::middleware::{DefaultHeaders, Next};
use actix_web::{Error, HttpResponse, web};

use super::Site;

/// Everything from this host, nothing inline, no frame around the site.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     font-src 'self'; script-src 'self'; connect-src 'self'; manifest-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("Referrer-Policy", "same-origin"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
        .add(("Permissions-Policy", "camera=(), geolocation=(), microphone=()"))
}

/// Refuses a request whose `Host` the operator does not know, as Django's `ALLOWED_HOSTS`; a
/// name that begins with a dot stands for its subdomains, too.
pub async fn allowed_host<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let allowed = request.app_data::<web::Data<Site>>().is_none_or(|site| {
        // What the request itself says: anybody can send an X-Forwarded-Host.
        let header = || request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let host = request.uri().authority().map(|host| host.as_str()).or_else(header);
        let host = host.unwrap_or_default();
        site.allowed_hosts.is_empty() || site.allowed_hosts.iter().any(|name| is_host(name, host))
    });
    if allowed {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    Ok(request.into_response(HttpResponse::BadRequest()).map_into_right_body())
}

fn is_host(allowed: &str, host: &str) -> bool {
    let port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let name = host.rsplit_once(':').filter(|(_, rest)| port(rest)).map_or(host, |(name, _)| name);
    let (allowed, name) = (allowed.trim().to_lowercase(), name.to_lowercase());
    match allowed.strip_prefix('.') {
        Some(domain) => name == domain || name.ends_with(&allowed),
        None => allowed == "*" || name == allowed,
    }
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
            ("[::1]", "[::1]:8080", true),
            ("*", "anything", true),
        ] {
            assert_eq!(is_host(allowed, host), fits, "{allowed} {host}");
        }
    }
}
