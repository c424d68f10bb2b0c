//! Error pages of the admin. The public ones would read the session as a visitor's.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};
use serde::Serialize;

use super::AdminRequest;
use crate::operators;
use crate::web::error;
use crate::web::http::request_id::RequestId;
use crate::web::http::request_log::logged;
use crate::web::render::page::{HTML, Page};

/// After which an unavailable page may be tried again, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

impl From<operators::Error> for error::Error {
    fn from(error: operators::Error) -> Self {
        match error {
            operators::Error::Refused(refusal) => Self::InvalidForm(refusal.to_string()),
            operators::Error::Database(error) => error.into(),
            operators::Error::Unavailable(error) => error.into(),
        }
    }
}

/// The template chooses the words by `status`.
#[derive(Serialize)]
struct ErrorPage {
    status: u16,
    /// The id of the request in the log.
    reference: String,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "admin/error.html";
}

/// Turns every failed response without a page into an error page.
pub(super) async fn render_errors(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE);
    let has_page = content_type.is_some_and(|it| it == HTML);
    if status.as_u16() < 400 || has_page {
        return Ok(response);
    }
    let id = RequestId::of(response.request());
    if status.is_server_error() {
        let cause = response.response().error().map(causes).unwrap_or_default();
        let (method, path) = (response.request().method(), logged(response.request().path()));
        log::error!(request = id.as_str(); "{method} {path} {status}: {cause}");
    }
    let page = ErrorPage { status: status.as_u16(), reference: id };
    let rendered = render(response.request(), status, &page).await;
    let body = match rendered {
        Ok(rendered) => rendered.into_body(),
        Err(error) => {
            log::error!("cannot render the error page: {error:?}");
            BoxBody::new("")
        }
    };
    Ok(response.map_body(|head, _| {
        head.headers.remove(CONTENT_LENGTH);
        head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(HTML));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            head.headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        body
    }))
}

async fn render(
    request: &actix_web::HttpRequest,
    status: StatusCode,
    page: &ErrorPage,
) -> error::Result<HttpResponse> {
    AdminRequest::open(request).await?.respond_with(status, page)
}

/// Returns the error with its chain of causes.
fn causes(error: &Error) -> String {
    match error.as_error::<error::Error>() {
        Some(error::Error::Internal(error) | error::Error::Unavailable(error)) => {
            format!("{error:#}")
        }
        _ => error.to_string(),
    }
}
