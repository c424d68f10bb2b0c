//! Checks before any route of the admin: allowed networks, and forms of this site only.

use actix_web::Error;
use actix_web::HttpResponse;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::ORIGIN;
use actix_web::middleware::Next;
use actix_web::web::Data;

use super::Admin;
use super::access::log_denial;
use crate::web::http::limits::decoded_path;
use crate::web::http::origin::Origin;

/// Hides the admin from clients outside of `ADMIN_NETWORKS`.
pub(super) async fn allow_networks<B: MessageBody>(
    admin: Data<Admin>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let networks = &admin.networks;
    if !networks.is_empty() && !networks.contains(admin.client(request.request()).0) {
        log_denial(request.request(), "", "the client is outside of ADMIN_NETWORKS");
        return Ok(request.into_response(HttpResponse::NotFound()).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// Refuses forms that do not provably come from a page of this site (CSRF). Stricter than the public
/// site: a client that does not state where the form comes from is refused.
pub(super) async fn same_origin<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if request.method().is_safe() || is_same_origin(&request) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    log_denial(request.request(), "", "the form comes from another site");
    let refused = HttpResponse::new(StatusCode::FORBIDDEN);
    Ok(request.into_response(refused).map_into_right_body())
}

fn is_same_origin(request: &ServiceRequest) -> bool {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text("sec-fetch-site");
    let origin = text(ORIGIN.as_str());
    // Browsers hide the origin of pages without a referrer; these have a secret in their address.
    let is_hidden = origin == Some("null") && decoded_path(request).starts_with("/admin/set-up/");
    let is_own =
        |origin: &str| is_hidden || Origin::requested(request.request()).is_origin_of(origin);
    match (site, origin) {
        (None, None) => false,
        (site, origin) => {
            site.is_none_or(|site| site == "same-origin") && origin.is_none_or(is_own)
        }
    }
}
