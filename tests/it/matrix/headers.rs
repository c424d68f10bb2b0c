//! Methods, caching headers and failures of every route.

use reqwest::Method;

use super::films;
use super::routes::{Kind, ROUTES};
use crate::support::{Response, TestApp};

/// Whether `Vary` names that header.
fn varies_by(response: &Response, name: &str) -> bool {
    let vary = response.headers.get_all("vary");
    let names = vary.iter().flat_map(|value| value.to_str().unwrap().split(','));
    names.map(str::trim).any(|one| one.eq_ignore_ascii_case(name))
}

#[track_caller]
fn assert_error_page(response: &Response, status: u16, what: &str) {
    assert_eq!(response.status, status, "{what}");
    assert_eq!(response.header("cache-control"), "no-store", "{what}");
    assert_eq!(response.header("content-type"), "text/html; charset=utf-8", "{what}");
}

#[actix_web::test]
async fn caching_headers_follow_the_kind_of_route() {
    let app = TestApp::with_films(&films(30)).await;
    let visitor = app.other_visitor();
    visitor.post("/movies/film-2-1952/watchlist", &[]).await;
    for route in ROUTES.iter().filter(|route| route.answers_get()) {
        for (app, encoding) in
            [(&app, "identity"), (&app, "gzip"), (&app, "br, gzip"), (&visitor, "gzip")]
        {
            let what = format!("{} {encoding}", route.address);
            let request = app.request(Method::GET, route.address);
            let request = request.header("accept-encoding", encoding).send();
            let response = request.await.unwrap();
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let response = Response { status, headers, html: String::new() };
            let (status, cache): (_, &[&str]) = match route.kind {
                Kind::Page => (200, &["private, no-cache"]),
                Kind::Redirect => (303, &["no-store", ""]),
                Kind::Download => (200, &["private, no-store"]),
                Kind::File => (200, &["public, max-age="]),
                Kind::Ops => (200, &["no-store", ""]),
                Kind::FormOnly => unreachable!(),
            };
            assert_eq!(response.status, status, "{what}");
            let sent = response.header("cache-control");
            let fits = cache.iter().any(|one| match one.strip_suffix('=') {
                Some(_) => sent.starts_with(one),
                None => sent == *one,
            });
            assert!(fits, "{what}: {sent}");
            if !response.header("content-encoding").is_empty() {
                assert!(varies_by(&response, "accept-encoding"), "{what}");
            }
            match route.kind {
                Kind::Page | Kind::Download => assert!(varies_by(&response, "cookie"), "{what}"),
                Kind::File | Kind::Ops => assert!(!varies_by(&response, "cookie"), "{what}"),
                Kind::Redirect | Kind::FormOnly => {}
            }
            if matches!(route.kind, Kind::File | Kind::Ops) {
                assert_eq!(response.header("set-cookie"), "", "{what}");
            }
        }
    }
}

#[actix_web::test]
async fn head_is_get_without_a_body() {
    let app = TestApp::with_films(&films(3)).await;
    for route in ROUTES.iter().filter(|route| route.answers_get()) {
        let get = app.get(route.address).await;
        let head = app.send(app.request(Method::HEAD, route.address)).await;
        assert_eq!((head.status, head.html.as_str()), (get.status, ""), "{}", route.address);
        for name in ["content-type", "cache-control", "etag", "vary", "content-disposition"] {
            assert_eq!(head.header(name), get.header(name), "{} {name}", route.address);
        }
    }
}

#[actix_web::test]
async fn unsupported_method_is_a_405_page_with_allow() {
    let app = TestApp::with_films(&films(3)).await;
    for route in ROUTES {
        let allowed = match (route.answers_get(), route.form.is_some()) {
            (true, true) => "GET, HEAD, POST",
            (true, false) => "GET, HEAD",
            (false, _) => "POST",
        };
        for method in [Method::DELETE, Method::PUT, Method::PATCH, Method::GET, Method::POST] {
            let accepted = match method {
                Method::GET => route.answers_get(),
                Method::POST => route.form.is_some(),
                _ => false,
            };
            if accepted {
                continue;
            }
            let what = format!("{method} {}", route.address);
            let response = app.send(app.request(method, route.address)).await;
            assert_error_page(&response, 405, &what);
            let named = response.header("allow");
            assert_eq!(named, allowed, "{what}");
        }
    }
    assert_eq!(app.count("sessions").await, 0);
}

#[actix_web::test]
async fn unknown_slug_is_a_404_page() {
    let app = TestApp::with_films(&films(3)).await;
    for route in ROUTES.iter().filter(|route| route.pattern.contains('{')) {
        for slug in ["nope", "%00", "%ff"] {
            let address = match route.pattern {
                "/static/{hash}/{path:.*}" => format!("/static/0/{slug}"),
                "/sitemap-{part}.xml" => format!("/sitemap-{slug}.xml"),
                "/you/{list}/{form}.csv" => format!("/you/{slug}/imdb.csv"),
                pattern => pattern.replace("{slug}", slug),
            };
            let method = if route.answers_get() { Method::GET } else { Method::POST };
            let response = app.send(app.request(method, &address)).await;
            assert_error_page(&response, 404, &address);
            assert_eq!(response.texts("h1"), ["Page not found"], "{address}");
        }
    }
    assert_eq!(app.count("sessions").await, 0);
}

/// Pages go on without sessions where the films can be had; nothing that was to be kept is said to be.
#[actix_web::test]
async fn failing_session_store_is_a_503_page_without_cookie() {
    let app = TestApp::with_films(&films(3)).await;
    let known = app.other_visitor();
    known.post("/preferences", &[("theme", "dark")]).await;
    app.execute("ALTER TABLE sessions RENAME TO elsewhere").await;
    for route in ROUTES {
        let Some(form) = route.form else { continue };
        // One who has no session yet: what fails is the storing at the end. The other's is loaded.
        for (visitor, what) in [(&app, "a new session"), (&known, "a known session")] {
            let what = format!("{} with {what}", route.address);
            if visitor.address == app.address && route.pattern.starts_with("/you/") {
                continue;
            }
            let response = visitor.post(route.address, form).await;
            assert_error_page(&response, 503, &what);
            assert_eq!(response.header("retry-after"), "5", "{what}");
            assert_eq!(response.header("set-cookie"), "", "{what}");
            assert!(varies_by(&response, "cookie"), "{what}");
        }
    }
}

#[actix_web::test]
async fn database_defect_page_is_not_cacheable() {
    let app = TestApp::with_films(&films(3)).await;
    app.execute("DROP TABLE movies, people CASCADE").await;
    let mut failed = 0;
    for route in ROUTES.iter().filter(|route| route.answers_get()) {
        let response = app.get(route.address).await;
        if response.status != 500 {
            assert!(response.status < 500, "{} {}", route.address, response.status);
            continue;
        }
        assert_error_page(&response, 500, route.address);
        assert_eq!(response.header("set-cookie"), "", "{}", route.address);
        assert_eq!(response.texts("code"), [response.header("x-request-id")], "{}", route.address);
        failed += 1;
    }
    assert!(failed >= 10, "{failed}");
}
