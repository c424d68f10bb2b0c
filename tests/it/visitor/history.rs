use chrono::NaiveDate;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;

use crate::support::TestApp;

async fn open(app: &TestApp, numbers: impl IntoIterator<Item = u16>) {
    for n in numbers {
        app.get(&format!("/movies/film-{n}-{}", 1900 + n)).await;
    }
}

async fn titles(app: &TestApp) -> Vec<String> {
    app.get("/you").await.texts(".viewed__films a")
}

#[actix_web::test]
async fn history_holds_the_last_twenty_films() {
    let app = TestApp::with_many_films(25).await;
    open(&app, 1..=22).await;
    open(&app, [10]).await;
    let expected: Vec<String> = [10]
        .into_iter()
        .chain((3..=22).rev().filter(|n| *n != 10))
        .map(|n| format!("Film {n}"))
        .collect();
    assert_eq!(titles(&app).await, expected);
    let Value::Object(session) = app.session().await else { unreachable!() };
    assert_eq!(session.keys().filter(|key| key.starts_with("viewed:")).count(), 20);
}

#[actix_web::test]
async fn tabs_opened_at_once_lose_no_film() {
    let app = TestApp::with_many_films(12).await;
    open(&app, [1]).await;
    let visitor = &app;
    join_all((2..=12).map(|n| open(visitor, [n]))).await;
    assert_eq!(titles(&app).await.len(), 12);
}

#[actix_web::test]
async fn history_entries_can_be_removed() {
    let app = TestApp::with_many_films(5).await;
    open(&app, 1..=4).await;
    let page = app.get("/you").await;
    let second = page.attributes("[name=film]", "value").remove(1);
    let back = app.post("/you/history?at=history", &[("film", &second)]).await;
    assert_eq!((back.status, back.header("location")), (303, "/you#history"));
    assert_eq!(titles(&app).await, ["Film 4", "Film 2", "Film 1"]);
    for odd in ["x", "-1", "99999999999"] {
        app.post("/you/history", &[("film", odd)]).await;
    }
    assert_eq!(titles(&app).await.len(), 3);
    app.post("/you/history", &[]).await;
    assert_eq!(titles(&app).await, [""; 0]);
}

#[actix_web::test]
async fn history_is_not_recorded_when_off() {
    let app = TestApp::with_many_films(5).await;
    app.post("/preferences", &[("history", "off")]).await;
    let before = app.session().await;
    open(&app, 1..=3).await;
    assert_eq!(app.session().await, before);
    app.post("/preferences", &[("history", "on")]).await;
    open(&app, 1..=3).await;
    assert_eq!(titles(&app).await.len(), 3);
}

#[actix_web::test]
async fn do_not_track_turns_history_off_by_default() {
    for header in ["Sec-GPC", "DNT"] {
        let app = TestApp::with_many_films(5).await;
        let get = |path| app.send(app.request(Method::GET, path).header(header, "1"));
        let page = get("/movies/film-1-1901").await;
        assert_eq!((page.status, page.header("set-cookie")), (200, ""));
        assert_eq!(app.count("sessions").await, 0);
        assert!(get("/you").await.html.contains("Your browser asks sites not to track it"));
        let page = get("/preferences").await;
        assert_eq!(page.attributes("[name=history][checked]", "value"), ["off"]);

        let on = app.request(Method::POST, "/preferences").form(&[("history", "on")]);
        app.send(on.header(header, "1")).await;
        get("/movies/film-1-1901").await;
        assert_eq!(titles(&app).await, ["Film 1"]);
    }
}

#[actix_web::test]
async fn gpc_support_is_declared_without_session() {
    let app = TestApp::spawn().await;
    let said = app.get("/.well-known/gpc.json").await;
    assert_eq!((said.status, said.header("content-type")), (200, "application/json"));
    assert!(!said.headers.contains_key("set-cookie") && !said.header("vary").contains("Cookie"));
    let said: Value = serde_json::from_str(&said.html).unwrap();
    assert_eq!(said["gpc"], true);
    let day: Result<NaiveDate, _> = said["lastUpdate"].as_str().unwrap().parse();
    assert!(day.is_ok(), "{said}");
}

#[actix_web::test]
async fn unseen_responses_are_not_recorded() {
    let app = TestApp::with_many_films(5).await;
    app.send(app.request(Method::HEAD, "/movies/film-1-1901")).await;
    let ahead = app.request(Method::GET, "/movies/film-1-1901").header("Sec-Purpose", "prefetch");
    app.send(ahead).await;
    app.get("/movies/nope").await;
    assert_eq!(app.count("sessions").await, 0);
}

/// A script reports the page once it is shown.
#[actix_web::test]
async fn prerendered_page_counts_when_reported_as_shown() {
    let app = TestApp::with_many_films(5).await;
    for purpose in ["prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"] {
        for path in ["/movies", "/movies/tags/drama", "/movies/film-1-1901"] {
            let ahead = app.request(Method::GET, path).header("Sec-Purpose", purpose);
            let ahead = app.send(ahead).await;
            assert_eq!((ahead.header("server-timing"), ahead.header("set-cookie")), ("ahead", ""));
        }
    }
    assert_eq!(app.count("sessions").await, 0);
    for (path, visits) in [("/movies", 1), ("/movies/tags/drama", 2), ("/movies/film-1-1901", 2)] {
        assert_eq!(app.post("/views", &[("page", path)]).await.status, 204, "{path}");
        assert_eq!(app.session().await["num_visits"], visits, "{path}");
    }
    assert_eq!(titles(&app).await, ["Film 1"]);
    for odd in
        ["", "/", "/about", "/movies/nope", "/movies/%00", "https://evil.example/movies", "x"]
    {
        assert_eq!(app.post("/views", &[("page", odd)]).await.status, 404, "{odd}");
    }
    assert_eq!(app.get("/movies").await.header("server-timing"), "");
    assert_eq!(app.session().await["num_visits"], 3);
}

/// As an image, a frame or by a script of another page nobody sees it.
#[actix_web::test]
async fn only_document_requests_count_as_views() {
    let app = TestApp::with_many_films(5).await;
    for destination in ["image", "script", "empty", "iframe", "style", ""] {
        for path in ["/movies", "/movies/film-1-1901"] {
            let request = app.request(Method::GET, path).header("Sec-Fetch-Dest", destination);
            assert_eq!(app.send(request).await.header("set-cookie"), "", "{path} {destination}");
        }
    }
    assert_eq!(app.count("sessions").await, 0);
    let request = app.request(Method::GET, "/movies").header("Sec-Fetch-Dest", "document");
    app.send(request).await;
    assert_eq!(app.session().await["num_visits"], 1);
}
