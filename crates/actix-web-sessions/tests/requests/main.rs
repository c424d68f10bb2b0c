//! The middleware as applications use it.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

#[cfg(all(feature = "actix-session", feature = "actix-session-010"))]
mod bridges;
#[cfg(feature = "csrf")]
mod csrf;
#[cfg(feature = "flash")]
mod flash;
mod limits;
#[cfg(feature = "sealed")]
mod sealed;

use std::cell::RefCell;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use actix_web::{App, Error, Result, test, web};
use actix_web_sessions::stores::Memory;
use actix_web_sessions::{Expiry, Session, SessionId, Sessions, declared_crawler};
use futures_util::future::join_all;

#[derive(serde::Deserialize)]
struct Query {
    name: String,
}

async fn add(session: Session) -> Result<String> {
    Ok(session.increment("n", 1).await?.to_string())
}

async fn get(session: Session) -> String {
    serde_json::to_string(&session.items()).unwrap()
}

async fn set(session: Session, query: web::Query<Query>) -> Result<&'static str> {
    session.set(&query.name, true)?;
    Ok("set")
}

async fn push(session: Session, query: web::Query<Query>) -> Result<&'static str> {
    session.transact("list", |list: &mut Vec<String>| list.push(query.name.clone())).await?;
    Ok("pushed")
}

async fn login(session: Session, query: web::Query<Query>) -> Result<&'static str> {
    session.login(&query.name)?;
    Ok("logged in")
}

async fn flush(session: Session) -> &'static str {
    session.flush();
    "flushed"
}

async fn cycle(session: Session) -> &'static str {
    session.cycle_key();
    "cycled"
}

thread_local! {
    static KEPT: RefCell<Option<Session>> = const { RefCell::new(None) };
}

/// Keeps the session for longer than its response.
async fn keep(session: Session) -> &'static str {
    KEPT.set(Some(session));
    "kept"
}

macro_rules! app {
    ($sessions:expr) => {
        test::init_service(
            App::new()
                .wrap($sessions)
                .route("/add", web::post().to(add))
                .route("/get", web::get().to(get))
                .route("/set", web::post().to(set))
                .route("/set", web::get().to(set))
                .route("/push", web::post().to(push))
                .route("/login", web::post().to(login))
                .route("/flush", web::post().to(flush))
                .route("/cycle", web::post().to(cycle))
                .route("/keep", web::get().to(keep)),
        )
        .await
    };
}

pub(crate) use app;

struct Answer {
    status: u16,
    body: String,
    /// Name and value, as a browser sends them.
    cookie: Option<String>,
    vary: String,
    cache_control: String,
}

impl Answer {
    fn id(&self) -> String {
        self.cookie.clone().unwrap()
    }
}

async fn send<S, B>(app: &S, method: &str, path: &str, cookie: &str) -> Answer
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let method = method.parse().unwrap();
    let mut request = test::TestRequest::with_uri(path).method(method);
    if !cookie.is_empty() {
        request = request.insert_header((COOKIE, cookie));
    }
    let response = test::call_service(app, request.to_request()).await;
    let text = |name| {
        let value = response.headers().get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default().to_owned()
    };
    let cookie = Some(text(SET_COOKIE)).filter(|cookie| !cookie.is_empty());
    Answer {
        status: response.status().as_u16(),
        cookie: cookie.map(|cookie| cookie.split(';').next().unwrap().to_owned()),
        vary: text(VARY),
        cache_control: text(CACHE_CONTROL),
        body: String::from_utf8(test::read_body(response).await.to_vec()).unwrap(),
    }
}

