//! The routes of the probe. Those that write take `delay_ms`, the time between loading the session and the write.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::StatusCode;
use actix_web::http::header::VARY;
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, HttpResponse, error, web};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use marquee::sessions::{Expiry, Session};
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub fn probe(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/untouched").get(untouched))
        .service(web::resource("/all").get(all))
        .service(web::resource("/get").get(get))
        .service(web::resource("/set").post(set))
        .service(web::resource("/delete").post(delete))
        .service(web::resource("/clear").post(clear))
        .service(web::resource("/flush").post(flush))
        .service(web::resource("/cycle").post(cycle))
        .service(web::resource("/expiry").get(expiry).post(set_expiry))
        .service(web::resource("/nested").post(nested))
        .service(web::resource("/increment").post(increment))
        .service(web::resource("/set-then").post(set_then))
        .service(web::resource("/test-cookie").get(test_cookie).post(set_test_cookie))
        .service(web::resource("/test-cookie/delete").post(delete_test_cookie))
        .service(web::resource("/extensions").get(extensions));
}

/// Turns a panic into a 500, as a site does; inside of the sessions.
pub fn panics<S, B>() -> impl Transform<
    S,
    ServiceRequest,
    Response = ServiceResponse<impl MessageBody>,
    Error = Error,
    InitError = (),
>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(async |request: ServiceRequest, next: Next<B>| {
        let answer = AssertUnwindSafe(next.call(request)).catch_unwind().await;
        answer.unwrap_or_else(|_| Err(error::ErrorInternalServerError("panicked")))
    })
}

#[derive(Deserialize)]
struct Parameters {
    #[serde(default)]
    key: String,
    value: Option<String>,
    default: Option<String>,
    field: Option<String>,
    by: Option<i64>,
    seconds: Option<i64>,
    at: Option<DateTime<Utc>>,
    status: Option<String>,
    then_key: Option<String>,
    then_value: Option<String>,
    vary: Option<String>,
    delay_ms: Option<u64>,
}

type Query = web::Query<Parameters>;

impl Parameters {
    async fn delay(&self) {
        tokio::time::sleep(Duration::from_millis(self.delay_ms.unwrap_or(0))).await;
    }

    /// The value as JSON; as text when it is none.
    fn value(&self) -> Value {
        parse(self.value.as_deref().unwrap_or("null"))
    }

    fn answer(&self) -> HttpResponse {
        let status = self.status.as_deref().and_then(|status| status.parse().ok());
        HttpResponse::build(status.unwrap_or(StatusCode::OK)).finish()
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

fn done() -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn untouched() -> HttpResponse {
    HttpResponse::Ok().body("untouched")
}

async fn all(session: Session, query: Query) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(vary) = &query.vary {
        response.insert_header((VARY, vary.as_str()));
    }
    response.json(session.items())
}

async fn get(session: Session, query: Query) -> actix_web::Result<HttpResponse> {
    let value: Option<Value> = session.get(&query.key)?;
    let value = value.or_else(|| query.default.as_deref().map(parse));
    Ok(value.map_or_else(
        || HttpResponse::NotFound().finish(),
        |value| HttpResponse::Ok().json(json!({ "value": value })),
    ))
}

async fn set(session: Session, query: Query) -> HttpResponse {
    query.delay().await;
    match session.set(&query.key, query.value()) {
        Ok(()) => done(),
        Err(error) => HttpResponse::UnprocessableEntity().body(error.to_string()),
    }
}

async fn delete(session: Session, query: Query) -> HttpResponse {
    query.delay().await;
    if session.delete(&query.key) { done() } else { HttpResponse::NotFound().finish() }
}

async fn clear(session: Session, query: Query) -> HttpResponse {
    query.delay().await;
    session.clear();
    done()
}

async fn flush(session: Session, query: Query) -> actix_web::Result<HttpResponse> {
    query.delay().await;
    session.flush();
    if let Some(key) = &query.then_key {
        let value = parse(query.then_value.as_deref().unwrap_or("null"));
        session.set(key, value).map_err(error::ErrorInternalServerError)?;
    }
    Ok(done())
}

async fn cycle(session: Session, query: Query) -> HttpResponse {
    query.delay().await;
    session.cycle_key();
    query.answer()
}

async fn set_expiry(session: Session, query: Query) -> actix_web::Result<HttpResponse> {
    query.delay().await;
    session.set_expiry(match (query.seconds, query.at) {
        (Some(0), _) => Expiry::BrowserClose,
        // The past ends a session at once.
        (Some(seconds), _) => Expiry::After(Duration::from_secs(seconds.max(0).unsigned_abs())),
        (None, Some(moment)) => Expiry::At(moment.into()),
        (None, None) => Expiry::Policy,
    })?;
    Ok(done())
}

async fn expiry(session: Session) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "age": session.lifetime().as_secs(),
        "at": Utc::now() + session.lifetime(),
        "at_browser_close": session.expires_at_browser_close(),
    }))
}

async fn nested(session: Session, query: Query) -> actix_web::Result<HttpResponse> {
    query.delay().await;
    let field = query.field.clone().unwrap_or_default();
    let edit = |map: &mut Map<String, Value>| _ = map.insert(field.clone(), query.value());
    session.transact(&query.key, edit).await?;
    Ok(done())
}

async fn increment(session: Session, query: Query) -> actix_web::Result<HttpResponse> {
    query.delay().await;
    let sum = session.increment(&query.key, query.by.unwrap_or(1)).await?;
    Ok(HttpResponse::Ok().json(json!({ "value": sum })))
}

async fn set_then(session: Session, query: Query) -> actix_web::Result<HttpResponse> {
    query.delay().await;
    session.set(&query.key, query.value())?;
    assert!(query.status.as_deref() != Some("panic"), "as asked for");
    Ok(query.answer())
}

async fn set_test_cookie(session: Session, query: Query) -> actix_web::Result<HttpResponse> {
    query.delay().await;
    session.set_test_cookie()?;
    Ok(done())
}

async fn test_cookie(session: Session) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "worked": session.test_cookie_worked() }))
}

async fn delete_test_cookie(session: Session, query: Query) -> HttpResponse {
    query.delay().await;
    session.delete_test_cookie();
    done()
}

async fn extensions() -> HttpResponse {
    HttpResponse::Ok().json(["flush-then", "panic", "vary", "status"])
}
