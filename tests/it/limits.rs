//! What is too much, too long or too slow.

use reqwest::Method;

use crate::support::{Response, TestApp};

const PROXY: &str = "--trusted-proxies=127.0.0.1";

async fn search(app: &TestApp, client: &str) -> Response {
    app.send(app.request(Method::GET, "/search?q=x").header("X-Forwarded-For", client)).await
}

#[actix_web::test]
async fn a_clients_searches_and_forms_are_limited_and_nobody_elses() {
    let app = TestApp::spawn_with(&[PROXY, "--rate-limit=3"]).await;
    assert_eq!(search(&app, "203.0.113.7").await.status, 200);
    let path = "/search/suggestions?q=x";
    let suggestions = app.request(Method::GET, path).header("X-Forwarded-For", "203.0.113.7");
    assert_eq!(app.send(suggestions).await.status, 200);
    let form = app.request(Method::POST, "/preferences").form(&[("theme", "dark")]);
    assert_eq!(app.send(form.header("X-Forwarded-For", "203.0.113.7")).await.status, 303);

    let page = search(&app, "203.0.113.7").await;
    assert_eq!(page.status, 429);
    assert_eq!(page.texts("h1"), ["That was a lot at once"]);
    assert!((1..=60).contains(&page.header("retry-after").parse::<u32>().unwrap()));
    let films = app.request(Method::GET, "/movies").header("X-Forwarded-For", "203.0.113.7");
    assert_eq!(app.send(films).await.status, 200, "looking around is free");
    // What stands before the proxy's own word is the client's invention.
    assert_eq!(search(&app, "198.51.100.9, 203.0.113.7").await.status, 429);
    assert_eq!(search(&app, "203.0.113.8").await.status, 200);
}

#[actix_web::test]
async fn without_a_trusted_proxy_forwarding_headers_count_for_nothing() {
    let app = TestApp::spawn_with(&["--rate-limit=1"]).await;
    for _ in 0..5 {
        assert_eq!(search(&app, "203.0.113.7").await.status, 200, "all of them are this machine");
    }
}
