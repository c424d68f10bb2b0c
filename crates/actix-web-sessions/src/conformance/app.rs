//! The statements about requests: the middleware on top of a store.

use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix_web::http::header::{COOKIE, SET_COOKIE, VARY};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::{Path, get, post};
use actix_web::{App, HttpResponse, Result};
use serde_json::{Value, json};

use super::statements::{Checks, ensure, text, together};
use super::{Report, namespace};
use crate::detached::Detached;
use crate::expiry::Expiry;
use crate::key::SessionId;
use crate::session::Session;
use crate::sessions::Sessions;
use crate::store::{BoxedStore, Store};

/// Tests the middleware on stores that `factory` opens. The statements of the report are:
///
/// | statement | |
/// |---|---|
/// | SC-101 | a request that takes no `Session` gets no header and changes nothing |
/// | SC-102 | reading sends `Vary: Cookie` and no cookie |
/// | SC-103 | the first write sends one cookie, with which later requests read the value |
/// | SC-104 | an unknown id is removed, and never adopted |
/// | SC-105 | after `flush` the old id reads as empty |
/// | SC-106 | a change that overlaps a `flush` revives nothing |
/// | SC-107 | changes with an id that `cycle_key` replaced apply, and show nothing |
/// | SC-108 | changes with an id that `login` replaced are 409 |
/// | SC-109 | a response of 500 or above stores nothing and sends no cookie |
/// | SC-110 | 20 parallel increments give 20 different numbers |
/// | SC-111 | 20 parallel requests that set 20 names keep 20 |
/// | SC-112 | 20 parallel transactions on one list keep 20 items |
/// | SC-113 | an own expiry survives the changes of an older request |
/// | SC-114 | a planted cookie neither hides nor removes the real one |
pub async fn app<F, O, S>(factory: F) -> Report
where
    F: Fn(String) -> O,
    O: Future<Output = S>,
    S: Store,
{
    let mut report = Report::default();
    for number in 101..=114 {
        let store = match namespace(number) {
            Ok(namespace) => BoxedStore::new(factory(namespace).await),
            Err(error) => {
                report.failed.push((number, error));
                continue;
            }
        };
        if matches!(number, 110 | 112) && !store.capabilities().counters {
            report.skipped.push((number, "the store does not claim counters".to_owned()));
            continue;
        }
        match Client::new(Sessions::new(store)).await.test(number).await {
            Ok(()) => report.passed.push(number),
            Err(reason) => report.failed.push((number, reason)),
        }
    }
    report
}

async fn act(session: Session, path: Path<(String, String)>) -> Result<HttpResponse> {
    let (action, name) = path.into_inner();
    let mut status = StatusCode::OK;
    match action.as_str() {
        "set" => session.set(&name, true)?,
        "fail" => {
            session.set(&name, true)?;
            status = StatusCode::INTERNAL_SERVER_ERROR;
        }
        "add" => {
            let sum = session.increment(&name, 1).await?;
            return Ok(HttpResponse::Ok().body(sum.to_string()));
        }
        "push" => {
            let item = &name;
            session.transact("list", |list: &mut Vec<String>| list.push(item.clone())).await?;
        }
        "flush" => session.flush(),
        "cycle" => session.cycle_key(),
        "login" => session.login(&name)?,
        _ => {}
    }
    Ok(HttpResponse::build(status).body(Value::Object(session.items()).to_string()))
}

struct Answer {
    status: u16,
    body: String,
    /// Name and value, as a browser sends them.
    cookie: Option<String>,
    varies: bool,
}

type Answered = Pin<Box<dyn Future<Output = Answer>>>;

struct Client {
    send: Box<dyn Fn(TestRequest) -> Answered>,
    sessions: Sessions,
}

impl Client {
    async fn new(sessions: Sessions) -> Self {
        let app = App::new()
            .wrap(sessions.clone())
            .route("/untouched", get().to(HttpResponse::Ok))
            .route("/{action}/{name}", post().to(act))
            .route("/{action}/{name}", get().to(act));
        let app = Rc::new(init_service(app).await);
        let send = move |request: TestRequest| -> Answered {
            let app = Rc::clone(&app);
            Box::pin(async move {
                let response = call_service(&*app, request.to_request()).await;
                let header = |name| {
                    let value = response.headers().get(name)?.to_str().ok()?;
                    Some(value.split(';').next().unwrap_or_default().to_owned())
                };
                Answer {
                    status: response.status().as_u16(),
                    cookie: header(SET_COOKIE),
                    varies: header(VARY).as_deref() == Some("Cookie"),
                    body: String::from_utf8_lossy(&read_body(response).await).into_owned(),
                }
            })
        };
        Self { send: Box::new(send), sessions }
    }

    fn request(&self, method: Method, path: &str, cookie: &str) -> Answered {
        let request = TestRequest::with_uri(path).method(method);
        (self.send)(if cookie.is_empty() {
            request
        } else {
            request.insert_header((COOKIE, cookie))
        })
    }

    async fn post(&self, path: &str, cookie: &str) -> Answer {
        self.request(Method::POST, path, cookie).await
    }

    /// Creates a session with the value `a`, and returns its cookie.
    async fn create(&self) -> Result<String, String> {
        let cookie = self.post("/set/a", "").await.cookie;
        cookie.ok_or_else(|| "the first write sends no cookie".to_owned())
    }

    /// Fails unless the session of this cookie has these values.
    async fn expect(&self, cookie: &str, wanted: Value) -> Checks {
        let answer = self.request(Method::GET, "/get/all", cookie).await;
        let found: Value = serde_json::from_str(&answer.body).map_err(text)?;
        ensure!(found == wanted, "{found} instead of {wanted}");
        Ok(())
    }

