//! Copies in Redis, for all processes on one database.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use redis::{FromRedisValue, Script, ScriptInvocation};
use tokio::sync::OnceCell;

use super::copies::{Begun, Look, Permit};
use super::trust::Trust;
use crate::sessions::data::Data;
use crate::sessions::engine::cache::connection::{Connection, IO, Lost};
use crate::sessions::engine::cache::{last_millisecond, name};
use crate::sessions::key::Key;

/// How long a call may take while the database could do without it.
const PATIENCE: Duration = Duration::from_millis(1000);

/// As much for the watch. With [`PULSE`] it is shorter than a call's: when Redis is silent for
/// so long that a write goes unnoticed there, every process has heard the silence before it ends.
const WATCH: Duration = Duration::from_millis(500);

/// How often Redis is asked whether it is there.
const PULSE: Duration = Duration::from_millis(250);

macro_rules! script {
    ($file:literal) => {
        LazyLock::new(|| Script::new(concat!(include_str!("redis/copy.lua"), include_str!($file))))
    };
}

static LOOK: LazyLock<Script> = script!("redis/look.lua");
static KEEP: LazyLock<Script> = script!("redis/keep.lua");
static BEGIN: LazyLock<Script> = script!("redis/begin.lua");
static DONE: LazyLock<Script> = script!("redis/done.lua");
static EPOCH: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("redis/epoch.lua")));

#[derive(Clone)]
pub struct RedisCopies(Arc<Inner>);

struct Inner {
    connection: Connection,
    prefix: String,
    trust: Trust,
    watched: OnceCell<()>,
}

impl RedisCopies {
    /// Connects to nothing yet.
    pub fn new(url: &str, prefix: &str) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Inner {
            connection: Connection::new(url)?,
            prefix: format!("{prefix}copy:"),
            trust: Trust::default(),
            watched: OnceCell::new(),
        })))
    }

    pub async fn answers(&self) -> bool {
        self.0.connection.answers().await
    }

    pub async fn look(&self, key: &Key) -> Look {
        let mut call = self.about(&LOOK, key);
        call.arg(random());
        let heard = self.0.trust.seen();
        let Some((text, until, permit)) = self.ask::<(String, String, String)>(call).await else {
            return Look::Absent(None);
        };
        // An answer from the far side of an outage.
        if self.0.trust.seen() != heard {
            return Look::Absent(None);
        }
        match copy(&text, &until) {
            Some(data) => Look::Found(data),
            None => Look::Absent((!permit.is_empty()).then_some(Permit::Redis(permit))),
        }
    }

    pub async fn keep(&self, key: &Key, permit: String, data: &Data, until: DateTime<Utc>) {
        let Ok(text) = serde_json::to_string(data) else { return };
        let mut call = self.about(&KEEP, key);
        call.arg(permit).arg(text).arg(last_millisecond(until));
        self.ask::<u8>(call).await;
    }

    pub async fn begin(&self, key: &Key, longest: TimeDelta) -> Begun {
        let write = random();
        let mut call = self.about(&BEGIN, key);
        call.arg(&write).arg(longest.num_milliseconds());
        match self.ask::<u8>(call).await {
            Some(_) => Begun::Redis(write),
            None => Begun::Unnoticed,
        }
    }

    pub async fn done(&self, key: &Key, begun: &Begun) {
        let write = if let Begun::Redis(write) = begun { write } else { "" };
        let mut call = self.about(&DONE, key);
        call.arg(write);
        if self.ask::<u8>(call).await.is_none() {
            self.missed();
        }
    }

    /// There was a write that Redis does not know of.
    pub fn missed(&self) {
        self.0.trust.lose();
    }

    fn about(&self, script: &'static Script, key: &Key) -> ScriptInvocation<'static> {
        let mut call = script.key(name(&self.0.prefix, key));
        call.key(self.0.epoch());
        call
    }

    /// `None` while Redis is not to be trusted. A connection that broke is not replaced unheard:
    /// who knows what others could not say to Redis meanwhile.
    async fn ask<T>(&self, call: ScriptInvocation<'static>) -> Option<T>
    where
        T: FromRedisValue + Send + 'static,
    {
        self.0.watched.get_or_init(|| watch(Arc::clone(&self.0))).await;
        if !self.0.trust.holds() {
            return None;
        }
        match self.0.connection.run(call, Lost::Fail, PATIENCE).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.0.trust.lose_for(&error);
                None
            }
        }
    }
}

impl Inner {
    fn epoch(&self) -> String {
        format!("{}epoch", self.prefix)
    }

    /// Tests the trust, or regains it by a new connection and a new epoch.
    async fn pulse(&self) {
        let seen = self.trust.seen();
        let trusted = self.trust.holds();
        let mut call = EPOCH.key(self.epoch());
        call.arg(if trusted { String::new() } else { random() });
        let lost = if trusted { Lost::Fail } else { Lost::Again };
        match self.connection.run::<u8>(call, lost, WATCH).await {
            Ok(_) => self.trust.regain(seen),
            Err(error) => self.trust.lose_for(&error),
        }
    }
}

/// Begins to look after this cache, for as long as anybody uses it.
async fn watch(copies: Arc<Inner>) {
    copies.pulse().await;
    let copies = Arc::downgrade(&copies);
    IO.spawn(async move {
        loop {
            tokio::time::sleep(PULSE).await;
            match copies.upgrade() {
                Some(copies) => copies.pulse().await,
                None => break,
            }
        }
    });
}

fn copy(text: &str, until: &str) -> Option<Data> {
    let until: i64 = until.parse().ok()?;
    if until < Utc::now().timestamp_millis() {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// Not secret, only new.
fn random() -> String {
    Key::generate().as_str().to_owned()
}
