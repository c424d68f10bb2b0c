//! The origin check of every form.

use reqwest::Method;

use super::films;
use super::routes::ROUTES;
use crate::support::TestApp;

#[actix_web::test]
async fn forms_refuse_cross_site_posts() {
    let app = TestApp::with_films(&films(3)).await;
    app.post("/preferences", &[("theme", "light"), ("history", "on")]).await;
    app.get("/movies/film-3-1953").await;
    let before = app.session().await;
    let elsewhere = app.address.replace("127.0.0.1", "localhost");
    for route in ROUTES {
        let Some(form) = route.form else { continue };
        for headers in [
            &[("Sec-Fetch-Site", "cross-site")][..],
            &[("Sec-Fetch-Site", "same-site")],
            &[("Sec-Fetch-Site", "")],
            &[("Sec-Fetch-Site", "Same-Origin")],
            &[("Sec-Fetch-Site", "cross-site"), ("Origin", &app.address)],
            &[("Origin", "https://evil.example")],
            &[("Origin", &elsewhere)],
            &[("Origin", "null")],
            &[("Origin", "")],
        ] {
            let request = app.request(Method::POST, route.address).form(form);
            let add = |request: reqwest::RequestBuilder, (name, value): &(&str, &str)| {
                request.header(*name, *value)
            };
            let response = app.send(headers.iter().fold(request, add)).await;
            let what = format!("{} {headers:?}", route.address);
            assert_eq!(response.status, 403, "{what}");
            assert_eq!(response.header("cache-control"), "no-store", "{what}");
            assert_eq!(response.header("set-cookie"), "", "{what}");
        }
        assert_eq!(app.session().await, before, "{}", route.address);
    }
}

#[actix_web::test]
async fn forms_accept_same_origin_posts() {
    for headers in [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "none"), ("Origin", "")] {
        let app = TestApp::with_films(&films(3)).await;
        app.post("/preferences", &[("theme", "light")]).await;
        for route in ROUTES {
            let Some(form) = route.form else { continue };
            let (name, value) = headers;
            let value = if name == "Origin" { app.address.as_str() } else { value };
            let request = app.request(Method::POST, route.address).form(form);
            let response = app.send(request.header(name, value)).await;
            // The import wants a file, and says so.
            let expected = match route.pattern {
                "/you/import" => 422,
                "/views" => 204,
                _ => 303,
            };
            assert_eq!(response.status, expected, "{} {headers:?}", route.address);
        }
    }
}
