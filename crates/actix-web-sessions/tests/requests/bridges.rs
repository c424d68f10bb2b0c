//! Crates that use actix-session.

use actix_identity::{Identity, IdentityMiddleware};
use actix_session::Session as TheirSession;
use actix_session::SessionMiddleware;
use actix_session::storage::SessionStore;
use actix_web::cookie::Key;
use actix_web::{App, HttpMessage, HttpRequest, HttpResponse, Result, test, web};
use actix_web_flash_messages::storage::SessionMessageStore;
use actix_web_flash_messages::{FlashMessage, FlashMessagesFramework, IncomingFlashMessages};
use actix_web_sessions::compat::{actix_session as bridge, actix_session_010 as bridge_010};
use actix_web_sessions::stores::Memory;
use actix_web_sessions::{BoxedStore, Session, Sessions};

use super::send;

async fn login(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse> {
    Identity::login(&request.extensions(), name.into_inner()).unwrap();
    Ok(HttpResponse::Ok().finish())
}

async fn who(identity: Option<Identity>) -> String {
    identity.map_or("nobody".to_owned(), |identity| identity.id().unwrap())
}

async fn logout(identity: Identity) -> &'static str {
    identity.logout();
    "bye"
}

/// `update` of actix-session changes a stored value.
async fn count(session: TheirSession) -> Result<String> {
    if session.contains_key("n") {
        session.update("n", |n: i64| n + 1).unwrap();
    } else {
        session.insert("n", 1)?;
    }
    Ok(session.get::<i64>("n")?.unwrap_or_default().to_string())
}

async fn ours(session: Session) -> String {
    serde_json::to_string(&session.items()).unwrap()
}

#[actix_web::test]
async fn identity_logs_in_recognises_and_logs_out() {
    let app = test::init_service(
        App::new()
            .route("/login/{name}", web::post().to(login))
            .route("/who", web::get().to(who))
            .route("/logout", web::post().to(logout))
            .route("/count", web::post().to(count))
            .route("/ours", web::get().to(ours))
            .wrap(IdentityMiddleware::default())
            .wrap(bridge::Bridge::new())
            .wrap(Sessions::new(Memory::new())),
    )
    .await;
    assert_eq!(send(&app, "GET", "/who", "").await.body, "nobody");
    let before = send(&app, "POST", "/count", "").await;
    let counted = send(&app, "POST", "/count", &before.id()).await;
    assert_eq!(counted.body, "2", "an update is stored");
    let ada = send(&app, "POST", "/login/ada", &before.id()).await.id();
    assert_ne!(ada, before.id(), "a login renews the id");
    assert_eq!(send(&app, "GET", "/who", &ada).await.body, "ada");
    assert_eq!(send(&app, "GET", "/who", &before.id()).await.body, "nobody");
    assert!(send(&app, "GET", "/ours", &ada).await.body.contains(r#""n":2"#));
    assert_eq!(send(&app, "POST", "/logout", &ada).await.id(), "sessionid=");
    assert_eq!(send(&app, "GET", "/who", &ada).await.body, "nobody");
}

async fn announce() -> HttpResponse {
    FlashMessage::info("saved").send();
    HttpResponse::SeeOther().finish()
}

async fn announced(messages: IncomingFlashMessages) -> String {
    messages.iter().map(|message| message.content()).collect()
}

#[actix_web::test]
async fn flash_messages_are_shown_once() {
    let framework = || FlashMessagesFramework::builder(SessionMessageStore::default()).build();
    let app = test::init_service(
        App::new()
            .route("/", web::post().to(announce))
            .route("/", web::get().to(announced))
            .wrap(framework())
            .wrap(bridge_010::Bridge::new())
            .wrap(Sessions::new(Memory::new())),
    )
    .await;
    let cookie = send(&app, "POST", "/", "").await.id();
    assert_eq!(send(&app, "GET", "/", &cookie).await.body, "saved");
    assert_eq!(send(&app, "GET", "/", &cookie).await.body, "");
}

/// Every store of this crate under the middleware of actix-session, with actix-identity.
async fn serves_identity(store: BoxedStore) {
    let sessions = || {
        let store = bridge::AsSessionStore(store.clone());
        SessionMiddleware::builder(store, Key::from(&[7; 64])).cookie_secure(false).build()
    };
    let app = test::init_service(
        App::new()
            .route("/login/{name}", web::post().to(login))
            .route("/who", web::get().to(who))
            .route("/logout", web::post().to(logout))
            .route("/count", web::post().to(count))
            .wrap(IdentityMiddleware::default())
            .wrap(sessions()),
    )
    .await;
    let before = send(&app, "POST", "/count", "").await.id();
    let ada = send(&app, "POST", "/login/ada", &before).await.id();
    assert_eq!(send(&app, "GET", "/who", &ada).await.body, "ada");
    assert_eq!(send(&app, "GET", "/who", &before).await.body, "nobody");
    send(&app, "POST", "/logout", &ada).await;
    assert_eq!(send(&app, "GET", "/who", &ada).await.body, "nobody");
}

#[actix_web::test]
async fn stores_serve_identity_under_the_middleware_of_actix_session() {
    serves_identity(BoxedStore::new(Memory::new())).await;
    #[cfg(feature = "file")]
    {
        let folder = tempfile::TempDir::new().unwrap();
        let store = actix_web_sessions::stores::File::open(folder.path(), "s").unwrap();
        serves_identity(BoxedStore::new(store)).await;
    }
    #[cfg(feature = "redis")]
    if let Ok(url) = std::env::var("TEST_REDIS_URL") {
        let store = actix_web_sessions::stores::Redis::connect(&url).unwrap().prefix("identity");
        serves_identity(BoxedStore::new(store)).await;
    }
    #[cfg(feature = "diesel-postgres")]
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        let store = actix_web_sessions::stores::DieselPostgres::connect(&url).unwrap();
        store.ensure_schema().await.unwrap();
        serves_identity(BoxedStore::new(store)).await;
    }
}

/// A write to a deleted session is an error, and stores nothing.
#[actix_web::test]
async fn late_write_revives_nothing() {
    let store = bridge::AsSessionStore(Memory::new());
    let ttl = actix_web::cookie::time::Duration::minutes(1);
    let values = || [("a".to_owned(), "1".to_owned())].into();
    let key = store.save(values(), &ttl).await.unwrap();
    store.delete(&key).await.unwrap();
    let again = key.as_ref().to_owned().try_into().unwrap();
    assert!(store.update(key, values(), &ttl).await.is_err());
    assert!(store.load(&again).await.unwrap().is_none());
}
