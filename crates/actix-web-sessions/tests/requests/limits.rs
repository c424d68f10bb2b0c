//! Extreme values, and stores that do not answer.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actix_web::{App, HttpRequest, HttpResponse, Result, test, web};
use actix_web_sessions::stores::Memory;
use actix_web_sessions::{
    Changes, Expiry, Inserted, Loaded, Merged, NewSession, Policy, Retire, Rotated, Session,
    SessionId, Sessions, Store, StoreKey, Touched, ValueError,
};

use super::{add, app, cycle, flush, get, keep, login, push, send, set};

#[actix_web::test]
async fn extreme_expiries_end_at_once_or_within_a_thousand_years() {
    let sessions = Sessions::new(Memory::new());
    let app = app!(sessions.clone());
    let millennium = Duration::from_secs(1000 * 365 * 86_400);
    for (expiry, lives) in [
        (Expiry::After(Duration::ZERO), false),
        (Expiry::At(UNIX_EPOCH), false),
        (Expiry::At(UNIX_EPOCH - Duration::from_secs(9_000_000_000)), false),
        (Expiry::After(Duration::MAX), true),
        (Expiry::At(SystemTime::now() + Duration::from_secs(9_000_000_000_000)), true),
    ] {
        let cookie = send(&app, "POST", "/set?name=a", "").await.id();
        let id = SessionId::parse(cookie.strip_prefix("sessionid=").unwrap()).unwrap();
        let session = sessions.detached(&id).await.unwrap();
        session.set_expiry(expiry).unwrap();
        assert!(session.lifetime() <= millennium + Duration::from_secs(5), "{expiry:?}");
        session.save().await.unwrap();
        let body = send(&app, "GET", "/get", &cookie).await.body;
        assert_eq!(body == r#"{"a":true}"#, lives, "{expiry:?}: {body}");
    }
}

#[actix_web::test]
async fn value_that_cannot_be_stored_is_an_error_at_the_call() {
    let sessions = Sessions::new(Memory::with_limit(5000));
    let app = app!(sessions.clone());
    let cookie = send(&app, "POST", "/set?name=a", "").await.id();
    let id = SessionId::parse(cookie.strip_prefix("sessionid=").unwrap()).unwrap();
    let session = sessions.detached(&id).await.unwrap();
    assert_eq!(session.set("a", f64::NAN), Err(ValueError::NotFinite));
    assert_eq!(session.set("a", "\0"), Err(ValueError::Nul));
    assert!(matches!(session.set("a", "x".repeat(9000)), Err(ValueError::TooLarge { .. })));
    assert!(matches!(session.login("x".repeat(300)), Err(ValueError::TooLarge { .. })));
    let counter = session.increment("n\0", 1).await;
    assert!(matches!(counter, Err(actix_web_sessions::UpdateError::Value(ValueError::Nul))));
    assert_eq!(session.get::<bool>("a").unwrap(), Some(true), "the old value stays");
}

async fn value(session: Session, query: web::Query<super::Query>) -> Result<HttpResponse> {
    session.set("secret-name", &query.name)?;
    Ok(HttpResponse::Ok().finish())
}

#[actix_web::test]
async fn response_to_a_refused_value_shows_neither_name_nor_value() {
    let app = test::init_service(
        App::new().wrap(Sessions::new(Memory::new())).route("/", web::post().to(value)),
    )
    .await;
    let answer = send(&app, "POST", "/?name=secret%00value", "").await;
    assert_eq!((answer.status, answer.cookie), (422, None));
    assert!(!answer.body.contains("secret"), "{}", answer.body);
}

/// A store whose backend is frozen.
struct Frozen;

async fn never<T>() -> actix_web_sessions::Result<T> {
    std::future::pending().await
}

impl Store for Frozen {
    async fn load(&self, _: &StoreKey) -> actix_web_sessions::Result<Loaded> {
        never().await
    }

    async fn insert(
        &self,
        _: &StoreKey,
        _: &NewSession,
        _: &Policy,
    ) -> actix_web_sessions::Result<Inserted> {
        never().await
    }

    async fn merge(
        &self,
        _: &StoreKey,
        _: &Changes,
        _: &Policy,
    ) -> actix_web_sessions::Result<Merged> {
        never().await
    }

    async fn touch(&self, _: &StoreKey, _: &Policy) -> actix_web_sessions::Result<Touched> {
        never().await
    }

    async fn rotate(
        &self,
        _: &StoreKey,
        _: &StoreKey,
        _: &Changes,
        _: Retire,
        _: &Policy,
    ) -> actix_web_sessions::Result<Rotated> {
        never().await
    }

    async fn delete(&self, _: &StoreKey, _: Option<Duration>) -> actix_web_sessions::Result<()> {
        never().await
    }

    async fn sessions_of(
        &self,
        _: &str,
    ) -> actix_web_sessions::Result<Vec<(StoreKey, actix_web_sessions::Snapshot)>> {
        never().await
    }
}

/// Asks the store as often as it can.
async fn insist(request: HttpRequest) -> HttpResponse {
    for _ in 0..3 {
        _ = Session::open(&request).await;
    }
    match Session::open(&request).await {
        Ok(_) => HttpResponse::Ok().finish(),
        Err(error) => HttpResponse::from_error(error),
    }
}

#[actix_web::test]
async fn frozen_store_is_a_503_within_five_seconds() {
    let sessions = Sessions::new(Frozen);
    let app = test::init_service(
        App::new()
            .wrap(sessions.clone())
            .route("/insist", web::get().to(insist))
            .route("/add", web::post().to(add)),
    )
    .await;
    let cookie = format!("sessionid={}", "a".repeat(32));
    let begin = Instant::now();
    let (insisting, adding, new, devices) = tokio::join!(
        send(&app, "GET", "/insist", &cookie),
        send(&app, "POST", "/add", &cookie),
        send(&app, "POST", "/add", ""),
        sessions.of("ada")
    );
    for answer in [insisting, adding, new] {
        assert_eq!((answer.status, answer.cookie), (503, None));
    }
    assert!(devices.is_err());
    let elapsed = begin.elapsed();
    assert!(elapsed < Duration::from_secs(7), "{elapsed:?}");
}
