//! A visitor's data is stored in the session and nowhere else.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use reqwest::header::LOCATION;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::program::{Site, command};
use crate::support::{Response, TestApp};

/// The pages of a visit, and all that could tell of who made it.
#[derive(Default)]
struct Visit {
    pages: Vec<Response>,
    /// Values of the cookie, and what is made of them.
    keys: BTreeSet<String>,
    /// The stored data.
    export: Map<String, Value>,
}

impl Visit {
    /// Leaves every kind of trace that the site knows, then reads every page.
    async fn make(app: &TestApp) -> Self {
        let mut visit = Self::default();
        let film = "/movies/film-1-1901";
        visit.keep(app.get("/movies").await);
        for (path, form) in [
            ("/preferences", ("theme", "dark")),
            ("/notices/no-account/dismiss", ("", "")),
            (&format!("{film}/seen"), ("pressed", "false")),
            (&format!("{film}/rating"), ("stars", "4")),
            (&format!("{film}/watchlist"), ("pressed", "false")),
        ] {
            visit.keep(app.post(path, &[form]).await);
        }
        visit.keep(app.bring("Name,Year\nFilm 2,1902\nFilm 3,1903\n", "listed").await);
        for path in ["/", "/movies", film, "/watchlist", "/seen", "/preferences", "/about", "/nope"]
        {
            visit.keep(app.get(path).await);
        }
        let export = app.get("/you/export.json").await;
        visit.export = serde_json::from_str(&export.html).unwrap();
        visit.keep(app.bring(&export.html, "listed").await);
        visit.keep(app.get("/you").await);
        visit
    }

    fn keep(&mut self, page: Response) {
        assert!(page.status < 500, "{}", page.html);
        for set in page.headers.get_all("set-cookie") {
            let value = set.to_str().unwrap().split(['=', ';']).nth(1).unwrap();
            let hash: [u8; 32] = Sha256::digest(value).into();
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            let numbers = format!("{hash:?}").trim_matches(['[', ']']).to_owned();
            self.keys.extend([value.to_owned(), hex, BASE64_STANDARD.encode(hash), numbers]);
        }
        self.pages.push(page);
    }

    /// As they would stand in what somebody writes about a session: `viewed:17`, `notice:upkeep`
    /// and its digest.
    fn values(&self) -> BTreeSet<String> {
        let names = self.export.keys().filter(|key| key.contains(':')).cloned();
        let digests = self.export.iter().filter(|(key, _)| key.starts_with("notice:"));
        let digests = digests.map(|(_, digest)| digest.as_str().unwrap().to_owned());
        // The films are numbered in the order of their import.
        let films = self.export["films"].as_array().unwrap().iter();
        let marks = films.flat_map(|film| {
            let number = film["title"].as_str().unwrap().strip_prefix("Film ").unwrap();
            let marks = ["listed", "seen", "rating", "viewed"].into_iter();
            marks
                .filter(|mark| film.get(mark).is_some())
                .map(move |mark| format!("{mark}:{number}"))
        });
        names.chain(digests).chain(marks).collect()
    }

    #[track_caller]
    fn is_not_in(&self, text: &str, place: &str) {
        assert!(!self.keys.is_empty() && self.values().len() >= 8, "{:?}", self.values());
        for secret in self.keys.iter().chain(&self.values()) {
            let at = text.find(secret.as_str());
            let line = at.and_then(|at| text[..at + secret.len()].lines().last());
            assert_eq!(line, None, "{secret} is in {place}");
        }
    }
}

