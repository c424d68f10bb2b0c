//! A visitor is told to come back sooner than a browser, or a person, gives up.

use std::time::Duration;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorServiceUnavailable;
use actix_web::middleware::Next;
use tokio::time::timeout;

use super::limits::{LARGE, announced};

/// For a page or a form. A server that is there but silent, as one that was frozen or cut off, ends
/// no statement by itself.
const PAGE: Duration = Duration::from_millis(4500);

/// For what takes long to send.
const UPLOAD: Duration = Duration::from_secs(60);

/// Gives a request up when its time is over. What it wrote so far may be stored all the same; the
/// visitor is not told that it is.
pub async fn limit<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let time = if announced(request.request()) > LARGE { UPLOAD } else { PAGE };
    match timeout(time, next.call(request)).await {
        Ok(response) => response,
        Err(_) => Err(ErrorServiceUnavailable(format!("gave up after {time:?}"))),
    }
}
