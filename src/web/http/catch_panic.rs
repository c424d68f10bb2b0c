//! A defect of ours ends one request.

use std::panic::AssertUnwindSafe;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use futures_util::FutureExt;

use crate::web::error::Error;

/// A defect of ours ends this request, not the connection with its other requests.
pub async fn panics(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(answer) => answer,
        // The hook in `crate::logging` says where, and with what words.
        Err(_) => Err(Error::Internal(anyhow::anyhow!("panicked")).into()),
    }
}
