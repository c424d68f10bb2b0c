//! Sessions in cookies: sealed first visits and client-side sessions.

use actix_web::{App, test, web};
use actix_web_sessions::stores::Memory;
use actix_web_sessions::{FirstVisit, SessionId, Sessions, Store};

use super::{add, app, cycle, flush, get, keep, login, push, send, set};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn sessions(store: &Memory) -> Sessions {
    let builder = Sessions::builder(store.clone()).first_visit(FirstVisit::Sealed);
    builder.secret_keys([SECRET]).build().unwrap()
}

/// Whether the cookie holds the session.
fn is_token(cookie: &str) -> bool {
    cookie.len() > 100
}

async fn stored(store: &Memory, cookie: &str) -> bool {
    let id = SessionId::parse(cookie.strip_prefix("sessionid=").unwrap()).unwrap();
    matches!(store.load(&id.key()).await, Ok(actix_web_sessions::Loaded::Found(_)))
}

#[actix_web::test]
async fn first_visit_is_in_the_cookie_and_the_second_in_the_store() {
    let store = Memory::new();
    let app = app!(sessions(&store));
    let first = send(&app, "POST", "/add", "").await;
    assert_eq!(first.body, "1");
    let token = first.id();
    assert!(is_token(&token));
    // Reading stores nothing, and the token stays.
    let read = send(&app, "GET", "/get", &token).await;
    assert_eq!((read.body.as_str(), read.cookie), (r#"{"n":1}"#, None));
    let second = send(&app, "POST", "/add", &token).await;
    assert_eq!(second.body, "2");
    assert!(!is_token(&second.id()) && stored(&store, &second.id()).await);
    // The token leads to the stored session from now on, and a read sends the id.
    let read = send(&app, "GET", "/get", &token).await;
    assert_eq!((read.body.as_str(), read.id()), (r#"{"n":2}"#, second.id()));
}

#[actix_web::test]
async fn parallel_second_visits_make_one_session() {
    let app = app!(sessions(&Memory::new()));
    let token = send(&app, "POST", "/add", "").await.id();
    let (a, b, c) = tokio::join!(
        send(&app, "POST", "/add", &token),
        send(&app, "POST", "/add", &token),
        send(&app, "POST", "/set?name=a", &token)
    );
    assert_eq!((a.id(), b.id()), (c.id(), c.id()));
    assert_ne!(a.body, b.body);
    let body = send(&app, "GET", "/get", &a.id()).await.body;
    assert_eq!(body, r#"{"a":true,"n":3}"#);
}

#[actix_web::test]
async fn erased_first_visit_never_comes_back() {
    for promote in [false, true] {
        let app = app!(sessions(&Memory::new()));
        let token = send(&app, "POST", "/set?name=a", "").await.id();
        if promote {
            send(&app, "POST", "/add", &token).await;
        }
        assert_eq!(send(&app, "POST", "/flush", &token).await.id(), "sessionid=");
        let read = send(&app, "GET", "/get", &token).await;
        assert_eq!((read.body.as_str(), read.id().as_str()), ("{}", "sessionid="));
        let late = send(&app, "POST", "/set?name=b", &token).await.id();
        assert_eq!(send(&app, "GET", "/get", &late).await.body, r#"{"b":true}"#);
        assert_eq!(send(&app, "GET", "/get", &token).await.body, "{}");
    }
}

#[actix_web::test]
async fn login_stores_at_once_and_ends_the_token() {
    let store = Memory::new();
    let app = app!(sessions(&store));
    let direct = send(&app, "POST", "/login?name=ada", "").await.id();
    assert!(stored(&store, &direct).await);
    let token = send(&app, "POST", "/set?name=a", "").await.id();
    let ada = send(&app, "POST", "/login?name=ada", &token).await.id();
    assert!(stored(&store, &ada).await);
    assert_eq!(send(&app, "GET", "/get", &ada).await.body, r#"{"a":true}"#);
    assert_eq!(send(&app, "GET", "/get", &token).await.body, "{}");
    assert_eq!(send(&app, "POST", "/set?name=b", &token).await.status, 409);
}

#[actix_web::test]
async fn client_side_sessions_live_only_in_the_cookie() {
    let sessions = Sessions::client_side().secret_keys([SECRET]).build().unwrap();
    let app = app!(sessions);
    let one = send(&app, "POST", "/add", "").await.id();
    let two = send(&app, "POST", "/add", &one).await;
    assert_eq!(two.body, "2");
    assert!(is_token(&two.id()));
    assert_eq!(send(&app, "GET", "/get", &two.id()).await.body, r#"{"n":2}"#);
    let altered = format!("{}A", two.id());
    assert_eq!(send(&app, "GET", "/get", &altered).await.id(), "sessionid=");
}
