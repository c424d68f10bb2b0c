//! A request whose handler does its steps when the test says so, so that two requests can be
//! interleaved in any way without waiting for time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use marquee::sessions::{Data, Session};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use super::Probe;
use super::running::Answer;

/// A step of the handler.
#[derive(Debug, Clone)]
pub enum Step {
    Set(String, Value),
    Delete(String),
    Clear,
    Increment(String, i64),
    /// Sets a field inside of a stored object.
    Edit(String, String, i64),
    Flush,
    Cycle,
}

enum Cue {
    Do(Step),
    End(u16),
}

type Stage = (UnboundedReceiver<Cue>, UnboundedSender<Data>);

static STAGES: LazyLock<Mutex<HashMap<u64, Stage>>> = LazyLock::new(Mutex::default);
static NEXT: AtomicU64 = AtomicU64::new(0);

#[derive(Deserialize)]
struct Number {
    id: u64,
}

pub fn route(config: &mut web::ServiceConfig) {
    config.route("/script", web::post().to(play));
}

async fn play(session: Session, number: web::Query<Number>) -> HttpResponse {
    let (mut cues, seen) = STAGES.lock().unwrap().remove(&number.id).unwrap();
    seen.send(session.items()).unwrap();
    while let Some(cue) = cues.recv().await {
        match cue {
            Cue::Do(step) => follow(&session, step).await,
            Cue::End(status) => {
                return HttpResponse::build(StatusCode::from_u16(status).unwrap()).finish();
            }
        }
        seen.send(session.items()).unwrap();
    }
    HttpResponse::InternalServerError().finish()
}

async fn follow(session: &Session, step: Step) {
    match step {
        Step::Set(key, value) => session.set(&key, value).unwrap(),
        Step::Delete(key) => _ = session.delete(&key),
        Step::Clear => session.clear(),
        Step::Increment(key, by) => _ = session.increment(&key, by).await.unwrap(),
        Step::Edit(key, field, value) => {
            let edit = |map: &mut Map<String, Value>| map.insert(field, value.into());
            // A value that is no object stays as it is.
            let _ = session.edit(&key, edit);
        }
        Step::Flush => session.flush(),
        Step::Cycle => session.cycle_key(),
    }
}

/// A request under way.
pub struct Script {
    cues: UnboundedSender<Cue>,
    seen: UnboundedReceiver<Data>,
    answer: JoinHandle<Answer>,
    /// The data of the session when it was loaded.
    pub loaded: Data,
}

impl Probe {
    /// Returns when the session is loaded.
    pub async fn begin(&self, cookie: &str) -> Script {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let ((cues, told), (see, mut seen)) = (unbounded_channel(), unbounded_channel());
        STAGES.lock().unwrap().insert(id, (told, see));
        let request = self.request(Method::POST, &format!("/script?id={id}"), cookie.as_bytes());
        let answer = actix_web::rt::spawn(Answer::of(request));
        let loaded = seen.recv().await.unwrap();
        Script { cues, seen, answer, loaded }
    }
}

impl Script {
    /// The data of the session in this request after the step.
    pub async fn step(&mut self, step: Step) -> Data {
        self.cues.send(Cue::Do(step)).ok().unwrap();
        self.seen.recv().await.unwrap()
    }

    pub async fn end(self, status: u16) -> Answer {
        self.cues.send(Cue::End(status)).ok().unwrap();
        self.answer.await.unwrap()
    }
}
