use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::TestApp;

/// All that the database holds, as its own tool writes it out.
async fn dump(app: &TestApp) -> String {
    let dump = Command::new("pg_dump").arg(&app.database).output().await.unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    String::from_utf8(dump.stdout).unwrap()
}

#[actix_web::test]
async fn new_visitor_sees_an_empty_record() {
    let app = TestApp::spawn().await;
    let page = app.get("/you").await;
    assert!(
        page.texts(".lead")[0].starts_with("We store nothing about you"),
        "{:?}",
        page.texts(".lead")
    );
    assert_eq!((page.header("set-cookie"), app.count("sessions").await), ("", 0));
    assert_eq!(app.get("/you/export.json").await.html, "{}");
}

#[actix_web::test]
async fn data_page_lists_everything_stored_and_its_expiry() {
    let app = TestApp::with_many_films(5).await;
    app.get("/movies").await;
    app.post("/preferences", &[("theme", "dark"), ("per_page", "48")]).await;
    app.post("/movies/film-1-1901/watchlist", &[]).await;
    app.post("/movies/film-2-1902/rating", &[("stars", "5")]).await;
    app.execute("UPDATE sessions SET expires_at = now() + interval '1 hour'").await;
    app.execute(r#"UPDATE sessions SET data = data || '{"old":[1]}'"#).await;

    let page = app.get("/you").await;
    let text = page.outline();
    for words in [
        "[1 on your watchlist](/watchlist)",
        "[1 seen](/seen)",
        "[1 rated](/seen?sort=rating)",
        "Film list opened\n1 time",
        "Theme\nDark",
        "Films per page\n48",
        "old (from an earlier version of this site)\n[1]",
        "Each list holds up to 2,000 films.",
        "No history.",
        "in the cookie sessionid",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    let shown = page.texts(".you p strong").concat();
    let stored = "SELECT to_char(expires_at AT TIME ZONE 'UTC', 'FMDD FMMonth YYYY, HH24:MI UTC') AS text FROM sessions";
    assert_eq!(shown, app.text(stored).await, "looking at the page counts as a change");
}

#[actix_web::test]
async fn erase_leaves_no_trace() {
    let app = TestApp::with_many_films(5).await;
    app.get("/movies").await;
    let key = app.get("/movies").await;
    let key = key.header("set-cookie").split(';').next().unwrap().to_owned();
    app.post("/movies/film-1-1901/watchlist", &[]).await;
    app.get("/movies/film-2-1902").await;
    app.post("/notices/no-account/dismiss", &[]).await;
    let hash = app.text("SELECT encode(key_hash, 'hex') AS text FROM sessions").await;
    let of_the_visitor = [hash.as_str(), "num_visits", "listed:", "viewed:", "notice:"];
    let before = dump(&app).await;
    assert!(of_the_visitor.iter().all(|trace| before.contains(trace)), "{before}");

    let erased = app.post("/you/erase", &[]).await;
    assert_eq!((erased.status, erased.header("location")), (303, "/you?erased"));
    assert!(erased.header("set-cookie").starts_with("sessionid=;"), "removed");
    assert_eq!(app.count("sessions").await, 0);

    let after = dump(&app).await;
    assert!(after.contains("Film 1"));
    for trace in of_the_visitor {
        assert!(!after.contains(trace), "{trace}");
    }

    let page = app.get("/you?erased").await;
    assert_eq!(page.texts("main [role=status]"), ["Your data has been deleted."]);
    assert!(page.texts(".lead")[0].starts_with("We store nothing about you"));
    let thief = app.other_visitor();
    let old = thief.request(reqwest::Method::GET, "/watchlist").header("Cookie", &key);
    assert_eq!(thief.send(old).await.films(), [""; 0]);
    assert_eq!(app.get("/movies").await.visits(), 0);
}

/// The export has the content of the row and nothing else.
#[actix_web::test]
async fn export_equals_stored_data() {
    let app = TestApp::spawn().await;
    app.get("/movies").await;
    let known = prop_oneof![
        (0..i64::MAX).prop_map(|n| ("num_visits".to_owned(), json!(n))),
        ("(listed|seen|viewed|rating):[1-9][0-9]{0,8}", 1..6i64)
            .prop_map(|(key, n)| (key, json!(n))),
        ("(theme|sort|history|per_page|notice:a)", "[a-z]{1,8}")
            .prop_map(|(key, text)| (key, json!(text))),
    ];
    let value = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[^\\x00]{0,20}".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Value::from),
    ];
    let unknown = ("[^_\\x00][^\\x00]{0,12}", value);
    let row = prop::collection::btree_map(
        prop_oneof![
            known.clone().prop_map(|(key, _)| key),
            unknown.clone().prop_map(|(key, _)| key)
        ],
        prop_oneof![known.prop_map(|(_, value)| value), unknown.prop_map(|(_, value)| value)],
        1..30,
    );
    let mut runner = TestRunner::new(Config::with_cases(1));
    for _ in 0..40 {
        let row = json!(row.new_tree(&mut runner).unwrap().current());
        app.replace_session(&row).await;
        let export = app.get("/you/export.json").await;
        assert_eq!(serde_json::from_str::<Value>(&export.html).unwrap(), row);
        assert_eq!(export.header("content-type"), "application/json");
        assert_eq!(export.header("cache-control"), "private, no-store");
        assert_eq!(app.get("/you").await.status, 200, "{row}");
    }
}
