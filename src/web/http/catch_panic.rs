//! Converts panics of handlers into 500 responses, and keeps the connection open.

use std::panic::AssertUnwindSafe;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use futures_util::FutureExt;

use crate::web::error::Error;

pub async fn catch_panic(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(response) => response,
        // The panic hook in `crate::logging` has logged message and location.
        Err(_) => Err(Error::Internal(anyhow::anyhow!("panicked")).into()),
    }
}
