//! Failures as pages.

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
use super::placeholder::Filled;
use crate::web::error::{Error, LastPage};
use crate::web::http::request_id::RequestId;
use crate::web::http::url::local;
use crate::web::state::Site;
use crate::web::visitor::{MAX_FILMS, Mark, Visitor};

/// Gives every failed response the error page, whoever made it: a handler, an extractor, the
/// router, another middleware. A response that is a page already is left as it is.
pub async fn pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let site = request.app_data::<web::Data<Site>>().cloned();
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let id = RequestId::of(request.request());
    let failed = |response: &HttpResponse<_>| {
        let form = response.headers().get(CONTENT_TYPE);
        // HTML is a page already, and what a handler wrote for a program is to stay as it is.
        let written = form.is_some_and(|form| form == HTML || response.error().is_none());
        response.status().as_u16() >= 400 && !written
    };
    match (next.call(request).await, site) {
        (Ok(response), Some(site)) if failed(response.response()) => {
            let status = response.status();
            let cause = response.response().error();
            log_failure(response.request(), status, cause);
            // In a box: requests that do not fail carry no room for it.
            let visitor = Box::pin(visitor(response.request(), status)).await;
            let reference = status.is_server_error().then(|| RequestId::of(response.request()));
            let mut page = ErrorPage::new(status, reference);
            page.explain(cause.and_then(|cause| cause.as_error::<Error>()));
            page.suggest(response.request());
            let body = render(&site, &visitor, &page);
            Ok(response.map_body(|head, _| {
                head.headers.remove(CONTENT_LENGTH);
                head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(HTML));
                head.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
                if status == StatusCode::SERVICE_UNAVAILABLE {
                    head.headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
                }
                BoxBody::new(body)
            }))
        }
        (Ok(response), _) => Ok(response.map_into_boxed_body()),
        (Err(error), site) => {
            let status = error.as_response_error().status_code();
            if status.is_server_error() {
                let request = id.as_str();
                log::error!(request; "{method} {path} {status}: {}", causes(&error));
            }
            let page = ErrorPage::new(status, status.is_server_error().then_some(id));
            let body = site.map(|site| render(&site, &Visitor::unknown(), &page));
            let mut response = HttpResponse::build(status);
            response.insert_header((CACHE_CONTROL, "no-store")).content_type(HTML);
            if status == StatusCode::SERVICE_UNAVAILABLE {
                response.insert_header((RETRY_AFTER, "5"));
            }
            let response = response.body(body.unwrap_or_default());
            Err(InternalError::from_response(error, response).into())
        }
    }
}

/// The theme counts on error pages too; but when the store fails, or nobody asked for the
/// session before something broke, the page makes do without it.
async fn visitor(request: &HttpRequest, status: StatusCode) -> Visitor {
    if status.is_client_error() {
        Visitor::open(request).await.unwrap_or_else(|_| Visitor::unknown())
    } else {
        Visitor::unknown()
    }
}

/// Empty when even the error page fails: there is nothing left to show.
fn render(site: &Site, visitor: &Visitor, page: &ErrorPage) -> Filled {
    match site.templates.render(page) {
        Ok(page) => page.fill(visitor),
        Err(error) => {
            log::error!("the error page itself: {error:?}");
            Filled::default()
        }
    }
}

fn log_failure(request: &HttpRequest, status: StatusCode, cause: Option<&actix_web::Error>) {
    if status.is_server_error() {
        let (method, path, id) = (request.method(), request.path(), RequestId::of(request));
        let cause = cause.map_or_else(|| "no cause given".to_owned(), causes);
        log::error!(request = id.as_str(); "{method} {path} {status}: {cause}");
    }
}

/// The error with the whole chain behind it.
fn causes(error: &actix_web::Error) -> String {
    match error.as_error::<Error>() {
        Some(Error::Internal(error) | Error::Unavailable(error)) => format!("{error:#}"),
        _ => error.to_string(),
    }
}

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
    Internal,
    MethodNotAllowed,
    NoSessions,
    NoSuchPage,
    NotFound,
    SessionUnavailable,
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
            StatusCode::NOT_FOUND => Kind::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Kind::MethodNotAllowed,
            StatusCode::FORBIDDEN => Kind::CrossSite,
            StatusCode::URI_TOO_LONG => Kind::UrlTooLong,
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
            Some(Error::NothingIsKept) => self.kind = Kind::NoSessions,
            Some(Error::OutOfReach) => self.kind = Kind::SessionUnavailable,
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
    use actix_web::middleware::from_fn;
    use actix_web::{App, HttpServer};

    use super::*;
    use crate::web::http::catch_panic::catch_panic;
    use crate::web::render::page::assert_complete;

    /// On one worker, over one connection: neither of them ends.
    #[actix_web::test]
    async fn a_panic_is_a_500_and_its_worker_goes_on() {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let defect = || async { "1,2".split(',').nth(2).map(str::to_owned).expect("a defect") };
        let server = HttpServer::new(move || {
            let app = App::new().route("/defect", web::get().to(defect));
            app.wrap(from_fn(catch_panic))
                .wrap(from_fn(pages))
                .default_service(web::to(HttpResponse::Ok))
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap();
        actix_web::rt::spawn(server.run());
        let answers = actix_web::rt::task::spawn_blocking(move || {
            let ask = |path| {
                let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
                stream.write_all(request.as_bytes()).unwrap();
                let mut answer = vec![0; 4096];
                let length = stream.read(&mut answer).unwrap();
                String::from_utf8_lossy(&answer[..length]).into_owned()
            };
            ["/defect", "/", "/defect", "/"].map(ask)
        });
        let statuses = answers.await.unwrap().map(|answer| answer[9..12].to_owned());
        assert_eq!(statuses, ["500", "200", "500", "200"]);
    }

    #[test]
    fn template_reads_only_fields_of_the_page() {
        let mut beyond = ErrorPage::new(StatusCode::NOT_FOUND, None);
        let last = LastPage { href: "/movies".into(), requested: 9, pages: 1 };
        beyond.explain(Some(&Error::BeyondTheEnd(last)));
        assert_complete(&beyond);
        assert_complete(&ErrorPage::new(StatusCode::BAD_GATEWAY, Some("id".into())));
    }
}
