//! The engines under actix-session's own `SessionMiddleware`: each is a `SessionStore` like any other.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use actix_session::config::{CookieContentSecurity, PersistentSession};
use actix_session::storage::SessionStore;
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::{Key, time};
use actix_web::{App, HttpResponse, HttpServer, Result, web};
use actix_web_sessions::compat::actix_session::AsSessionStore;
use marquee::db::Pool;
use marquee::sessions::{BoxedStore, Engine};
use reqwest::Client;
use reqwest::header::COOKIE;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::on;
use super::running::{ALMOST_A_SECOND, EngineUnderTest};
use crate::support::settings;

on!([db, cache, cache_redis, cached_db, cached_db_redis, file] [
    stock_values_are_kept_changed_and_removed,
    stock_renewal_keeps_the_values,
    stock_purge_begins_anew,
    stock_lifetime_is_kept_by_the_store,
    stock_odd_keys_are_no_session,
]);

/// Engines with a store on the server.
mod stored {
    use super::{stock_late_writes_bring_nothing_back, stock_old_keys_are_dead};
    use crate::probe::on;

    on!([db, cache, cache_redis, cached_db, cached_db_redis, file] [
        stock_old_keys_are_dead,
        stock_late_writes_bring_nothing_back,
    ]);
}

struct Site {
    address: String,
    store: AsSessionStore<BoxedStore>,
    _folder: TempDir,
}

async fn set(session: Session, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    session.insert(&path.0, &path.1)?;
    Ok(HttpResponse::Ok().finish())
}

async fn all(session: Session) -> HttpResponse {
    let entries = session.entries();
    let value = |text: &String| serde_json::from_str::<Value>(text).unwrap();
    let values = entries.iter().map(|(key, text)| (key.clone(), value(text)));
    HttpResponse::Ok().json(values.collect::<serde_json::Map<_, _>>())
}

async fn act(session: Session, action: web::Path<String>) -> HttpResponse {
    match action.as_str() {
        "clear" => session.clear(),
        "renew" => session.renew(),
        "purge" => session.purge(),
        key => _ = session.remove(key),
    }
    HttpResponse::Ok().finish()
}

