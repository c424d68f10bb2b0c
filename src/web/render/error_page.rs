//! Error pages: every failed response becomes a page with a way on.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER,
};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::page::{HTML, Page};
use super::page_body::PageBody;
use super::placeholder::Values;
use super::renderer::Renderer;
use crate::web::error::{Error, LastPage};
use crate::web::http::cache_policy::CachePolicy;
use crate::web::http::request_id::RequestId;
use crate::web::http::request_log::logged;
use crate::web::http::url::local;
use crate::web::visitor::{MAX_FILMS, Mark, Visitor};

/// Turns every failed response into an error page, whether it comes from a handler, an extractor,
/// the router or other middleware. A response with a body of its own is left as it is.
pub(crate) async fn render_errors(
    renderer: web::Data<Renderer>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (method, path) = (request.method().clone(), logged(request.path()).to_owned());
    let id = RequestId::of(request.request());
    let failed = |response: &HttpResponse<_>| {
        let content_type = response.headers().get(CONTENT_TYPE);
        let has_body = content_type.is_some_and(|it| it == HTML || response.error().is_none());
        response.status().as_u16() >= 400 && !has_body
    };
    match next.call(request).await {
        Ok(response) if failed(response.response()) => {
            let status = response.status();
            let cause = response.response().error();
            log_failure(response.request(), status, cause);
            // Boxed to keep the future of a successful request small.
            let visitor = Box::pin(visitor(response.request(), status)).await;
            let reference = status.is_server_error().then(|| RequestId::of(response.request()));
            let mut page = ErrorPage::new(status, reference);
            page.explain(cause.and_then(|cause| cause.as_error::<Error>()));
            page.suggest(response.request());
            let notices = match visitor.is_anonymous() {
                true => Arc::default(),
                false => Box::pin(renderer.notices()).await,
            };
            let body = render(&renderer, &page, &Values { visitor: &visitor, notices });
            Ok(response.map_body(|head, _| {
                head.headers.remove(CONTENT_LENGTH);
                head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(HTML));
                head.headers.insert(CACHE_CONTROL, CachePolicy::NoStore.into());
                if status == StatusCode::SERVICE_UNAVAILABLE {
                    head.headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
                }
                BoxBody::new(body)
            }))
        }
        Ok(response) => Ok(response.map_into_boxed_body()),
        Err(error) => {
            let status = error.as_response_error().status_code();
            if status.is_server_error() {
                let request = id.as_str();
                log::error!(request; "{method} {path} {status}: {}", causes(&error));
            }
            let page = ErrorPage::new(status, status.is_server_error().then_some(id));
            let body = render(&renderer, &page, &Values::anonymous(&Visitor::anonymous()));
            let mut response = HttpResponse::build(status);
            response.insert_header(CachePolicy::NoStore).content_type(HTML);
            if status == StatusCode::SERVICE_UNAVAILABLE {
                response.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS));
            }
            let response = response.body(body);
            Err(InternalError::from_response(error, response).into())
        }
    }
}

/// Returns the visitor of a client error, so that the page has the right theme. Server errors are
/// shown without it, because the session store may be the cause.
async fn visitor(request: &HttpRequest, status: StatusCode) -> Visitor {
    if status.is_client_error() {
        Visitor::open(request).await.unwrap_or_else(|_| Visitor::anonymous())
    } else {
        Visitor::anonymous()
    }
}

/// Returns an empty body if even the error page cannot be rendered.
fn render(renderer: &Renderer, page: &ErrorPage, values: &Values<'_>) -> PageBody {
    match renderer.render(page) {
        Ok(page) => page.fill(values),
        Err(error) => {
            log::error!("cannot render the error page: {error:?}");
            PageBody::default()
        }
    }
}

fn log_failure(request: &HttpRequest, status: StatusCode, cause: Option<&actix_web::Error>) {
    if status.is_server_error() {
        let (method, path, id) = (request.method(), logged(request.path()), RequestId::of(request));
        let cause = cause.map_or_else(|| "unknown cause".to_owned(), causes);
        log::error!(request = id.as_str(); "{method} {path} {status}: {cause}");
    }
}

