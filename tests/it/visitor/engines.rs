//! A visit on every session engine.

use reqwest::Method;
use reqwest::header::COOKIE;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::support::TestApp;

const FILM: &str = "/movies/film-1-1901";

/// Each with whether its cache is Redis.
const ENGINES: [(&str, bool); 7] = [
    ("db", false),
    ("cache", false),
    ("cache", true),
    ("cached_db", false),
    ("cached_db", true),
    ("file", false),
    ("signed_cookies", false),
];

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
async fn every_engine_remembers_and_erases_a_visit() {
    for (engine, redis) in ENGINES {
        let (app, _folder) = site(engine, redis).await;
        app.get("/movies").await;
        app.get(FILM).await;
        app.post(&format!("{FILM}/rating"), &[("stars", "4")]).await;
        app.post(&format!("{FILM}/watchlist"), &[]).await;
        app.post("/preferences", &[("seen_films", "hide")]).await;
        app.post("/notices/no-account/dismiss", &[]).await;

        let list = app.get("/movies?per=96").await;
        assert_eq!((list.visits(), list.films().len()), (1, 29), "{engine}");
        assert_eq!(list.texts(".notice"), [""; 0], "{engine}");
        assert_eq!(app.get("/watchlist").await.films(), ["film-1-1901"], "{engine}");
        let page = app.get("/").await;
        assert_eq!(page.texts(".viewed__films a"), ["Film 1"], "{engine}");
        assert_eq!(page.attributes("[id^=recommended-]", "id").len(), 12, "{engine}");
        let where_it_is = app.get("/you").await.texts("main").concat();
        let in_cookie = engine == "signed_cookies";
        assert_eq!(where_it_is.contains("This server stores none of it."), in_cookie, "{engine}");
        assert_eq!(where_it_is.contains("on this server"), !in_cookie, "{engine}");
        let export: Value = serde_json::from_str(&app.get("/you/export.json").await.html).unwrap();
        let keys: Vec<&str> =
            export.as_object().unwrap().keys().map(|key| key.split(':').next().unwrap()).collect();
        assert_eq!(keys, ["films", "notice", "num_visits", "seen_films"], "{engine}");
        assert_eq!((&export["num_visits"], &export["seen_films"]), (&json!(2), &json!("hide")));

        let erased = app.post("/you/erase", &[]).await;
        assert_eq!(erased.status, 303, "{engine}");
        assert_eq!(app.get("/you/export.json").await.html, "{}", "{engine}");
        assert_eq!(app.get("/movies").await.visits(), 0, "{engine}");
        assert_eq!(app.other_visitor().get("/watchlist").await.films(), [""; 0], "{engine}");
    }
}

/// An export with each mark as `listed:1` for "Film 1".
async fn export(app: &TestApp) -> Map<String, Value> {
    let html = app.get("/you/export.json").await.html;
    let mut export: Map<String, Value> = serde_json::from_str(&html).unwrap();
    let Some(Value::Array(films)) = export.remove("films") else { return export };
    for film in films {
        let number = film["title"].as_str().unwrap().strip_prefix("Film ").unwrap().to_owned();
        for mark in ["listed", "seen", "rating", "viewed"] {
            let value = film.get(mark).map(|value| (format!("{mark}:{number}"), value.clone()));
            export.extend(value);
        }
    }
    export
}

