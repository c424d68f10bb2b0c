//! Copies in Redis, for all processes on one database.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use anyhow::bail;
use chrono::{DateTime, TimeDelta, Utc};
use redis::{FromRedisValue, Script, ScriptInvocation};
use tokio::sync::OnceCell;
use tokio::time::{sleep, timeout, timeout_at};

use super::copies::{Begun, Look, Permit};
use super::epoch::Epoch;
use super::trust::Trust;
use crate::db::Pool;
use crate::sessions::data::Data;
use crate::sessions::engine::cache::connection::{Connection, IO, Lost};
use crate::sessions::engine::cache::{last_millisecond, name};
use crate::sessions::key::Key;

/// How long a call may take while the database could do without it.
const PATIENCE: Duration = Duration::from_millis(500);

/// For the database to say or to change the epoch.
const ASKING: Duration = Duration::from_secs(1);

/// How often Redis is asked whether it is there, and the database for the epoch.
const PULSE: Duration = Duration::from_millis(250);

/// For a write to become known to Redis or, without it, to everybody. Without a fault that is a
/// matter of two terms at most.
const SETTLING: Duration = Duration::from_millis(3500);

macro_rules! script {
    ($file:literal) => {
        LazyLock::new(|| Script::new(concat!(include_str!("redis/copy.lua"), include_str!($file))))
    };
}

static LOOK: LazyLock<Script> = script!("redis/look.lua");
static KEEP: LazyLock<Script> = script!("redis/keep.lua");
static BEGIN: LazyLock<Script> = script!("redis/begin.lua");
static DONE: LazyLock<Script> = script!("redis/done.lua");
static HEARS: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("redis/hears.lua")));

#[derive(Clone)]
pub struct RedisCopies(Arc<Inner>);

struct Inner {
    connection: Connection,
    prefix: String,
    epoch: Epoch,
    trust: Arc<Trust>,
    watched: OnceCell<()>,
}

/// A write that Redis does not know of. Dropped before it is over, it may still come to its end.
pub struct Unnoticed {
    trust: Arc<Trust>,
    longest: Option<Duration>,
}

impl Drop for Unnoticed {
    fn drop(&mut self) {
        if let Some(longest) = self.longest {
            self.trust.doubt(longest);
        }
    }
}

