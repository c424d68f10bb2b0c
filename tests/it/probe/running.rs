//! A running probe, and a browser in front of it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::{App, HttpServer};
use marquee::db::Pool;
use marquee::sessions::Engine;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::{routes, script};
use crate::support::{self, fresh_database, settings};

/// The least that a session of one second lives: a store may count in whole milliseconds, and drop it in
/// the last of them.
pub const ALMOST_A_SECOND: Duration = Duration::from_millis(990);

/// An engine with the settings that choose it.
#[derive(Clone, Copy)]
pub struct EngineUnderTest {
    pub name: &'static str,
    pub redis: bool,
}

pub mod engines {
    #![expect(non_upper_case_globals, reason = "they are named as the engines' test modules")]

    use super::EngineUnderTest;

    const fn engine(name: &'static str, redis: bool) -> EngineUnderTest {
        EngineUnderTest { name, redis }
    }

    pub const db: EngineUnderTest = engine("db", false);
    pub const cache: EngineUnderTest = engine("cache", false);
    pub const cache_redis: EngineUnderTest = engine("cache", true);
    pub const cached_db: EngineUnderTest = engine("cached_db", false);
    pub const cached_db_redis: EngineUnderTest = engine("cached_db", true);
    pub const file: EngineUnderTest = engine("file", false);
    pub const signed_cookies: EngineUnderTest = engine("signed_cookies", false);

    pub const ALL: [EngineUnderTest; 7] =
        [db, cache, cache_redis, cached_db, cached_db_redis, file, signed_cookies];
}

impl EngineUnderTest {
    /// Whether the cookie is the session, and so another one after each change.
    pub fn is_sealed(self) -> bool {
        self.name == "signed_cookies"
    }

    /// A database of its own for those that keep rows; the others share one, which stays empty.
    pub async fn database(self) -> String {
        static EMPTY: OnceCell<String> = OnceCell::const_new();
        match self.name {
            "db" | "cached_db" => fresh_database().await,
            _ => EMPTY.get_or_init(fresh_database).await.clone(),
        }
    }

    /// The flags that choose it. A later flag of the same name wins.
    pub fn flags(self, folder: &Path) -> Vec<String> {
        let redis = || std::env::var("TEST_REDIS_URL").expect("run the tests with bin/test");
        let cache = if self.redis { redis() } else { "memory://".to_owned() };
        vec![
            format!("--session-engine={}", self.name),
            format!("--session-file-path={}", folder.display()),
            format!("--session-cache-url={cache}"),
            "--secret-key=0123456789abcdef0123456789abcdef".to_owned(),
        ]
    }
}

pub struct Probe {
    pub engine: EngineUnderTest,
    pub store: Engine,
    pub database: String,
    /// Of the engines that keep files.
    pub folder: TempDir,
    address: String,
    client: reqwest::Client,
}

/// The response.
pub struct Answer {
    pub status: u16,
    pub body: String,
    pub vary: String,
    pub set_cookie: Vec<String>,
}

impl Probe {
    pub async fn start(engine: EngineUnderTest) -> Self {
        Self::start_with(engine, &[]).await
    }

    pub async fn start_with(engine: EngineUnderTest, flags: &[&str]) -> Self {
        Self::on(engine.database().await, engine, flags)
    }

    pub fn on(database: String, engine: EngineUnderTest, flags: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let flags =
            engine.flags(folder.path()).into_iter().chain(flags.iter().map(|f| f.to_string()));
        let (address, store) = serve(&database, &flags.collect::<Vec<_>>());
        // No cookie jar: what is sent is what a test says.
        let client = reqwest::Client::builder().build().unwrap();
        Self { engine, store, database, folder, address, client }
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send(Method::GET, path, cookie).await
    }

    pub async fn post(&self, path: &str, cookie: &str) -> Answer {
        self.send(Method::POST, path, cookie).await
    }

    /// `cookie` is the whole header; empty: none is sent.
    pub async fn send(&self, method: Method, path: &str, cookie: impl AsRef<[u8]>) -> Answer {
        Answer::of(self.request(method, path, cookie.as_ref())).await
    }

    pub fn request(&self, method: Method, path: &str, cookie: &[u8]) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.address));
        if cookie.is_empty() { request } else { request.header(COOKIE, cookie) }
    }

    /// A session that holds `color=blue`; returns its cookie, as the browser sends it.
    pub async fn blue(&self) -> String {
        self.post("/set?key=color&value=blue", "").await.cookie()
    }

    /// All values of the session behind this cookie.
    pub async fn all(&self, cookie: &str) -> Value {
        self.get("/all", cookie).await.json()
    }

    /// The session files, in order of name.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let session = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with("sessionid") && name.len() == "sessionid".len() + 64
        };
        let mut files: Vec<PathBuf> = entries.filter(session).collect();
        files.sort();
        files
    }

    pub async fn count(&self, table: &str) -> i64 {
        support::count(&self.database, table).await
    }

    pub async fn execute(&self, sql: &str) {
        support::execute(&mut support::connect(&self.database).await, sql).await;
    }
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let headers = response.headers();
        let texts = |name| headers.get_all(name).iter().map(|v| v.to_str().unwrap().to_owned());
        let (vary, set_cookie) = (texts("vary").collect(), texts(SET_COOKIE.as_str()).collect());
        let status = response.status().as_u16();
        Self { status, vary, set_cookie, body: response.text().await.unwrap() }
    }

    /// The cookie that this answer set, as the browser sends it back.
    pub fn cookie(&self) -> String {
        assert_eq!(self.set_cookie.len(), 1, "{:?}", self.set_cookie);
        self.set_cookie[0].split(';').next().unwrap().to_owned()
    }

    /// `name`'s value among the attributes of the only cookie, `Some("")` for a flag.
    pub fn attribute(&self, name: &str) -> Option<String> {
        assert_eq!(self.set_cookie.len(), 1, "{:?}", self.set_cookie);
        let mut attributes = self.set_cookie[0].split("; ").skip(1);
        attributes.find_map(|attribute| {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    pub fn assert_untouched(&self) {
        assert!(self.set_cookie.is_empty(), "{:?}", self.set_cookie);
        assert_eq!(self.vary, "");
    }

    /// Read, and nothing set.
    pub fn assert_read(&self) {
        assert!(self.set_cookie.is_empty(), "{:?}", self.set_cookie);
        assert_eq!(self.vary, "Cookie");
    }

    pub fn assert_removed(&self) {
        assert_eq!(self.attribute("Max-Age").as_deref(), Some("0"), "{:?}", self.set_cookie);
        let epoch = "Thu, 01 Jan 1970 00:00:00 GMT";
        assert_eq!(self.attribute("Expires").as_deref(), Some(epoch));
        assert!(self.cookie().ends_with('='), "{:?}", self.set_cookie);
        assert_eq!(self.vary, "Cookie");
    }
}

fn serve(database: &str, flags: &[String]) -> (String, Engine) {
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let settings = settings(&flags);
    let pool = Pool::new(database, 4).unwrap();
    let engine = Engine::open(&settings.sessions, &pool).unwrap();
    let sessions = engine.sessions().clone();
    let server = HttpServer::new(move || {
        App::new()
            .configure(routes::probe)
            .configure(script::route)
            .wrap(routes::panics())
            .wrap(sessions.clone())
    });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    actix_web::rt::spawn(server.workers(2).listen(listener).unwrap().run());
    (address, engine)
}
