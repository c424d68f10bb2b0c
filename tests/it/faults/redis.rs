//! Redis killed, frozen, and back.

use std::process::{Child, Command, Stdio};

use reqwest::Method;
use tempfile::TempDir;

use super::{FILM, assert_unavailable, back, meanwhile, theme};
use crate::program::kill;
use crate::support::TestApp;

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
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
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
        let engine = format!("--session-engine={engine}");
        let socket = self.folder.path().join("redis.sock");
        let url = format!("--session-cache-url=redis+unix://{}", socket.display());
        let app = TestApp::spawn_with(&[&engine, &url]).await;
        app.import(FILM).await.unwrap();
        app
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::fs::remove_file(self.folder.path().join("redis.sock")).unwrap();
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
        assert_eq!(page.texts("main .out-of-reach").len(), 1, "{path} says so");
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
async fn cache_frozen_and_awake_loses_nobody() {
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
async fn cache_killed_and_back_begins_anew_with_the_next_visit() {
    let mut redis = Redis::start();
    let app = redis.site("cache").await;
    app.get("/movies").await;
    redis.kill();
    assert_out_of_reach(&app).await;
    redis.process = Redis::run(&redis.folder);
    assert_eq!(back(&app, "/movies").await.visits(), 0, "this cache keeps nothing on a disk");
    assert_eq!(back(&app, "/movies").await.visits(), 1);
}

/// What is written and erased while Redis is away is what is read when it is back.
#[actix_web::test]
async fn cached_db_goes_on_from_the_database_and_serves_nothing_stale_afterwards() {
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