impl RedisCopies {
    /// Connects to nothing yet.
    pub fn new(url: &str, prefix: &str, pool: &Pool) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Inner {
            connection: Connection::new(url)?,
            prefix: format!("{prefix}copy:"),
            epoch: Epoch::new(pool)?,
            trust: Arc::default(),
            watched: OnceCell::new(),
        })))
    }

    pub async fn answers(&self) -> bool {
        self.0.connection.answers().await
    }

    pub async fn look(&self, key: &Key) -> Look {
        self.watch().await;
        let Some(epoch) = self.0.trust.epoch() else { return Look::Absent(None) };
        let mut call = self.about(&LOOK, key);
        call.arg(random()).arg(&epoch);
        let Some((text, until, permit)) = self.ask::<(String, String, String)>(call).await else {
            return Look::Absent(None);
        };
        // Not an answer from the far side of an outage, or of a sleep of this process.
        if self.0.trust.epoch().as_ref() != Some(&epoch) {
            return Look::Absent(None);
        }
        match copy(&text, &until) {
            Some(data) => Look::Found(data),
            None if permit.is_empty() => Look::Absent(None),
            None => Look::Absent(Some(Permit::Redis { epoch, permit })),
        }
    }

    pub async fn keep(
        &self,
        key: &Key,
        (epoch, permit): (String, String),
        data: &Data,
        until: DateTime<Utc>,
    ) {
        let Ok(text) = serde_json::to_string(data) else { return };
        let mut call = self.about(&KEEP, key);
        call.arg(permit).arg(text).arg(last_millisecond(until)).arg(epoch);
        self.ask::<u8>(call).await;
    }

    pub async fn begin(&self, key: &Key, longest: TimeDelta) -> Begun {
        self.watch().await;
        let write = random();
        let mut call = self.about(&BEGIN, key);
        call.arg(&write).arg(longest.num_milliseconds());
        match self.ask::<u8>(call).await {
            Some(_) => Begun::Redis(write),
            None => Begun::Unnoticed(Unnoticed {
                trust: Arc::clone(&self.0.trust),
                longest: longest.to_std().ok(),
            }),
        }
    }

    /// Returns when nobody uses a copy from before: Redis was told, or everybody by the database.
    pub async fn done(&self, key: &Key, begun: Begun) -> anyhow::Result<()> {
        let trust = &self.0.trust;
        let end = tokio::time::Instant::now() + SETTLING;
        loop {
            let mut changed = std::pin::pin!(trust.changed.notified());
            changed.as_mut().enable();
            let mut call = self.about(&DONE, key);
            call.arg(if let Begun::Redis(write) = &begun { write } else { "" });
            if self.ask::<u8>(call).await.is_some() || trust.holds_back() {
                if let Begun::Unnoticed(mut write) = begun {
                    write.longest = None;
                }
                return Ok(());
            }
            if timeout_at(end, changed).await.is_err() {
                bail!("others may use old copies, as neither Redis nor the database hears of it");
            }
        }
    }

    fn about(&self, script: &'static Script, key: &Key) -> ScriptInvocation<'static> {
        script.key(name(&self.0.prefix, key))
    }

    /// `None` while Redis does not hear. A connection that broke is not replaced by a call: who
    /// knows what others could not say to Redis meanwhile.
    async fn ask<T>(&self, call: ScriptInvocation<'static>) -> Option<T>
    where
        T: FromRedisValue + Send + 'static,
    {
        if !self.0.trust.hears() {
            return None;
        }
        match self.0.connection.run(call, Lost::Fail, PATIENCE).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.0.trust.lose(&error);
                None
            }
        }
    }

    /// Begins to look after this cache, for as long as anybody uses it.
    async fn watch(&self) {
        let begin = || async {
            self.0.pulse().await;
            let (copies, trust) = (Arc::downgrade(&self.0), Arc::clone(&self.0.trust));
            IO.spawn(async move {
                loop {
                    tokio::select! {
                        () = sleep(PULSE) => {}
                        () = trust.failed.notified() => {}
                    }
                    match copies.upgrade() {
                        Some(copies) => copies.pulse().await,
                        None => break,
                    }
                }
            });
        };
        self.0.watched.get_or_init(begin).await;
    }
}

impl Inner {
    /// Hears the epoch and tests the connection; or begins a new epoch and opens a new one. Only an
    /// epoch begun after that is one that this Redis, which may have lost what it was told last,
    /// has no copies of.
    async fn pulse(&self) {
        let failures = self.trust.failures();
        if self.trust.hears() {
            let epoch = async {
                if self.trust.is_doubted() {
                    self.begin_epoch().await
                } else {
                    self.hear_epoch().await
                }
            };
            if let (_, Err(error)) = tokio::join!(epoch, self.reach(Lost::Fail)) {
                self.trust.lose(&error);
            }
        } else {
            let (_, heard) = tokio::join!(self.begin_epoch(), self.reach(Lost::Again));
            match heard {
                Ok(()) if self.begin_epoch().await => self.trust.regain(failures),
                Ok(()) => {}
                Err(error) => self.trust.complain(&error),
            }
        }
    }

    async fn reach(&self, lost: Lost) -> anyhow::Result<()> {
        let mut call = HEARS.key(format!("{}hears", self.prefix));
        call.arg(u8::from(lost == Lost::Again));
        self.connection.run::<u8>(call, lost, PATIENCE).await.map(drop)
    }

    async fn hear_epoch(&self) -> bool {
        let asked = Instant::now();
        let heard = timeout(ASKING, self.epoch.read()).await;
        let Ok(Ok(epoch)) = heard else { return false };
        self.trust.saw(epoch, asked);
        true
    }

    async fn begin_epoch(&self) -> bool {
        let (asked, epoch) = (Instant::now(), random());
        let begun = timeout(ASKING, self.epoch.set(&epoch)).await;
        let Ok(Ok(())) = begun else { return false };
        self.trust.began(epoch, asked);
        true
    }
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
