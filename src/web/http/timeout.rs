//! Request timeout: answers 503 before the client's own timeout.

use std::time::Duration;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorServiceUnavailable;
use actix_web::middleware::Next;

use super::request_body::{MAX_FORM_SIZE, announced_size, is_admin};

/// For pages and forms. A database server that hangs does not end a statement by itself.
const PAGE_TIMEOUT: Duration = Duration::from_millis(4500);

/// For bodies that take long to send, and for operators' changes of many records.
const LONG_TIMEOUT: Duration = Duration::from_secs(60);

/// Cancels a request at its timeout. What it has written until then may be stored; the visitor
/// gets no confirmation of it.
pub(crate) async fn limit<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let is_upload = announced_size(request.request()) > MAX_FORM_SIZE;
    let is_change = !request.method().is_safe() && is_admin(request.path());
    let timeout = if is_upload || is_change { LONG_TIMEOUT } else { PAGE_TIMEOUT };
    match tokio::time::timeout(timeout, next.call(request)).await {
        Ok(response) => response,
        Err(_) => Err(ErrorServiceUnavailable(format!("request timed out after {timeout:?}"))),
    }
}