/// Tabs share the cookie, browsers nothing. Where the cookie itself is the session, tabs can only
/// act one after the other.
#[actix_web::test]
async fn tabs_share_a_visitor_and_browsers_do_not() {
    for (engine, redis) in ENGINES {
        let (app, _folder) = site(engine, redis).await;
        let (tabs, other) = (&app, app.other_visitor());
        let first = app.get("/movies").await;
        let old_cookie = first.header("set-cookie").split(';').next().unwrap().to_owned();
        other.get("/movies").await;
        other.post("/movies/film-30-1930/watchlist", &[]).await;

        let press = async |path: &str, form: &[(&str, &str)]| {
            assert_eq!(tabs.post(path, form).await.status, 303, "{engine} {path}");
        };
        let list = async || press("/movies/film-1-1901/watchlist", &[]).await;
        let see = async || press("/movies/film-2-1902/seen", &[]).await;
        let rate = async || press("/movies/film-3-1903/rating", &[("stars", "5")]).await;
        let dark = async || press("/preferences", &[("theme", "dark")]).await;
        let twelve = async || press("/preferences", &[("per_page", "12")]).await;
        let notice = async || press("/notices/no-account/dismiss", &[]).await;
        let bring = async || {
            let page = tabs.bring("Name,Year\nFilm 4,1904\nFilm 5,1905\n", "listed").await;
            assert_eq!(page.status, 200, "{engine}");
        };
        if engine == "signed_cookies" {
            list().await;
            see().await;
            rate().await;
            dark().await;
            twelve().await;
            notice().await;
            bring().await;
        } else {
            tokio::join!(list(), see(), rate(), dark(), twelve(), notice(), bring());
        }
        let mut kept = export(tabs).await;
        let marks = ["listed:1", "listed:4", "listed:5", "rating:3", "seen:2", "seen:3"];
        for mark in marks {
            assert!(kept.remove(mark).is_some(), "{engine}: {mark}");
        }
        assert!(kept.remove("notice:no-account").is_some(), "{engine}");
        let rest = json!({ "num_visits": 1, "per_page": 12, "theme": "dark" });
        assert_eq!(Value::Object(kept), rest, "{engine}");
        let mut others = export(&other).await;
        assert!(others.remove("listed:30").is_some(), "{engine}");
        assert_eq!(Value::Object(others), json!({ "num_visits": 1 }), "{engine}");

        // One tab erases; what another one does then stands alone.
        press("/you/erase", &[]).await;
        assert!(export(tabs).await.is_empty(), "{engine}");
        if engine != "signed_cookies" {
            let late = tabs.other_visitor();
            let mark = late.request(Method::POST, "/movies/film-9-1909/watchlist");
            assert_eq!(late.send(mark.header(COOKIE, &old_cookie)).await.status, 303, "{engine}");
            let keys: Vec<String> = export(&late).await.keys().cloned().collect();
            assert_eq!(keys, ["listed:9"], "{engine}");
            let thief = tabs.other_visitor();
            let page = thief.request(Method::GET, "/you/export.json").header(COOKIE, &old_cookie);
            assert_eq!(thief.send(page).await.html, "{}", "{engine}");
        }
        assert_eq!(export(&other).await.len(), 2, "{engine}");
    }
}

#[actix_web::test]
async fn site_works_without_session_engine() {
    let (app, _folder) = site("none", false).await;
    for path in ["/", "/movies", FILM, "/watchlist", "/preferences", "/you"] {
        let page = app.get(path).await;
        assert_eq!((page.status, page.header("set-cookie")), (200, ""), "{path}");
        assert_eq!(page.attributes("html", "data-seen"), ["none"], "{path}: nothing to press");
    }
    let page = app.get("/you").await;
    assert!(page.texts(".lead")[0].starts_with("We store nothing about you."));
    let rating = format!("{FILM}/rating");
    for path in [&format!("{FILM}/watchlist"), &rating, "/preferences", "/you/erase"] {
        let page = app.post(path, &[("stars", "3"), ("theme", "dark")]).await;
        let said = (page.status, page.texts("h1").concat());
        assert_eq!(said, (409, "This site doesn’t store data about visitors".into()), "{path}");
    }
    assert_eq!(app.count("sessions").await, 0);
}

/// A cookie has room for a few hundred marks. When it is full to the last byte, the site says so
/// and goes on.
#[actix_web::test]
async fn full_cookie_is_refused_with_a_message() {
    let (app, _folder) = site("signed_cookies", false).await;
    for _ in 0..9 {
        app.get("/movies").await;
    }
    // Marks on films that there once were; they pack badly, as real ones do.
    let mark = |n: u32| format!("\"notice:{n:x}\":\"{:08x}\"", n.wrapping_mul(2_654_435_761));
    let mut full = false;
    for part in 0..100 {
        let marks: Vec<String> = (1..=8).map(|n| mark(part * 8 + n)).collect();
        let page = app.bring(&format!("{{{}}}", marks.join(",")), "listed").await;
        if page.status != 200 {
            assert_eq!(page.status, 409);
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
            assert_eq!(page.texts("h1"), ["There is no more room"]);
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
