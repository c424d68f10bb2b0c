//! Where a form leads after it was sent: back to the page and the place it was on.

use actix_web::http::header::{HOST, LOCATION, REFERER};
use actix_web::{HttpRequest, HttpResponse};

use super::query::Query;
use super::url::local;

/// The name of every route that answers forms alone: its address shows nothing to come back to.
pub const FORM: &str = "form";

/// See Other, so that a reload does not send the form again.
pub fn to(target: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, target)).finish()
}

/// To the page of this site that held the form, at the place that the form's address names
/// (`?at=films-7`). Our own `Referrer-Policy` has browsers say which page that is; to one that
/// does not, and after an error page that answered a form, `otherwise` is shown.
pub fn back(request: &HttpRequest, otherwise: &str) -> HttpResponse {
    let page = page_before(request).unwrap_or(otherwise);
    let query = Query::parse(request.query_string().as_bytes());
    let harmless = |at: &&str| at.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match query.get("at").filter(harmless) {
        Some(at) => to(&format!("{page}#{at}")),
        None => to(page),
    }
}

/// Path and query of the page that the request came from, if that is of this site.
fn page_before(request: &HttpRequest) -> Option<&str> {
    let text = |name| request.headers().get(name)?.to_str().ok();
    let (_, rest) = text(REFERER)?.split_once("://")?;
    let path = rest.find('/')?;
    let (host, page) = rest.split_at(path);
    let page = page.split('#').next().filter(|page| local(page) == *page)?;
    let path = page.split('?').next()?;
    let shows = request.resource_map().match_name(path) != Some(FORM);
    (shows && host.eq_ignore_ascii_case(text(HOST)?)).then_some(page)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn location(referer: &str, uri: &str) -> String {
        let request = TestRequest::with_uri(uri)
            .insert_header((HOST, "films.example:8080"))
            .insert_header((REFERER, referer))
            .to_http_request();
        back(&request, "/film").headers().get(LOCATION).unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_form_leads_back_to_page_and_place() {
        let page = "http://films.example:8080/movies?page=2";
        assert_eq!(location(page, "/x?at=films-7"), "/movies?page=2#films-7");
        assert_eq!(location(&format!("{page}#films-1"), "/x?at=a%23b"), "/movies?page=2");
        for elsewhere in ["", "http://evil.example/movies", "http://films.example:8080//evil", "x"]
        {
            assert_eq!(location(elsewhere, "/x"), "/film", "{elsewhere}");
        }
    }
}
