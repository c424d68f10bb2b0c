//! Redis killed, frozen, and back.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use reqwest::Method;
use tempfile::TempDir;

use super::{FILM, PATIENCE, assert_unavailable, back, meanwhile, theme};
use crate::program::kill;
use crate::support::{TestApp, fresh_database};

/// A server of this test's own.
struct Redis {
    folder: TempDir,
    process: Child,
}

impl Redis {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let process = Self::run(&folder);
        Self { folder, process }
    }

    /// Returns when it can be reached.
    fn run(folder: &TempDir) -> Child {
        let socket = folder.path().join("redis.sock");
        let process = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--dbfilename", "kept"])
            .arg("--unixsocket")
            .arg(&socket)
            .arg("--dir")
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            std::thread::yield_now();
        }
        process
    }

    async fn site(&self, engine: &str) -> TestApp {
        let app = self.site_through("redis.sock", fresh_database().await, engine).await;
        app.import(FILM).await.unwrap();
        app
    }

    async fn site_through(&self, socket: &str, database: String, engine: &str) -> TestApp {
        let engine = format!("--session-engine={engine}");
        let socket = self.folder.path().join(socket);
        let url = format!("--session-cache-url=redis+unix://{}", socket.display());
        TestApp::spawn_on(database, &[&engine, &url]).await
    }

    /// Returns the output of `redis-cli`.
    fn ask(&self, words: &[&str]) -> String {
        let socket = self.folder.path().join("redis.sock");
        let asked = Command::new("redis-cli").arg("-s").arg(socket).args(words).output().unwrap();
        assert!(asked.status.success(), "{words:?}");
        String::from_utf8(asked.stdout).unwrap()
    }

    /// Reads until copies are made and used.
    async fn copied(&self, app: &TestApp) {
        let start = Instant::now();
        while !self.ask(&["--scan"]).lines().any(|key| key.matches(':').count() == 1) {
            app.get("/about").await;
            assert!(start.elapsed() < PATIENCE, "no copy is made");
        }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        fs::remove_file(self.folder.path().join("redis.sock")).unwrap();
    }

    fn freeze(&self) {
        kill("STOP", self.process.id());
    }

    fn wake(&self) {
        kill("CONT", self.process.id());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Pages go on without their visitor, and say so; what needs a visitor says when to come back.
async fn assert_out_of_reach(app: &TestApp) {
    let stranger = app.other_visitor();
    for path in ["/", "/movies", "/movies/ran", "/directors", "/about"] {
        let page = meanwhile(app, Method::GET, path).await;
        assert_eq!((page.status, theme(&page).as_str()), (200, "system"), "{path}");
        assert_eq!(page.texts("main .session-unavailable").len(), 1, "{path} says so");
        assert_eq!(meanwhile(&stranger, Method::GET, path).await.status, 200, "{path}");
    }
    assert_eq!(meanwhile(app, Method::GET, "/no-such-page").await.status, 404);
    for path in ["/watchlist", "/you", "/you/export.json", "/preferences"] {
        assert_unavailable(app, Method::GET, path).await;
    }
    for path in ["/preferences", "/movies/ran/watchlist", "/you/erase"] {
        assert_unavailable(app, Method::POST, path).await;
    }
}

#[actix_web::test]
async fn cache_engine_survives_a_frozen_redis() {
    let redis = Redis::start();
    let app = redis.site("cache").await;
    assert_eq!(app.get("/movies").await.visits(), 0);
    app.post("/preferences", &[("theme", "dark")]).await;
    redis.freeze();
    assert_out_of_reach(&app).await;
    redis.wake();
    let page = back(&app, "/about").await;
    assert_eq!((theme(&page).as_str(), page.visits()), ("dark", 1));
}

#[actix_web::test]
async fn cache_engine_starts_over_after_a_redis_restart() {
    let mut redis = Redis::start();
    let app = redis.site("cache").await;
    app.get("/movies").await;
    redis.kill();
    assert_out_of_reach(&app).await;
    redis.process = Redis::run(&redis.folder);
    assert_eq!(back(&app, "/movies").await.visits(), 0, "this cache keeps nothing on a disk");
    assert_eq!(back(&app, "/movies").await.visits(), 1);
}

/// Checks that writes and erasures during an outage of Redis are read after it.
#[actix_web::test]
async fn cached_db_survives_redis_outages_without_stale_reads() {
    for frozen in [true, false] {
        let mut redis = Redis::start();
        let app = redis.site("cached_db").await;
        let erased = app.other_visitor();
        for visitor in [&app, &erased] {
            visitor.get("/movies").await;
            visitor.post("/preferences", &[("theme", "dark")]).await;
            // The copy is made by reading.
            assert_eq!(theme(&visitor.get("/about").await), "dark");
        }
        if frozen {
            redis.freeze();
        } else {
            redis.kill();
        }

        assert_eq!(theme(&meanwhile(&app, Method::GET, "/about").await), "dark");
        assert_eq!(app.get("/movies").await.visits(), 1);
        assert_eq!(app.post("/preferences", &[("theme", "light")]).await.status, 303);
        assert_eq!(theme(&app.get("/about").await), "light");
        assert_eq!(erased.post("/you/erase", &[]).await.status, 303);

        if frozen {
            redis.wake();
        } else {
            redis.process = Redis::run(&redis.folder);
        }
        for _ in 0..20 {
            let page = app.get("/about").await;
            assert_eq!((theme(&page).as_str(), page.visits()), ("light", 2));
            let page = erased.get("/about").await;
            assert_eq!((theme(&page).as_str(), page.visits()), ("system", 0));
        }
        assert_eq!(app.count("sessions").await, 1);
    }
}

/// Redis comes back as it was a while ago, and does not know that a copy was removed since.
#[actix_web::test]
async fn cached_db_ignores_copies_from_before_an_outage() {
    let mut redis = Redis::start();
    let app = redis.site("cached_db").await;
    let erased = app.other_visitor();
    app.post("/preferences", &[("theme", "dark")]).await;
    redis.copied(&app).await;
    erased.post("/preferences", &[("theme", "dark")]).await;
    for _ in 0..3 {
        erased.get("/about").await;
    }
    redis.ask(&["save"]);
    app.post("/preferences", &[("theme", "light")]).await;
    erased.post("/you/erase", &[]).await;

    redis.kill();
    redis.process = Redis::run(&redis.folder);
    // A process that never knew the former Redis, and one that did.
    let new = redis.site_through("redis.sock", app.database.clone(), "cached_db").await;
    for site in [&new, &app] {
        for _ in 0..20 {
            assert_eq!(theme(&app.at(site).get("/about").await), "light");
            assert_eq!(theme(&erased.at(site).get("/about").await), "system");
        }
    }
}
