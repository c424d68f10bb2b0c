//! A visitor is told to come back sooner than a browser, or a person, gives up.

use std::time::Duration;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorServiceUnavailable;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::middleware::Next;
use tokio::time::timeout;

/// For a page or a form. A server that is there but silent, as one that was frozen or cut off, ends
/// no statement by itself.
const PAGE: Duration = Duration::from_millis(4500);

/// For what takes long to send.
const UPLOAD: Duration = Duration::from_secs(60);

/// Bytes of a body that is no form any more.
const LARGE: u64 = 64 * 1024;

/// Gives a request up when its time is over. What it wrote so far may be stored all the same; the
/// visitor is not told that it is.
pub async fn limit<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let length = request.headers().get(CONTENT_LENGTH);
    let length = length.and_then(|text| text.to_str().ok()?.parse().ok()).unwrap_or(0_u64);
    let time = if length > LARGE { UPLOAD } else { PAGE };
    match timeout(time, next.call(request)).await {
        Ok(response) => response,
        Err(_) => Err(ErrorServiceUnavailable(format!("gave up after {time:?}"))),
    }
}
