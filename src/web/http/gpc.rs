//! Honors and advertises Global Privacy Control (<https://www.w3.org/TR/gpc/>).

use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::cache_policy::CachePolicy;

/// The day on which the site's behavior last changed in this respect.
const LAST_UPDATE: &str = "2026-11-25";

/// Returns whether the browser asks not to be tracked, by `Sec-GPC` or the older `DNT`.
pub(crate) fn opts_out(request: &HttpRequest) -> bool {
    let says = |name| request.headers().get(name).is_some_and(|value| value.as_bytes() == b"1");
    says("sec-gpc") || says("dnt")
}

/// `/.well-known/gpc.json`
pub(crate) async fn support() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(CachePolicy::OneDay)
        .json(json!({ "gpc": true, "lastUpdate": LAST_UPDATE }))
}
