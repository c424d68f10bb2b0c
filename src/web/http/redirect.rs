//! Post/Redirect/Get: returns to the page and anchor that a form was on.

use actix_web::http::header::{CLEAR_SITE_DATA, HeaderName, LOCATION, REFERER};
use actix_web::{HttpRequest, HttpResponse};

use super::origin::Origin;
use super::query::Query;
use super::url::local;

/// The name of all routes that only accept forms and so have no page to return to.
pub(crate) const FORM: &str = "form";

/// Discards pages that the browser loaded ahead: the form has changed what they show.
pub(crate) const DISCARD_LOADED_AHEAD: (HeaderName, &str) =
    (CLEAR_SITE_DATA, "\"prefetchCache\", \"prerenderCache\"");

/// Redirects with 303 See Other, so that reloading does not resend the form.
pub(crate) fn to(target: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, target))
        .insert_header(DISCARD_LOADED_AHEAD)
        .finish()
}

/// Redirects to the page of this site that sent the form, at the anchor that the form's URL names
/// (`?at=films-7`). The page is the `Referer`, which the site's `Referrer-Policy` asks for;
/// without one, and after an error page in response to a form, redirects to `otherwise`.
pub(crate) fn back(request: &HttpRequest, otherwise: &str) -> HttpResponse {
    let page = previous_page(request).unwrap_or(otherwise);
    let query = Query::parse(request.query_string().as_bytes());
    let harmless = |at: &&str| at.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match query.get("at").filter(harmless) {
        Some(at) => to(&format!("{page}#{at}")),
        None => to(page),
    }
}

/// Returns path and query of the page that sent the request, if it is a page of this site.
pub(crate) fn previous_page(request: &HttpRequest) -> Option<&str> {
    let referer = request.headers().get(REFERER)?.to_str().ok()?;
    let page = Origin::requested(request).is_origin_of(referer).then_some(referer)?;
    let (_, page) = page.split_once("://")?;
    let page = &page[page.find('/')?..];
    let page = page.split('#').next().filter(|page| local(page) == *page)?;
    let path = page.split('?').next()?;
    (request.resource_map().match_name(path) != Some(FORM)).then_some(page)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HOST;
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
    fn form_returns_to_its_page_and_anchor() {
        let page = "http://films.example:8080/movies?page=2";
        assert_eq!(location(page, "/x?at=films-7"), "/movies?page=2#films-7");
        assert_eq!(location(&format!("{page}#films-1"), "/x?at=a%23b"), "/movies?page=2");
        for elsewhere in [
            "",
            "http://evil.example/movies",
            "http://films.example:8080//evil",
            "x",
            "https://films.example:8080/movies",
            "http://films.example:8080.evil/movies",
        ] {
            assert_eq!(location(elsewhere, "/x"), "/film", "{elsewhere}");
        }
    }
}