/// At every level, in either form, whatever keeps the sessions.
#[actix_web::test]
async fn logs_and_metrics_hold_no_visitor_data() {
    let films = TestApp::with_many_films(30).await;
    let redis = std::env::var("TEST_REDIS_URL").unwrap();
    for (engine, cache, form) in [
        ("db", "memory://", "text"),
        ("db", "memory://", "json"),
        ("cached_db", redis.as_str(), "text"),
        ("cached_db", "memory://", "json"),
        ("cache", redis.as_str(), "json"),
        ("file", "memory://", "text"),
        ("signed_cookies", "memory://", "text"),
    ] {
        let folder = TempDir::new().unwrap();
        let mut command = command(folder.path());
        command.env("DATABASE_URL", &films.database).env("SECRET_KEY", "0123456789".repeat(5));
        command.env("SESSION_ENGINE", engine).env("SESSION_CACHE_URL", cache);
        command.env("SESSION_FILE_PATH", folder.path());
        command.env("RUST_LOG", "trace").env("LOG_FORMAT", form);
        let site = Site::start_command(command).await;
        let mut app = films.other_visitor();
        app.address = site.address.clone();
        let visit = Visit::make(&app).await;
        let place = format!("the metrics with {engine}");
        visit.is_not_in(&app.get("/metrics").await.html, &place);
        app.post("/you/erase", &[]).await;
        site.signal("TERM");
        let (_, _, log) = site.ended().await;
        assert!(log.contains("TRACE") && log.contains("/watchlist"), "{log}");
        visit.is_not_in(&log, &format!("the log with {engine} on {cache} as {form}"));
    }
}

#[actix_web::test]
async fn urls_and_other_visitors_pages_hold_no_visitor_data() {
    let app = TestApp::with_many_films(30).await;
    let visit = Visit::make(&app).await;
    for page in &visit.pages {
        let mut addresses = vec![page.header(LOCATION.as_str()).to_owned()];
        for name in ["href", "src", "action", "formaction"] {
            addresses.extend(page.attributes(&format!("[{name}]"), name));
        }
        visit.is_not_in(&addresses.join("\n"), "an address");
    }
    // Neither one who has left nothing, nor one who has left the same kinds of things.
    let other = app.other_visitor();
    for path in ["/movies", "/movies/film-9-1909", "/movies/film-9-1909/watchlist"] {
        let method = if path.ends_with("watchlist") { Method::POST } else { Method::GET };
        other.send(other.request(method, path)).await;
    }
    for visitor in [&other, &app.other_visitor()] {
        let export: Map<String, Value> =
            serde_json::from_str(&visitor.get("/you/export.json").await.html).unwrap();
        let keys = export.keys().filter(|key| *key != "films");
        let shared = keys.filter(|key| visit.values().contains(key.as_str()));
        assert_eq!(shared.count(), 0, "{export:?}");
        for path in
            ["/", "/movies", "/movies/film-1-1901", "/watchlist", "/seen", "/you", "/preferences"]
        {
            let page = visitor.get(path).await;
            let keys = visit.keys.iter().filter(|key| page.html.contains(key.as_str()));
            assert_eq!(keys.count(), 0, "{path}");
            assert_eq!(page.attributes("html", "data-theme"), ["system"], "{path}");
            assert_eq!(page.texts(".notice").len(), 1, "{path}: not put away");
            let marks = ["film-1-1901", "film-2-1902", "film-3-1903"].map(|film| {
                page.attributes(&format!("[data-movie={film}] [aria-pressed=true]"), "class")
            });
            assert_eq!(marks.concat(), [""; 0], "{path}");
            assert_eq!(
                page.attributes(".star[aria-pressed=true]:not([value='0'])", "value"),
                [""; 0]
            );
        }
    }
}

/// Nothing asks for a session where there is none to ask for.
#[actix_web::test]
async fn reading_without_session_runs_no_statement() {
    let app = TestApp::with_many_films(30).await;
    app.execute("ALTER TABLE sessions RENAME TO elsewhere").await;
    let paths = [
        "/",
        "/directors",
        "/directors/ann-other",
        "/tags",
        "/search?q=film",
        "/about",
        "/preferences",
        "/watchlist",
        "/seen",
        "/you",
        "/you/export.json",
        "/nope",
        "/movies.atom",
    ];
    for path in paths {
        let page = app.get(path).await;
        let status = if path == "/nope" { 404 } else { 200 };
        assert_eq!((page.status, page.header("set-cookie")), (status, ""), "{path}");
    }
    // Nor does a film that is opened where that is not recorded.
    let film = app.request(Method::GET, "/movies/film-1-1901").header("Sec-GPC", "1");
    let film = app.send(film).await;
    assert_eq!((film.status, film.header("set-cookie")), (200, ""));
    app.execute("ALTER TABLE elsewhere RENAME TO sessions").await;
    assert_eq!(app.count("sessions").await, 0);
}
