//! Clients with cookies of a Django application.

#![cfg(feature = "django")]
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::time::Duration;

use actix_web::http::header::{COOKIE, SET_COOKIE};
use actix_web::{App, Result, test, web};
use actix_web_sessions::compat::django::DjangoSignedCookies;
use actix_web_sessions::stores::Memory;
use actix_web_sessions::{Session, Sessions};
use futures_util::future::join_all;

const SECRET: &str = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";

/// `{"num_visits":3,"per_page":25}`, written by Django 5.2.19.
const SIGNED_COOKIE: &str =
    "eyJudW1fdmlzaXRzIjozLCJwZXJfcGFnZSI6MjV9:1r31eq:Oqm7qqym0BcQhwB4i8LajpC_AD2Ko1GaY6knm_XwzIg";

async fn count(session: Session) -> Result<String> {
    Ok(session.increment("num_visits", 1).await?.to_string())
}

async fn show(session: Session) -> String {
    serde_json::to_string(&session.items()).unwrap()
}

async fn flush(session: Session) -> &'static str {
    session.flush();
    "flushed"
}

/// Asks 20 times at once with Django's cookie, then ends the session.
async fn is_imported_once(sessions: Sessions, cookie: &str) {
    let app = test::init_service(
        App::new()
            .wrap(sessions)
            .route("/count", web::post().to(count))
            .route("/show", web::get().to(show))
            .route("/flush", web::post().to(flush)),
    )
    .await;
    let send = async |method: &str, path: &str, cookie: &str| {
        let request = test::TestRequest::with_uri(path).method(method.parse().unwrap());
        let request = request.insert_header((COOKIE, cookie)).to_request();
        let response = test::call_service(&app, request).await;
        let set = response.headers().get(SET_COOKIE).map(|value| value.to_str().unwrap());
        let set = set.map(|set| set.split(';').next().unwrap().to_owned());
        (String::from_utf8(test::read_body(response).await.to_vec()).unwrap(), set)
    };
    let cookie = format!("sessionid={cookie}");
    let read = send("GET", "/show", &cookie).await.0;
    assert_eq!(read, r#"{"num_visits":3,"per_page":25}"#);
    let counted = join_all((0..20).map(|_| send("POST", "/count", &cookie))).await;
    let mut numbers: Vec<u32> = counted.iter().map(|(n, _)| n.parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (4..=23).collect::<Vec<u32>>());
    let ours = counted[0].1.clone().unwrap();
    assert!(counted.iter().all(|(_, set)| *set == Some(ours.clone())), "one session");
    send("POST", "/flush", &ours).await;
    for cookie in [&cookie, &ours] {
        assert_eq!(send("GET", "/show", cookie).await.0, "{}", "it does not come back");
    }
}

#[actix_web::test]
async fn signed_cookie_becomes_one_session_and_not_again_after_a_flush() {
    let importer =
        DjangoSignedCookies::new([SECRET]).cookie_age(Duration::from_secs(100 * 365 * 86_400));
    let sessions = Sessions::builder(Memory::new()).import_from(importer).build().unwrap();
    is_imported_once(sessions, SIGNED_COOKIE).await;
}

#[cfg(feature = "diesel-postgres")]
#[actix_web::test]
async fn row_becomes_one_session_and_not_again_after_a_flush() {
    use actix_web_sessions::compat::django::DjangoDb;
    use actix_web_sessions::stores::DieselPostgres;
    use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

    let Ok(url) = std::env::var("TEST_DATABASE_URL") else { return };
    let id = actix_web_sessions::SessionId::generate().unwrap();
    let mut connection = AsyncPgConnection::establish(&url).await.unwrap();
    let rows = format!(
        "CREATE TABLE IF NOT EXISTS django_session (session_key varchar(40) PRIMARY KEY, \
         session_data text NOT NULL, expire_date timestamptz NOT NULL); \
         INSERT INTO django_session VALUES ('{}', 'eyJudW1fdmlzaXRzIjozLCJwZXJfcGFnZSI6MjV9:1r31eq:\
         pUe-SujAlANq3N0ZiKkPkhCE0fLpOnu9sWvS6FF4ra4', now() + interval '1 day')",
        id.as_str()
    );
    connection.batch_execute(&rows).await.unwrap();
    let store = DieselPostgres::connect(&url).unwrap();
    store.ensure_schema().await.unwrap();
    let importer = DjangoDb::new(&store, [SECRET]);
    let sessions = Sessions::builder(store).import_from(importer).build().unwrap();
    is_imported_once(sessions, id.as_str()).await;
}