#[actix_web::test]
async fn planted_cookies_neither_hide_nor_remove_the_real_one() {
    let app = app!(Sessions::new(Memory::new()));
    let live = send(&app, "POST", "/set?name=a", "").await.id();
    for planted in ["b".repeat(32), "junk".into(), "x".into(), String::new()] {
        for cookies in
            [format!("{live}; sessionid={planted}"), format!("sessionid={planted}; {live}")]
        {
            let answer = send(&app, "GET", "/get", &cookies).await;
            assert_eq!((answer.body.as_str(), answer.cookie), (r#"{"a":true}"#, None), "{cookies}");
        }
    }
    let unknown = format!("sessionid={}", "b".repeat(32));
    assert_eq!(send(&app, "GET", "/get", &unknown).await.id(), "sessionid=");
    let new = send(&app, "POST", "/set?name=b", &unknown).await.id();
    assert!(new != unknown && new != "sessionid=", "an unknown id is never adopted");
}

#[actix_web::test]
async fn cookie_comes_with_vary_and_private() {
    let app = app!(Sessions::new(Memory::new()));
    let answer = send(&app, "POST", "/set?name=a", "").await;
    assert_eq!((answer.vary.as_str(), answer.cache_control.as_str()), ("Cookie", "private"));
    let answer = send(&app, "GET", "/get", &answer.id()).await;
    assert_eq!((answer.vary.as_str(), answer.cache_control.as_str()), ("Cookie", ""));
}

#[actix_web::test]
async fn increment_that_overlaps_an_erase_begins_at_zero() {
    let sessions = Sessions::new(Memory::new());
    let app = app!(sessions.clone());
    let cookie = send(&app, "POST", "/add", "").await.id();
    send(&app, "POST", "/add", &cookie).await;
    let id = SessionId::parse(cookie.strip_prefix("sessionid=").unwrap()).unwrap();
    let late = sessions.detached(&id).await.unwrap();
    late.set("outright", true).unwrap();
    late.edit("edited", |value: &mut i64| *value += 1).unwrap();
    send(&app, "POST", "/flush", &cookie).await;
    assert_eq!(late.increment("n", 1).await.unwrap(), 1);
    let new = late.save().await.unwrap().unwrap();
    assert!(new != id);
    let new = format!("sessionid={}", new.as_str());
    assert_eq!(send(&app, "GET", "/get", &new).await.body, r#"{"n":1,"outright":true}"#);
    assert_eq!(send(&app, "GET", "/get", &cookie).await.body, "{}");
}

#[actix_web::test]
async fn write_with_a_renewed_id_reaches_the_session() {
    let app = app!(Sessions::new(Memory::new()));
    let old = send(&app, "POST", "/set?name=a", "").await.id();
    let new = send(&app, "POST", "/cycle", &old).await.id();
    let answer = send(&app, "POST", "/set?name=b", &old).await;
    assert_eq!((answer.status, answer.cookie), (200, None));
    assert_eq!(send(&app, "GET", "/get", &old).await.body, "{}");
    assert_eq!(send(&app, "GET", "/get", &new).await.body, r#"{"a":true,"b":true}"#);
    assert_eq!(send(&app, "POST", "/flush", &old).await.cookie, None);
    assert_eq!(send(&app, "GET", "/get", &new).await.body, "{}");
}

#[actix_web::test]
async fn login_refuses_the_old_id_and_keeps_anonymous_values() {
    let app = app!(Sessions::new(Memory::new()));
    let old = send(&app, "POST", "/set?name=a", "").await.id();
    let ada = send(&app, "POST", "/login?name=ada", &old).await.id();
    assert_ne!(ada, old);
    let refused = send(&app, "POST", "/set?name=b", &old).await;
    assert_eq!((refused.status, refused.cookie), (409, None));
    assert_eq!(send(&app, "GET", "/set?name=b", &old).await.status, 200, "dropped");
    assert_eq!(send(&app, "GET", "/get", &ada).await.body, r#"{"a":true}"#);
    let bob = send(&app, "POST", "/login?name=bob", &ada).await.id();
    assert_eq!(send(&app, "GET", "/get", &bob).await.body, "{}", "ada's values are deleted");
    send(&app, "POST", "/flush", &ada).await;
}

#[actix_web::test]
async fn users_see_and_end_their_sessions() {
    let sessions = Sessions::new(Memory::new());
    let app = app!(sessions.clone());
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(send(&app, "POST", "/login?name=ada", "").await.id());
    }
    send(&app, "POST", "/login?name=bob", "").await;
    let listed = sessions.of("ada").await.unwrap();
    assert_eq!(listed.len(), 3);
    assert!(!sessions.end("bob", &listed[0].handle).await.unwrap(), "of another user");
    let id = SessionId::parse(ids[0].strip_prefix("sessionid=").unwrap()).unwrap();
    let session = sessions.detached(&id).await.unwrap();
    assert_eq!(sessions.end_others(&session).await.unwrap(), 2);
    assert!(sessions.of(&session.require_principal().unwrap()).await.unwrap()[0].current);
    assert_eq!(sessions.end_all("ada").await.unwrap(), 1);
    assert_eq!(send(&app, "GET", "/get", &ids[0]).await.id(), "sessionid=");
}

#[actix_web::test]
async fn parallel_transactions_keep_every_item() {
    let app = app!(Sessions::new(Memory::new()));
    let id = send(&app, "POST", "/push?name=first", "").await.id();
    let paths: Vec<String> = (0..50).map(|n| format!("/push?name={n}")).collect();
    let pushes = join_all(paths.iter().map(|path| send(&app, "POST", path, &id))).await;
    assert!(pushes.iter().all(|push| push.status == 200));
    let body = send(&app, "GET", "/get", &id).await.body;
    let items: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(items["list"].as_array().unwrap().len(), 51);
}

#[actix_web::test]
async fn handle_after_the_response_is_an_error_and_no_panic() {
    let app = app!(Sessions::new(Memory::new()));
    assert_eq!(send(&app, "GET", "/keep", "").await.body, "kept");
    let session = KEPT.take().unwrap();
    assert!(session.set("late", 1).is_err() && session.get::<i64>("late").is_err());
    assert!(session.increment("n", 1).await.is_err() && session.items().is_empty());
    assert!(!session.delete("late") && session.is_empty());
}

#[actix_web::test]
async fn nested_session_layers_are_refused() {
    let app = test::init_service(
        App::new()
            .wrap(Sessions::new(Memory::new()))
            .wrap(Sessions::new(Memory::new()))
            .route("/get", web::get().to(get)),
    )
    .await;
    let request = test::TestRequest::with_uri("/get").to_request();
    assert!(app.call(request).await.is_err());
}

#[actix_web::test]
async fn declared_crawler_gets_no_session() {
    let sessions = Sessions::builder(Memory::new()).exclude(declared_crawler).build().unwrap();
    let app = app!(sessions);
    let request = || {
        test::TestRequest::post().uri("/set?name=a").insert_header(("User-Agent", "Examplebot/1"))
    };
    let response = test::call_service(&app, request().to_request()).await;
    assert!(!response.headers().contains_key(SET_COOKIE));
    assert!(!response.headers().contains_key(VARY));
    let id = send(&app, "POST", "/set?name=a", "").await.id();
    let request = request().insert_header((COOKIE, id)).to_request();
    assert!(test::call_service(&app, request).await.headers().contains_key(SET_COOKIE));
}

#[actix_web::test]
async fn memory_keeps_the_last_expiry_under_concurrent_writes() {
    let sessions = Sessions::new(Memory::new());
    let app = app!(sessions.clone());
    let cookie = send(&app, "POST", "/set?name=a", "").await.id();
    let id = SessionId::parse(cookie.strip_prefix("sessionid=").unwrap()).unwrap();
    let older = sessions.detached(&id).await.unwrap();
    let newer = sessions.detached(&id).await.unwrap();
    newer.set_expiry(Expiry::After(Duration::from_secs(3600))).unwrap();
    newer.save().await.unwrap();
    older.set("b", 1).unwrap();
    older.save().await.unwrap();
    let session = sessions.detached(&id).await.unwrap();
    assert_eq!(session.expiry(), Expiry::After(Duration::from_secs(3600)));
    assert!(session.expires_in() <= Duration::from_secs(3600));
}