impl Site {
    async fn start(engine: EngineUnderTest, seconds: i64) -> Self {
        let folder = TempDir::new().unwrap();
        let flags = engine.flags(folder.path());
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let pool = Pool::new(&engine.database().await, 2).unwrap();
        let opened = Engine::open(&settings(&flags).sessions, &pool).unwrap();
        let store = AsSessionStore(opened.store().unwrap().clone());
        let kept = store.clone();
        let server = HttpServer::new(move || {
            let life = PersistentSession::default().session_ttl(time::Duration::seconds(seconds));
            let sessions = SessionMiddleware::builder(store.clone(), Key::from(&[7; 64]))
                .cookie_secure(false)
                .cookie_content_security(CookieContentSecurity::Signed)
                .session_lifecycle(life);
            App::new()
                .wrap(sessions.build())
                .route("/set/{key}/{value}", web::post().to(set))
                .route("/all", web::get().to(all))
                .route("/{action}", web::post().to(act))
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        actix_web::rt::spawn(server.workers(1).listen(listener).unwrap().run());
        Self { address, store: kept, _folder: folder }
    }

    async fn post(&self, browser: &Client, path: &str) -> String {
        let answer = browser.post(format!("{}{path}", self.address)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let cookie = answer.headers().get("set-cookie").map(|value| value.to_str().unwrap());
        cookie.unwrap_or_default().split(';').next().unwrap().to_owned()
    }

    async fn all(&self, browser: &Client) -> Value {
        let answer = browser.get(format!("{}/all", self.address)).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    async fn with(&self, cookie: &str) -> Value {
        let request = Client::new().get(format!("{}/all", self.address)).header(COOKIE, cookie);
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap()
    }
}

fn browser() -> Client {
    Client::builder().cookie_store(true).build().unwrap()
}

async fn stock_values_are_kept_changed_and_removed(engine: EngineUnderTest) {
    let (site, one, other) = (Site::start(engine, 600).await, browser(), browser());
    site.post(&one, "/set/color/blue").await;
    site.post(&one, "/set/size/7").await;
    site.post(&other, "/set/color/red").await;
    site.post(&one, "/set/color/green").await;
    assert_eq!(site.all(&one).await, json!({ "color": "green", "size": "7" }));
    assert_eq!(site.all(&other).await, json!({ "color": "red" }));
    site.post(&one, "/color").await;
    assert_eq!(site.all(&one).await, json!({ "size": "7" }));
    site.post(&one, "/clear").await;
    assert_eq!(site.all(&one).await, json!({}));
    site.post(&one, "/set/again/yes").await;
    assert_eq!(site.all(&one).await, json!({ "again": "yes" }));
}

async fn stock_renewal_keeps_the_values(engine: EngineUnderTest) {
    let (site, browser) = (Site::start(engine, 600).await, browser());
    let old = site.post(&browser, "/set/color/blue").await;
    assert_ne!(site.post(&browser, "/renew").await, old);
    assert_eq!(site.all(&browser).await, json!({ "color": "blue" }));
}

async fn stock_purge_begins_anew(engine: EngineUnderTest) {
    let (site, browser) = (Site::start(engine, 600).await, browser());
    site.post(&browser, "/set/color/blue").await;
    assert_eq!(site.post(&browser, "/purge").await, "id=");
    assert_eq!(site.all(&browser).await, json!({}));
    site.post(&browser, "/set/size/7").await;
    assert_eq!(site.all(&browser).await, json!({ "size": "7" }));
}

async fn stock_lifetime_is_kept_by_the_store(engine: EngineUnderTest) {
    let site = Site::start(engine, 1).await;
    let start = Instant::now();
    let cookie = site.post(&browser(), "/set/color/blue").await;
    while site.with(&cookie).await != json!({}) {
        assert!(start.elapsed() < Duration::from_secs(10), "it never ends");
    }
    assert!(start.elapsed() >= ALMOST_A_SECOND, "{:?}", start.elapsed());
}

async fn stock_odd_keys_are_no_session(engine: EngineUnderTest) {
    let site = Site::start(engine, 600).await;
    for odd in ["", "../../etc/passwd", "\0", "0123456789abcdefghijklmnopqrstuv"] {
        let key = || odd.to_owned().try_into().unwrap();
        assert!(SessionStore::load(&site.store, &key()).await.unwrap().is_none(), "{odd:?}");
        SessionStore::delete(&site.store, &key()).await.unwrap();
    }
}

async fn stock_old_keys_are_dead(engine: EngineUnderTest) {
    let (site, browser) = (Site::start(engine, 600).await, browser());
    let first = site.post(&browser, "/set/color/blue").await;
    let second = site.post(&browser, "/renew").await;
    site.post(&browser, "/purge").await;
    for dead in [first, second] {
        assert_eq!(site.with(&dead).await, json!({}));
    }
}

async fn stock_late_writes_bring_nothing_back(engine: EngineUnderTest) {
    let site = Site::start(engine, 600).await;
    let store = &site.store;
    let life = time::Duration::minutes(1);
    let state = || [("color".to_owned(), "\"blue\"".to_owned())].into();
    let key = store.save(state(), &life).await.unwrap();
    let text = key.as_ref().to_owned();
    let again = || text.clone().try_into().unwrap();
    store.update_ttl(&key, &life).await.unwrap();
    SessionStore::delete(store, &key).await.unwrap();
    assert!(SessionStore::update(store, key, state(), &life).await.is_err());
    assert!(store.update_ttl(&again(), &life).await.is_err());
    assert!(SessionStore::load(store, &again()).await.unwrap().is_none());
}
