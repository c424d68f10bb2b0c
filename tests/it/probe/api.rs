//! The session's methods as a handler sees them, and which of them count as a change.

use std::time::{Duration, SystemTime};

use actix_web::http::StatusCode;
use actix_web::{App, FromRequest, Handler, HttpRequest, test, web};
use marquee::db::Pool;
use marquee::sessions::{Engine, Expiry, Session};
use serde_json::json;
use tempfile::TempDir;

use super::running::engines::cache;
use crate::support::settings;

/// One request of a visitor without a session.
async fn in_a_handler<F, Args>(handler: F)
where
    F: Handler<Args, Output = &'static str>,
    Args: FromRequest + 'static,
{
    let folder = TempDir::new().unwrap();
    let flags = cache.flags(folder.path());
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let config = settings(&flags).sessions;
    let pool = Pool::new("postgres://nowhere", 1).unwrap();
    let sessions = Engine::open(&config, &pool).unwrap().sessions().clone();
    let app = App::new().wrap(sessions).route("/", web::get().to(handler));
    let app = test::init_service(app).await;
    let answer = test::call_service(&app, test::TestRequest::get().uri("/").to_request()).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[actix_web::test]
async fn new_session_is_empty_and_reads_change_nothing() {
    in_a_handler(async |session: Session, request: HttpRequest| {
        assert!(session.is_empty() && Session::was_accessed(&request));
        assert_eq!(session.get::<i64>("n").unwrap(), None);
        assert_eq!(session.get_or("n", 7).unwrap(), 7);
        assert_eq!(session.pop::<i64>("n").unwrap(), None);
        assert!(!session.contains("n") && !session.delete("n"));
        assert!(session.keys().is_empty() && session.items().is_empty());
        session.set_expiry(Expiry::Policy).unwrap();
        assert!(!session.is_modified() && session.is_empty());
        "done"
    })
    .await;
}

#[actix_web::test]
async fn values_are_set_read_popped_listed_and_cleared() {
    in_a_handler(async |session: Session| {
        session.set("color", "blue").unwrap();
        assert!(session.is_modified() && !session.is_empty() && session.contains("color"));
        session.update([("size", 7), ("weight", 9)]).unwrap();
        session.set("_own", 1).unwrap();
        assert!(session.set("_principal", "ada").is_err());
        assert_eq!(session.keys(), ["color", "size", "weight"]);
        let items = json!({ "color": "blue", "size": 7, "weight": 9 });
        assert_eq!(json!(session.items()), items);
        assert_eq!(session.pop::<i64>("size").unwrap(), Some(7));
        assert_eq!(session.pop::<i64>("size").unwrap(), None);
        // A value of another type is an error, and stays.
        assert!(session.get::<i64>("color").is_err() && session.pop::<i64>("color").is_err());
        assert!(session.contains("color"));
        session.clear();
        assert!(session.items().is_empty() && !session.contains("_own"));
        "done"
    })
    .await;
}

#[actix_web::test]
async fn first_default_is_kept() {
    in_a_handler(async |session: Session| {
        assert_eq!(session.set_default("n", 1).unwrap(), 1);
        assert!(session.is_modified());
        assert_eq!(session.set_default("n", 2).unwrap(), 1);
        assert_eq!(session.get::<i64>("n").unwrap(), Some(1));
        "done"
    })
    .await;
}

#[actix_web::test]
async fn refused_update_stores_nothing() {
    in_a_handler(async |session: Session| {
        session.set("a", "old").unwrap();
        assert!(session.update([("a", "new"), ("b", "x\0y")]).is_err());
        assert_eq!(json!(session.items()), json!({ "a": "old" }));
        "done"
    })
    .await;
}

#[actix_web::test]
async fn custom_expiries_round_trip() {
    in_a_handler(async |session: Session| {
        let moment = SystemTime::now() + Duration::from_secs(100);
        for (expiry, age, closes) in [
            (Expiry::Policy, 1_209_600, false),
            (Expiry::After(Duration::from_secs(10)), 10, false),
            (Expiry::At(moment), 100, false),
            (Expiry::BrowserClose, 1_209_600, true),
            (Expiry::Policy, 1_209_600, false),
        ] {
            session.set_expiry(expiry).unwrap();
            assert!((age - 2..=age).contains(&session.lifetime().as_secs()), "{expiry:?}");
            assert_eq!(session.expires_at_browser_close(), closes, "{expiry:?}");
        }
        "done"
    })
    .await;
}
