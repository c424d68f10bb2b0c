//! Global Privacy Control (<https://www.w3.org/TR/gpc/>): heard, and said to be.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// The last day on which what the site does about it changed.
const LAST_UPDATE: &str = "2026-11-25";

/// Whether the browser asks sites not to track it, in these words or in those of its elder.
pub fn asked(request: &HttpRequest) -> bool {
    let says = |name| request.headers().get(name).is_some_and(|value| value.as_bytes() == b"1");
    says("sec-gpc") || says("dnt")
}

/// `/.well-known/gpc.json`
pub async fn support() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=86400"))
        .json(json!({ "gpc": true, "lastUpdate": LAST_UPDATE }))
}
