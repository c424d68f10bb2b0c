//! Limits of request bodies, enforced on the bytes as they arrive and before any parser sees them.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::rt::time::{Instant, Sleep, sleep_until};
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::Stream;

use super::limits::InFlight;

/// Maximum size of an ordinary form, in bytes. Larger bodies are uploads.
pub(crate) const MAX_FORM_SIZE: u64 = 64 << 10;

/// Maximum size of a form of the admin, in bytes: long texts take up to nine bytes a character.
pub(crate) const MAX_ADMIN_FORM_SIZE: u64 = 512 << 10;

/// Maximum size of the file that a form uploads, in bytes.
pub(crate) const MAX_FILE_SIZE: u64 = 1 << 20;

/// Maximum size of an upload, in bytes: the file, and what the form has around it.
pub(crate) const MAX_UPLOAD_SIZE: u64 = MAX_FILE_SIZE + (16 << 10);

/// Time without any byte of a body that is always allowed.
const GRACE_PERIOD: Duration = Duration::from_secs(5);

/// Bytes per second below which a body is given up after [`GRACE_PERIOD`].
const MIN_RATE: u32 = 16 << 10;

/// Returns the maximum size of a body sent to that path.
pub(crate) fn max_size(path: &str) -> u64 {
    match path {
        "/you/import" => MAX_UPLOAD_SIZE,
        path if is_admin(path) => MAX_ADMIN_FORM_SIZE,
        _ => MAX_FORM_SIZE,
    }
}

/// Returns whether a decoded path belongs to the admin.
pub(crate) fn is_admin(path: &str) -> bool {
    path.strip_prefix("/admin").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns the `Content-Length` of a request, 0 if it has none.
pub(crate) fn announced_size(request: &HttpRequest) -> u64 {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}

/// Returns whether a request has a body.
pub(crate) fn is_expected(request: &ServiceRequest) -> bool {
    announced_size(request.request()) > 0 || has_unknown_size(request)
}

/// Returns whether a request has a body that may be endless.
pub(crate) fn has_unknown_size(request: &ServiceRequest) -> bool {
    request.headers().contains_key(TRANSFER_ENCODING)
}

/// Returns the status with which a request is refused for what its head says about its body.
pub(crate) fn refusal(request: &ServiceRequest, max: u64) -> Option<StatusCode> {
    // No browser compresses a form, and a small body could inflate to any size.
    let mut encodings = request.headers().get_all(CONTENT_ENCODING);
    if encodings.any(|one| !one.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity")) {
        return Some(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    (announced_size(request.request()) > max).then_some(StatusCode::PAYLOAD_TOO_LARGE)
}

/// How far a body was read.
#[derive(Clone, Default)]
pub(crate) struct BodyState(Rc<State>);

#[derive(Default)]
struct State {
    failure: Cell<Option<StatusCode>>,
    is_complete: Cell<bool>,
}

impl BodyState {
    /// Returns why the rest of the body was not read, `None` while nothing is wrong.
    pub(crate) fn failure(&self) -> Option<StatusCode> {
        self.0.failure.get()
    }

    /// Returns whether the body was read to its end.
    pub(crate) fn is_complete(&self) -> bool {
        self.0.is_complete.get()
    }
}

/// Puts limits around the body of a request. Handlers read errors; the middleware then responds with
/// the status that the returned value holds.
pub(crate) fn limit(request: &mut ServiceRequest, max: u64, in_flight: InFlight) -> BodyState {
    let state = BodyState::default();
    let body = LimitedBody {
        payload: request.take_payload(),
        received: 0,
        max,
        in_flight,
        started: Instant::now(),
        deadline: None,
        state: state.clone(),
    };
    request.set_payload(Payload::from(Box::pin(body) as Pin<Box<dyn Stream<Item = _>>>));
    state
}

struct LimitedBody {
    payload: Payload,
    received: u64,
    max: u64,
    /// Counts the bytes that have arrived, not those that were announced.
    in_flight: InFlight,
    started: Instant,
    /// Until when the next bytes must arrive; made when they are first waited for.
    deadline: Option<Pin<Box<Sleep>>>,
    state: BodyState,
}

impl LimitedBody {
    fn fail(&self, status: StatusCode) -> Poll<Option<Result<Bytes, PayloadError>>> {
        self.state.0.failure.set(Some(status));
        Poll::Ready(Some(Err(PayloadError::Overflow)))
    }

    fn latest(&self) -> Instant {
        let time = u32::try_from(self.received).unwrap_or(u32::MAX);
        self.started + GRACE_PERIOD + Duration::from_secs(1) * time / MIN_RATE
    }
}

impl Stream for LimitedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.state.failure().is_some() {
            return Poll::Ready(None);
        }
        match Pin::new(&mut self.payload).poll_next(cx) {
            Poll::Ready(Some(Ok(bytes))) => {
                self.received += bytes.len() as u64;
                if self.received > self.max {
                    return self.fail(StatusCode::PAYLOAD_TOO_LARGE);
                }
                let received = self.received;
                if !self.in_flight.grow(received) {
                    return self.fail(StatusCode::SERVICE_UNAVAILABLE);
                }
                self.deadline = None;
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Pending => {
                let latest = self.latest();
                let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep_until(latest)));
                match deadline.as_mut().poll(cx) {
                    Poll::Ready(()) => self.fail(StatusCode::REQUEST_TIMEOUT),
                    Poll::Pending => Poll::Pending,
                }
            }
            Poll::Ready(None) => {
                self.state.0.is_complete.set(true);
                Poll::Ready(None)
            }
            error => error,
        }
    }
}
