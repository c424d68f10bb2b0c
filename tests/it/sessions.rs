use std::collections::BTreeSet;

use futures_util::future::join_all;
use marquee::sessions::SessionId;
use reqwest::Method;
use reqwest::header::COOKIE;
use serde_json::json;

use crate::probe::ENGINES;
use crate::support::{Response, TestApp};

const UNKNOWN: &str = "0123456789abcdefghijklmnopqrstuv";

fn key(set_cookie: &str) -> String {
    let pair = set_cookie.split(';').next().unwrap();
    pair.strip_prefix("sessionid=").unwrap().to_owned()
}

#[actix_web::test]
async fn list_shows_the_number_of_earlier_visits() {
    let app = TestApp::spawn().await;
    assert_eq!(app.get("/about").await.visits(), 0);
    for before in 0..4 {
        assert_eq!(app.get("/movies").await.visits(), before);
    }
    assert_eq!(app.get("/about").await.visits(), 4);
    assert_eq!(app.session().await, json!({ "num_visits": 4 }));
}

#[actix_web::test]
async fn visit_counter_counts_only_list_views() {
    let app = TestApp::with_films(r#"{"title":"Ran","tags":["drama"]}"#).await;
    app.get("/movies").await;
    for path in ["/", "/movies/ran", "/directors", "/tags", "/movies/tags/nope", "/healthz"] {
        app.get(path).await;
    }
    app.send(app.request(Method::HEAD, "/movies")).await;
    app.send(app.request(Method::GET, "/movies").header("Sec-Purpose", "prefetch;prerender")).await;
    assert_eq!(app.get("/movies/tags/drama").await.visits(), 1);
    assert_eq!(app.get("/about").await.visits(), 2);
}

#[actix_web::test]
async fn fifty_views_at_once_all_count_and_each_gets_its_own_number() {
    let app = TestApp::spawn().await;
    app.get("/movies").await;

    let pages = join_all((0..50).map(|_| app.get("/movies"))).await;

    let shown: BTreeSet<i64> = pages.iter().map(|page| page.visits()).collect();
    assert_eq!(shown, (1..=50).collect());
    assert_eq!(app.session().await, json!({ "num_visits": 51 }));
}

#[actix_web::test]
async fn concurrent_view_and_preference_are_both_stored() {
    let app = TestApp::spawn().await;
    app.get("/movies").await;
    let themes = ["light", "dark"].into_iter().cycle().take(20);
    let visitor = &app;
    let saves = themes.map(|theme| async move {
        visitor.post("/preferences", &[("theme", theme), ("per_page", "48")]).await;
        visitor.get("/movies").await;
    });
    join_all(saves).await;
    let data = app.session().await;
    assert_eq!((&data["num_visits"], &data["per_page"]), (&json!(21), &json!(48)));
}

#[actix_web::test]
async fn separate_browsers_are_separate_visitors() {
    let app = TestApp::spawn().await;
    let other = app.other_visitor();
    for before in 0..3 {
        assert_eq!(app.get("/movies").await.visits(), before);
        assert_eq!(other.get("/movies").await.visits(), before);
    }
    assert_eq!(app.count("sessions").await, 2);
}

#[actix_web::test]
async fn reading_stores_no_session() {
    let app = TestApp::spawn().await;
    for path in ["/", "/about", "/tags", "/nope"] {
        let page = app.get(path).await;
        assert_eq!(page.header("set-cookie"), "", "{path}");
        assert_eq!(page.header("vary"), "Cookie", "{path}");
    }
    assert_eq!(app.count("sessions").await, 0);
}

#[actix_web::test]
async fn cookie_has_djangos_format_and_table_only_its_hash() {
    let app = TestApp::spawn().await;

    let page = app.get("/movies").await;

    let cookie = page.header("set-cookie");
    let key = key(cookie);
    assert!(SessionId::parse(&key).is_some(), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1209600", "Expires="] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    let hashed = format!("sessions WHERE key_hash = sha256('{key}')");
    assert_eq!(app.count(&hashed).await, 1);
    assert_eq!(app.count(&format!("sessions WHERE sessions::text LIKE '%{key}%'")).await, 0);
    let lifetime = "sessions WHERE expires_at BETWEEN now() + interval '1209590 s'
        AND now() + interval '1209610 s' AND sweep_hour = ceil(extract(epoch FROM expires_at) / 3600)";
    assert_eq!(app.count(lifetime).await, 1);
}

#[actix_web::test]
async fn settings_reach_the_cookie_and_its_removal() {
    let app = TestApp::spawn_with(&[
        "--session-cookie-name=sid",
        "--session-cookie-domain=films.example",
        "--session-cookie-path=/movies",
        "--session-cookie-secure=true",
        "--session-cookie-httponly=false",
        "--session-cookie-samesite=strict",
        "--session-expire-at-browser-close=true",
    ])
    .await;
    let set = app.get("/movies").await;
    let set = set.header("set-cookie");
    let request = app.request(Method::GET, "/about").header(COOKIE, format!("sid={UNKNOWN}"));
    let removed = app.send(request).await;
    let removed = removed.header("set-cookie");
    for attribute in ["Domain=films.example", "Path=/movies", "Secure", "SameSite=Strict"] {
        assert!(set.contains(attribute) && removed.contains(attribute), "{set} | {removed}");
    }
    assert!(!set.contains("Max-Age") && !set.contains("Expires") && !set.contains("HttpOnly"));
    assert!(removed.starts_with("sid=;") && removed.contains("Max-Age=0"), "{removed}");
    assert!(removed.contains("Expires=Thu, 01 Jan 1970 00:00:00 GMT"), "{removed}");
}

#[actix_web::test]
async fn unknown_key_is_never_adopted() {
    let app = TestApp::spawn().await;
    let with = |path, value: &str| {
        app.request(Method::GET, path).header(COOKIE, format!("sessionid={value}"))
    };
    let read = app.send(with("/about", UNKNOWN)).await;
    assert!(read.header("set-cookie").starts_with("sessionid=;"), "removed");
    let written = app.send(with("/movies", UNKNOWN)).await;
    assert_ne!(key(written.header("set-cookie")), UNKNOWN);
    assert_eq!(app.count(&format!("sessions WHERE key_hash = sha256('{UNKNOWN}')")).await, 0);

    let untouched = app.send(with("/healthz", UNKNOWN)).await;
    assert_eq!((untouched.header("set-cookie"), untouched.header("vary")), ("", ""));
}

#[actix_web::test]
async fn odd_cookies_are_no_session_and_no_error() {
    let app = TestApp::spawn().await;
    let long = "a".repeat(3000);
    for odd in
        ["", "short", "../../etc/passwd", "UPPERCASE0123456789012345678901234", "%00", "\"", &long]
    {
        let request = app.request(Method::GET, "/about").header(COOKIE, format!("sessionid={odd}"));
        let page = app.send(request).await;
        assert_eq!((page.status, page.visits()), (200, 0), "{odd}");
        assert!(page.header("set-cookie").starts_with("sessionid=;"), "{odd}");
    }
    assert_eq!(app.count("sessions").await, 0);
}

#[actix_web::test]
async fn malformed_other_cookies_do_not_hide_the_session() {
    let app = TestApp::spawn().await;
    let key = key(app.get("/movies").await.header("set-cookie"));
    let stranger = app.other_visitor();
    for cookies in [
        format!("sessionid=junk; sessionid={key}"),
        format!("sessionid={key}; sessionid=junk"),
        format!("sessionid={UNKNOWN}; sessionid={key}"),
        format!("a=%%; =; b; \"c; sessionid={key}"),
    ] {
        let request = stranger.request(Method::GET, "/about").header(COOKIE, cookies.as_bytes());
        assert_eq!(stranger.send(request).await.visits(), 1, "{cookies}");
    }
}

#[actix_web::test]
async fn expired_session_is_ignored() {
    let app = TestApp::spawn().await;
    app.get("/movies").await;
    app.execute("UPDATE sessions SET expires_at = now() - interval '1 second'").await;
    let page = app.get("/about").await;
    assert_eq!(page.visits(), 0);
    assert!(page.header("set-cookie").starts_with("sessionid=;"));
    assert_eq!(app.get("/movies").await.visits(), 0);
    assert_eq!(app.count("sessions").await, 2, "the expired row waits for the sweep");
}

#[actix_web::test]
async fn only_views_extend_the_session() {
    let app = TestApp::spawn().await;
    app.get("/movies").await;
    let shorten = "UPDATE sessions SET expires_at = now() + interval '1 hour', sweep_hour = 0";
    app.execute(shorten).await;
    app.get("/about").await;
    let soon = "sessions WHERE expires_at < now() + interval '2 hours'";
    assert_eq!(app.count(soon).await, 1);
    app.get("/movies").await;
    assert_eq!(app.count(soon).await, 0);
    assert_eq!(app.count("sessions WHERE sweep_hour = 0").await, 0);
}

#[actix_web::test]
async fn stored_values_of_another_type_count_as_absent() {
    let app = TestApp::spawn().await;
    app.get("/movies").await;
    app.execute(
        r#"UPDATE sessions SET data = '{"num_visits":"x","per_page":5,"theme":7,"sort":"no"}'"#,
    )
    .await;
    let page = app.get("/about").await;
    assert_eq!((page.status, page.visits()), (200, 0));
    assert_eq!(app.get("/movies").await.visits(), 0);
    assert_eq!(app.session().await["num_visits"], json!(1));
}

/// A cookie that was copied from one browser to another is not the site's affair here.
#[actix_web::test]
async fn visits_preferences_and_the_erase_are_the_same_on_every_engine() {
    let each = ENGINES.into_iter().map(async |engine| {
        let folder = tempfile::tempdir().unwrap();
        let flags = engine.flags(folder.path());
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let app = TestApp::spawn_with(&flags).await;
        let other = app.other_visitor();
        for before in 0..3 {
            assert_eq!(app.get("/movies").await.visits(), before, "{flags:?}");
        }
        let chosen = [("theme", "dark"), ("per_page", "48")];
        assert_eq!(app.post("/preferences", &chosen).await.status, 303, "{flags:?}");
        let theme = |page: &Response| page.attributes("html", "data-theme").concat();
        let page = app.get("/movies").await;
        assert_eq!((page.visits(), theme(&page).as_str()), (3, "dark"), "{flags:?}");
        let page = other.get("/movies").await;
        assert_eq!((page.visits(), theme(&page).as_str()), (0, "system"), "{flags:?}");

        let erased = app.post("/you/erase", &[]).await;
        assert!(erased.header("set-cookie").starts_with("sessionid=;"), "{flags:?}");
        let page = app.get("/movies").await;
        assert_eq!((page.visits(), theme(&page).as_str()), (0, "system"), "{flags:?}");
        assert_eq!(other.get("/movies").await.visits(), 1, "{flags:?}");
    });
    join_all(each).await;
}

#[actix_web::test]
async fn visit_counter_is_a_sentence_and_silent_without_visits() {
    let app = TestApp::with_many_films(3).await;
    let footer = async || {
        let page = app.get("/about").await;
        (page.texts("footer p").concat(), page.attributes("#num-visits", "value").concat())
    };
    let sentence = |times: &str| format!("You have opened the film list {times}");
    assert_eq!(footer().await, (String::new(), "0".into()));
    app.get("/movies").await;
    assert_eq!(footer().await, (sentence("1 time"), "1".into()));
    app.get("/movies").await;
    assert_eq!(footer().await, (sentence("2 times"), "2".into()));
    let session = json!({ "num_visits": 1311 });
    app.replace_session(&session).await;
    assert_eq!(footer().await, (sentence("1,311 times"), "1311".into()));
}
