//! A visit on every session engine.

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::TestApp;

const FILM: &str = "/movies/film-1-1901";

/// 30 films, and sessions kept by that engine.
async fn site(engine: &str, redis: bool) -> (TestApp, TempDir) {
    let folder = TempDir::new().unwrap();
    let cache = if redis { std::env::var("TEST_REDIS_URL").unwrap() } else { "memory://".into() };
    let app = TestApp::spawn_with(&[
        &format!("--session-engine={engine}"),
        &format!("--session-file-path={}", folder.path().display()),
        &format!("--session-cache-url={cache}"),
        "--secret-key=0123456789abcdef0123456789abcdef",
    ])
    .await;
    let line =
        |n| format!("{{\"title\":\"Film {n}\",\"year\":{},\"tags\":[\"drama\"]}}\n", 1900 + n);
    app.import(&(1..=30).map(line).collect::<String>()).await.unwrap();
    (app, folder)
}

#[actix_web::test]
async fn every_engine_remembers_a_visit_and_forgets_it_when_told() {
    for (engine, redis) in [
        ("db", false),
        ("cache", false),
        ("cache", true),
        ("cached_db", false),
        ("cached_db", true),
        ("file", false),
        ("signed_cookies", false),
    ] {
        let (app, _folder) = site(engine, redis).await;
        app.get("/movies").await;
        app.get(FILM).await;
        app.post(&format!("{FILM}/watchlist"), &[]).await;
        app.post(&format!("{FILM}/rating"), &[("stars", "4")]).await;
        app.post("/preferences", &[("seen_films", "hide")]).await;
        app.post("/notices/no-account/dismiss", &[]).await;

        let list = app.get("/movies?per=96").await;
        assert_eq!((list.visits(), list.films().len()), (1, 29), "{engine}");
        assert_eq!(list.texts(".notice"), [""; 0], "{engine}");
        assert_eq!(app.get("/watchlist").await.films(), ["film-1-1901"], "{engine}");
        let page = app.get("/").await;
        assert_eq!(page.texts(".viewed__films a"), ["Film 1"], "{engine}");
        assert_eq!(page.attributes("[id^=recommended-]", "id").len(), 12, "{engine}");
        let export: Value = serde_json::from_str(&app.get("/you/export.json").await.html).unwrap();
        let keys: Vec<&str> =
            export.as_object().unwrap().keys().map(|key| key.split(':').next().unwrap()).collect();
        assert_eq!(
            keys,
            ["listed", "notice", "num_visits", "rating", "seen", "seen_films", "viewed"],
            "{engine}"
        );
        assert_eq!((&export["num_visits"], &export["seen_films"]), (&json!(2), &json!("hide")));

        let erased = app.post("/you/erase", &[]).await;
        assert_eq!(erased.status, 303, "{engine}");
        assert_eq!(app.get("/you/export.json").await.html, "{}", "{engine}");
        assert_eq!(app.get("/movies").await.visits(), 0, "{engine}");
        assert_eq!(app.other_visitor().get("/watchlist").await.films(), [""; 0], "{engine}");
    }
}

#[actix_web::test]
async fn without_an_engine_the_site_works_remembers_nothing_and_says_so() {
    let (app, _folder) = site("none", false).await;
    for path in ["/", "/movies", FILM, "/watchlist", "/preferences", "/you"] {
        let page = app.get(path).await;
        assert_eq!((page.status, page.header("set-cookie")), (200, ""), "{path}");
        assert_eq!(page.attributes("html", "data-seen"), ["none"], "{path}: nothing to press");
    }
    let page = app.get("/you").await;
    assert!(page.texts(".lead")[0].starts_with("Nothing. This site is set up to keep no sessions"));
    let rating = format!("{FILM}/rating");
    for path in [&format!("{FILM}/watchlist"), &rating, "/preferences", "/you/erase"] {
        let page = app.post(path, &[("stars", "3"), ("theme", "dark")]).await;
        let said = (page.status, page.texts("h1").concat());
        assert_eq!(said, (409, "This site remembers nothing".into()), "{path}");
    }
    assert_eq!(app.count("sessions").await, 0);
}

/// A cookie has room for a few hundred marks. When it is full to the last byte, the site says so
/// and goes on.
#[actix_web::test]
async fn a_full_cookie_is_a_clear_message_and_no_failure() {
    let (app, _folder) = site("signed_cookies", false).await;
    for _ in 0..9 {
        app.get("/movies").await;
    }
    // Marks on films that there once were; they pack badly, as real ones do.
    let mark = |n: u32| format!("\"notice:{n:x}\":\"{:08x}\"", n.wrapping_mul(2_654_435_761));
    let mut full = false;
    for part in 0..100 {
        let marks: Vec<String> = (1..=8).map(|n| mark(part * 8 + n)).collect();
        let page = bring(&app, &format!("{{{}}}", marks.join(","))).await;
        if page != 200 {
            assert_eq!(page, 409);
            full = true;
            break;
        }
    }
    assert!(full, "a cookie took it all");
    let mut refused = 0;
    for n in 1..=30 {
        let path = format!("/movies/film-{n}-{}/watchlist", 1900 + n);
        let page = app.post(&path, &[]).await;
        if page.status == 409 {
            assert_eq!(page.texts("h1"), ["There is no room for more"]);
            refused += 1;
        } else {
            assert_eq!(page.status, 303);
        }
    }
    assert!(refused > 0);
    for _ in 0..3 {
        assert_eq!(app.get("/movies").await.status, 200);
        assert_eq!(app.get(FILM).await.status, 200);
    }
    assert_eq!(app.post("/you/erase", &[]).await.status, 303);
    assert_eq!(app.get("/movies").await.visits(), 0);
}

async fn bring(app: &TestApp, file: &str) -> u16 {
    let body = format!(
        "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{file}\r\n--limit--\r\n"
    );
    let request = app.request(Method::POST, "/you/import").body(body);
    app.send(request.header("Content-Type", "multipart/form-data; boundary=limit")).await.status
}