    /// Loads the session of a cookie, as a request that overlaps others.
    async fn overlap(&self, cookie: &str) -> Result<Detached, String> {
        let id = cookie.split_once('=').and_then(|(_, id)| SessionId::parse(id));
        self.sessions.detached(&id.ok_or("not an id")?).await.map_err(text)
    }

    async fn test(&self, number: u8) -> Checks {
        let unknown = format!("sessionid={}", "b".repeat(32));
        let removed = Some("sessionid=".to_owned());
        let empty = json!({});
        match number {
            101 => {
                let cookie = self.create().await?;
                for cookie in [&cookie, &unknown, ""] {
                    let answer = self.request(Method::GET, "/untouched", cookie).await;
                    ensure!(answer.cookie.is_none() && !answer.varies, "there is a header");
                }
            }
            102 => {
                for cookie in [self.create().await?, String::new()] {
                    let answer = self.request(Method::GET, "/get/all", &cookie).await;
                    ensure!(answer.varies, "no Vary");
                    ensure!(answer.cookie.is_none(), "a cookie");
                }
            }
            103 => self.expect(&self.create().await?, json!({ "a": true })).await?,
            104 => {
                let read = self.request(Method::GET, "/get/all", &unknown).await;
                ensure!(read.cookie == removed, "{:?} instead of a removal", read.cookie);
                let new = self.post("/set/b", &unknown).await.cookie;
                ensure!(new.is_some_and(|new| new != unknown), "adopted");
                self.expect(&unknown, empty).await?;
            }
            105 => {
                let cookie = self.create().await?;
                ensure!(self.post("/flush/now", &cookie).await.cookie == removed, "no removal");
                self.expect(&cookie, empty).await?;
            }
            106 => {
                let cookie = self.create().await?;
                let late = self.overlap(&cookie).await?;
                late.set("late", 1).map_err(text)?;
                late.edit("edited", |n: &mut i64| *n += 1).map_err(text)?;
                self.post("/flush/now", &cookie).await;
                let new = late.save().await.map_err(text)?.ok_or("no new session")?;
                self.expect(&cookie, empty).await?;
                let new = format!("sessionid={}", new.as_str());
                self.expect(&new, json!({ "late": 1 })).await?;
            }
            107 => {
                let old = self.create().await?;
                let new = self.post("/cycle/now", &old).await.cookie.ok_or("no new id")?;
                self.expect(&old, empty.clone()).await?;
                let late = self.post("/set/b", &old).await;
                ensure!(late.status == 200 && late.cookie.is_none(), "{}", late.status);
                self.expect(&new, json!({ "a": true, "b": true })).await?;
                self.post("/flush/now", &old).await;
                self.expect(&new, empty).await?;
            }
            108 => {
                let old = self.create().await?;
                let new = self.post("/login/ada", &old).await.cookie.ok_or("no new id")?;
                let late = self.post("/set/b", &old).await;
                ensure!(late.status == 409 && late.cookie.is_none(), "{}", late.status);
                self.expect(&new, json!({ "a": true })).await?;
            }
            109 => {
                let cookie = self.create().await?;
                for cookie in [&cookie, ""] {
                    let failed = self.post("/fail/b", cookie).await;
                    ensure!(failed.cookie.is_none(), "a cookie");
                }
                self.expect(&cookie, json!({ "a": true })).await?;
            }
            110 => {
                let cookie = self.create().await?;
                let sums = together((0..20).map(|_| self.post("/add/n", &cookie))).await;
                let sums: std::collections::BTreeSet<String> =
                    sums.into_iter().map(|answer| answer.body).collect();
                ensure!(sums.len() == 20, "{} numbers", sums.len());
                self.expect(&cookie, json!({ "a": true, "n": 20 })).await?;
            }
            111 | 112 => {
                let cookie = self.create().await?;
                let action = if number == 111 { "set" } else { "push" };
                let paths: Vec<String> = (0..20).map(|n| format!("/{action}/n{n}")).collect();
                together(paths.iter().map(|path| self.post(path, &cookie))).await;
                let answer = self.request(Method::GET, "/get/all", &cookie).await;
                let found: Value = serde_json::from_str(&answer.body).map_err(text)?;
                let count = match number {
                    111 => found.as_object().map_or(0, serde_json::Map::len) - 1,
                    _ => found["list"].as_array().map_or(0, Vec::len),
                };
                ensure!(count == 20, "{count} of 20");
            }
            113 => {
                let cookie = self.create().await?;
                let (older, newer) = (self.overlap(&cookie).await?, self.overlap(&cookie).await?);
                let hour = Expiry::After(Duration::from_secs(3600));
                newer.set_expiry(hour).map_err(text)?;
                newer.save().await.map_err(text)?;
                older.set("b", 1).map_err(text)?;
                older.save().await.map_err(text)?;
                let found = self.overlap(&cookie).await?.expiry();
                ensure!(found == hour, "{found:?} instead of {hour:?}");
            }
            _ => {
                let cookie = self.create().await?;
                for planted in [unknown.as_str(), "sessionid=junk", "sessionid="] {
                    for both in [format!("{cookie}; {planted}"), format!("{planted}; {cookie}")] {
                        self.expect(&both, json!({ "a": true })).await?;
                        let answer = self.request(Method::GET, "/get/all", &both).await;
                        ensure!(answer.cookie.is_none(), "removed with {both}");
                    }
                }
            }
        }
        Ok(())
    }
}