/// Returns the error with its chain of causes.
fn causes(error: &actix_web::Error) -> String {
    match error.as_error::<Error>() {
        Some(Error::Internal(error) | Error::Unavailable(error)) => format!("{error:#}"),
        _ => error.to_string(),
    }
}

/// When to retry while the site is unavailable, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// Letters of a URL that a 404 page suggests to search for.
const MAX_SUGGESTED: usize = 60;

/// The template chooses the words by `kind`.
#[derive(Serialize)]
struct ErrorPage {
    status: u16,
    kind: Kind,
    /// For [`Kind::NoSuchPage`]: the last page, and the page requested instead.
    last_page: Option<String>,
    pages: u32,
    requested: u32,
    /// For [`Kind::Full`]: the list, unless the session as a whole is full.
    full_list: Option<&'static str>,
    max_films: usize,
    /// For [`Kind::InvalidForm`]: the field, and what is wrong with it.
    detail: Option<String>,
    /// The URL to try again, if the error may pass.
    retry: Option<String>,
    /// Suggested text for the search.
    q: String,
    /// The id of the request in the log.
    reference: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    BadRequest,
    CrossSite,
    Full,
    Gone,
    Internal,
    InvalidForm,
    MethodNotAllowed,
    NoSessions,
    NoSuchPage,
    NotFound,
    SessionUnavailable,
    TooLarge,
    TooManyRequests,
    Unavailable,
    UrlTooLong,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";
}

impl ErrorPage {
    fn new(status: StatusCode, reference: Option<String>) -> Self {
        let kind = match status {
            StatusCode::GONE => Kind::Gone,
            StatusCode::NOT_FOUND => Kind::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Kind::MethodNotAllowed,
            StatusCode::FORBIDDEN => Kind::CrossSite,
            StatusCode::URI_TOO_LONG => Kind::UrlTooLong,
            StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
            StatusCode::TOO_MANY_REQUESTS => Kind::TooManyRequests,
            StatusCode::SERVICE_UNAVAILABLE => Kind::Unavailable,
            status if status.is_client_error() => Kind::BadRequest,
            _ => Kind::Internal,
        };
        Self {
            status: status.as_u16(),
            kind,
            last_page: None,
            pages: 0,
            requested: 0,
            full_list: None,
            max_films: MAX_FILMS,
            detail: None,
            retry: None,
            q: String::new(),
            reference,
        }
    }

    /// Adds what the cause says beyond the status.
    fn explain(&mut self, cause: Option<&Error>) {
        match cause {
            Some(Error::BeyondTheEnd(LastPage { href, requested, pages })) => {
                self.kind = Kind::NoSuchPage;
                self.last_page = Some(href.clone());
                (self.requested, self.pages) = (*requested, *pages);
            }
            Some(Error::Full(list)) => {
                self.kind = Kind::Full;
                self.full_list = list.map(Mark::name);
            }
            Some(Error::SessionsDisabled) => self.kind = Kind::NoSessions,
            Some(Error::SessionUnavailable) => self.kind = Kind::SessionUnavailable,
            Some(Error::InvalidForm(field)) => {
                self.kind = Kind::InvalidForm;
                self.detail = Some(field.clone());
            }
            _ => {}
        }
    }

    /// Adds ways on from the requested URL: to try it again, or to search for its last segment.
    fn suggest(&mut self, request: &HttpRequest) {
        let safe = request.method().is_safe();
        if safe && matches!(self.kind, Kind::Unavailable | Kind::SessionUnavailable) {
            self.retry = Some(request.uri().to_string()).filter(|url| local(url) == url);
        }
        if self.kind == Kind::NotFound {
            let last = request.path().rsplit('/').next().unwrap_or_default();
            let words = percent_encoding::percent_decode_str(last).decode_utf8_lossy();
            self.q = words.replace(['-', '_', '+'], " ").chars().take(MAX_SUGGESTED).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        let mut beyond = ErrorPage::new(StatusCode::NOT_FOUND, None);
        let last = LastPage { href: "/movies".into(), requested: 9, pages: 1 };
        beyond.explain(Some(&Error::BeyondTheEnd(last)));
        assert_complete(&beyond);
        assert_complete(&ErrorPage::new(StatusCode::BAD_GATEWAY, Some("id".into())));
    }
}
