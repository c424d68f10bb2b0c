//! Rate limits cannot be passed by headers, or by spelling an address in another way.

use reqwest::Method;

use super::{raw, status};
use crate::support::TestApp;

const PROXY: &str = "--trusted-proxies=127.0.0.1";

#[actix_web::test]
async fn contradictory_proxy_headers_are_limited_as_one_client() {
    for headers in [
        &["Forwarded: for=1.2.3.{}", "X-Forwarded-For: 203.0.113.7"][..],
        &["Forwarded: for=_hidden", "X-Forwarded-For: 203.0.113.7"],
        &["Forwarded: for=\"1.2.3.{}", "X-Forwarded-For: 203.0.113.7"],
        &["Forwarded: proto=https", "X-Forwarded-For: x{}"],
        &["X-Forwarded-For: unknown"],
        &["X-Forwarded-For: 1.2.3.{}.5"],
        &["X-Forwarded-For: "],
        &[],
    ] {
        let app = TestApp::spawn_with(&[PROXY, "--rate-limit=3"]).await;
        let mut statuses = Vec::new();
        for n in 0..5 {
            let headers = headers.iter().map(|line| line.replace("{}", &n.to_string()) + "\r\n");
            let headers: String = headers.collect();
            let request = format!(
                "GET /search?q=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"
            );
            statuses.push(status(&raw(&app, request).await).to_owned());
        }
        assert_eq!(statuses, ["200", "200", "200", "429", "429"], "{headers:?}");
    }
}

#[actix_web::test]
async fn search_limit_applies_to_encoded_spellings() {
    for target in [
        "/search?q=ran",
        "/%73earch?q=ran",
        "/search?%71=ran",
        "/%73earch?%71=ran",
        "/%73%65%61%72%63%68",
        "/search/suggestions?q=ran",
        "/search/%73uggestions?q=ran",
        "/movies?%71=ran",
        "/movies?a=b&%71=ran",
        "/movies?q=ran",
        "/movies.atom?%71=ran",
        "/movies/random?%71=ran",
        "/movies/by/tag?%71=ran",
    ] {
        let app = TestApp::spawn_with(&[PROXY, "--rate-limit=1"]).await;
        let ask = || {
            format!(
                "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                 X-Forwarded-For: 203.0.113.7\r\n\r\n"
            )
        };
        let first = status(&raw(&app, ask()).await).to_owned();
        assert!(["200", "303"].contains(&&*first), "{target}: {first}");
        assert_eq!(status(&raw(&app, ask()).await), "429", "{target}");
    }
}

#[actix_web::test]
async fn browsing_is_not_rate_limited() {
    let app = TestApp::spawn_with(&[PROXY, "--rate-limit=1"]).await;
    for target in ["/movies?queue=1", "/movies?tag=q", "/searching", "/movies?q=", "/about?x=q="] {
        for _ in 0..3 {
            let request = app.request(Method::GET, target);
            let page = app.send(request.header("X-Forwarded-For", "203.0.113.7")).await;
            assert_ne!(page.status, 429, "{target}");
        }
    }
}

/// Of declared crawlers, lists of several criteria are limited; people and single lists are not.
#[actix_web::test]
async fn crawlers_get_few_lists_of_several_criteria_and_no_session() {
    let app = TestApp::with_films(
        r#"{"title":"Ran","year":1985,"tags":["drama","war"],"directors":["Akira Kurosawa"]}"#,
    )
    .await;
    let agent = "Mozilla/5.0 (compatible; Examplebot/2.1; +https://bot.example/)";
    let crawl = async |path: &str| {
        app.send(app.request(Method::GET, path).header("User-Agent", agent)).await
    };
    for path in ["/", "/movies", "/movies/ran-1985", "/movies/tags/drama", "/directors", "/you"] {
        let page = crawl(path).await;
        assert_eq!((page.status, page.header("set-cookie")), (200, ""), "{path}");
    }
    let with_cookie = app.other_visitor();
    with_cookie.get("/movies").await;
    let page = with_cookie.request(Method::GET, "/movies").header("User-Agent", agent);
    assert_eq!(with_cookie.send(page).await.attributes("#num-visits", "value").concat(), "");
    assert_eq!(app.count("sessions").await, 1);
    assert_eq!(app.session().await["num_visits"], 1);

    let mut refused = 0;
    for n in 0..200 {
        let path = match n % 4 {
            0 => "/movies?tag=drama&decade=1980s",
            1 => "/movies/tags/drama?%64ecade=1980s",
            2 => "/movies?tag=drama&tag=war",
            _ => "/movies/by/tag?director=akira-kurosawa&tag=war",
        };
        let page = crawl(path).await;
        if page.status == 429 {
            assert!(page.header("retry-after").parse::<u32>().unwrap() > 0);
            refused += 1;
        } else {
            assert_eq!(page.status, 200, "{path}");
        }
    }
    assert!(refused > 100, "{refused}");
    assert_eq!(crawl("/movies/tags/drama").await.status, 200);
    assert_eq!(app.get("/movies?tag=drama&decade=1980s").await.status, 200);
}
