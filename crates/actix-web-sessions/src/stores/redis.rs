//! Sessions in Redis: one hash each, changed by scripts, which Redis runs atomically.

pub(super) mod connection;

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use ::redis::{Client, FromRedisValue, Script, ScriptInvocation, Value as Reply};
use serde_json::Value;

use self::connection::{Connection, Lost};
use crate::data::{Changes, Data};
use crate::error::{Result, StoreError};
use crate::expiry::{Expiry, Life, Policy};
use crate::key::StoreKey;
use crate::store::{
    Added, Capabilities, Changed, FOLLOW_PERIOD, Inserted, Loaded, Merged, NewSession,
    RETIREMENT_PERIOD, Retire, Rotated, Snapshot, Store, Swapped, Touched,
};

/// The timeout of a call, including a reconnect and a second attempt.
const CALL_TIMEOUT: Duration = Duration::from_millis(1500);

macro_rules! script {
    ($file:literal) => {
        LazyLock::new(|| {
            Script::new(concat!(include_str!("redis/common.lua"), include_str!($file)))
        })
    };
}

static LOAD: LazyLock<Script> = script!("redis/load.lua");
static INSERT: LazyLock<Script> = script!("redis/insert.lua");
static MERGE: LazyLock<Script> = script!("redis/merge.lua");
static ADD: LazyLock<Script> = script!("redis/add.lua");
static SWAP: LazyLock<Script> = script!("redis/swap.lua");
static TOUCH: LazyLock<Script> = script!("redis/touch.lua");
static ROTATE: LazyLock<Script> = script!("redis/rotate.lua");
static DELETE: LazyLock<Script> = script!("redis/delete.lua");

/// Stores sessions in Redis, for any number of processes. If Redis is configured to evict keys, it
/// may also evict retired and reserved ones. Redis Cluster is not supported. A call takes at most
/// 1.5 seconds. Cloning is cheap.
#[derive(Clone)]
pub struct Redis {
    connection: Connection,
    prefix: String,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Redis").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Own lifetime and own end (empty for none) and the remaining time, in milliseconds.
type LifeReply = (String, String, String);

/// Alternating fields and JSON, the age, and the life.
type SnapshotReply = (Vec<(String, String)>, String, LifeReply);

impl Redis {
    /// Connects when the first session is asked for. All keys in Redis begin with `sessionid`.
    ///
    /// # Errors
    /// When `url` is no Redis URL.
    pub fn connect(url: &str) -> Result<Self> {
        Ok(Self::with_client(Client::open(url).map_err(StoreError::other)?))
    }

    /// Connects with this client, which may have certificates of its own.
    pub fn with_client(client: Client) -> Self {
        Self { connection: Connection::new(client), prefix: "sessionid".to_owned() }
    }

    /// Sets the prefix of all keys in Redis, so that several programs can share a database.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn named(&self, rest: &str) -> String {
        format!("{}{rest}", self.prefix)
    }

    pub(super) fn name(&self, infix: &str, key: &StoreKey) -> String {
        format!("{}{infix}{}", self.prefix, key.to_hex())
    }

    fn call(&self, script: &'static Script, key: &StoreKey) -> ScriptInvocation<'static> {
        script.key(self.name("", key))
    }

    /// Runs a script that answers with a state and, for some states, a value.
    async fn run(
        &self,
        call: ScriptInvocation<'static>,
        lost: Lost,
    ) -> Result<(i64, Option<Reply>)> {
        let reply: Vec<Reply> = self.connection.run(call, lost, CALL_TIMEOUT).await?;
        let mut reply = reply.into_iter();
        let state = reply.next().ok_or_else(|| StoreError::other("an empty answer"))?;
        Ok((read(state)?, reply.next()))
    }

    /// Reads the answer of a change that returns the session.
    async fn changed_session(
        &self,
        key: &StoreKey,
        state: i64,
        reply: Option<Reply>,
    ) -> Result<Changed<Snapshot>> {
        match changed(state, || snapshot(parsed(reply)?)) {
            Err(error) => self.remove_damaged(key, &error).await.map(|()| Changed::Gone),
            changed => changed,
        }
    }

    /// Removes a session with a value that is not JSON.
    async fn remove_damaged(&self, key: &StoreKey, error: &StoreError) -> Result<()> {
        log::warn!("session {key:?}: removed, because the stored record is damaged: {error}");
        self.delete(key, None).await
    }
}

// The states that the scripts answer with; some scripts have others.
const GONE: i64 = 0;
const APPLIED: i64 = 1;
const SUCCESSOR: i64 = 2;
const DIFFERS: i64 = 4;

fn changed<T>(state: i64, value: impl FnOnce() -> Result<T>) -> Result<Changed<T>> {
    Ok(match state {
        GONE => Changed::Gone,
        APPLIED => Changed::Applied(value()?),
        SUCCESSOR => Changed::AppliedToSuccessor(value()?),
        _ => Changed::Refused,
    })
}

fn read<T: FromRedisValue>(reply: Reply) -> Result<T> {
    T::from_owned_redis_value(reply).map_err(StoreError::other)
}

fn parsed<T: FromRedisValue>(reply: Option<Reply>) -> Result<T> {
    read(reply.ok_or_else(|| StoreError::other("a short answer"))?)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn span(text: &str) -> Result<Duration> {
    text.parse().map(Duration::from_millis).map_err(StoreError::other)
}

fn life((own, until, remaining): &LifeReply) -> Result<Life> {
    let expiry = match (own.as_str(), until.as_str()) {
        ("", "") => Expiry::Policy,
        ("0", _) => Expiry::BrowserClose,
        ("-1", _) => Expiry::After(Duration::ZERO),
        ("", until) => Expiry::At(UNIX_EPOCH + span(until)?),
        (own, _) => Expiry::After(span(own)?),
    };
    Ok(Life { expiry, remaining: span(remaining)? })
}

fn snapshot((fields, age, own): SnapshotReply) -> Result<Snapshot> {
    let mut data = Data::new();
    for (name, json) in fields.into_iter().filter(|(name, _)| !name.starts_with('\0')) {
        data.insert(name, serde_json::from_str(&json).map_err(StoreError::other)?);
    }
    Ok(Snapshot::new(data, span(&age)?, life(&own)?))
}

/// Returns the kind and the value of an expiry for the scripts. A lifetime of zero is -1, because 0
/// means that the session ends with the browser.
fn expiry(expiry: Option<Expiry>) -> (&'static str, String) {
    match expiry.map(Expiry::clamped) {
        None => ("", String::new()),
        Some(Expiry::Policy) => ("p", String::new()),
        Some(Expiry::BrowserClose) => ("l", "0".to_owned()),
        Some(Expiry::After(lifetime)) => match millis(lifetime) {
            0 => ("l", "-1".to_owned()),
            lifetime => ("l", lifetime.to_string()),
        },
        Some(Expiry::At(end)) => {
            let since = end.duration_since(UNIX_EPOCH).unwrap_or_default();
            ("u", millis(since).to_string())
        }
    }
}

fn put(call: &mut ScriptInvocation<'static>, set: &Data, removed: &[String]) {
    call.arg(set.len());
    for (name, value) in set {
        call.arg(name).arg(value.to_string());
    }
    for name in removed {
        call.arg(name);
    }
}

fn lifetime(policy: &Policy) -> u64 {
    millis(policy.lifetime(Expiry::Policy))
}

impl Store for Redis {
    async fn load(&self, key: &StoreKey) -> Result<Loaded> {
        let (state, reply) = self.run(self.call(&LOAD, key), Lost::Again).await?;
        Ok(match state {
            GONE => Loaded::Missing,
            APPLIED => match snapshot(parsed(reply)?) {
                Ok(snapshot) => Loaded::Found(snapshot),
                Err(error) => {
                    self.remove_damaged(key, &error).await?;
                    Loaded::Missing
                }
            },
            SUCCESSOR => Loaded::Retired,
            _ => Loaded::Ended,
        })
    }

    async fn insert(
        &self,
        key: &StoreKey,
        session: &NewSession,
        policy: &Policy,
    ) -> Result<Inserted> {
        let mut call = self.call(&INSERT, key);
        let reserved = session.reserved.map_or_else(String::new, |span| millis(span).to_string());
        let (kind, value) = expiry(Some(session.expiry));
        call.arg(lifetime(policy)).arg(millis(session.age)).arg(reserved).arg(kind).arg(value);
        put(&mut call, &session.data, &[]);
        // After a lost answer the session stays until it expires; no client has its id.
        let reply: Vec<Reply> = self.connection.run(call, Lost::Before, CALL_TIMEOUT).await?;
        if reply.is_empty() {
            return Ok(Inserted::Conflict);
        }
        Ok(Inserted::Created(life(&read(Reply::Array(reply))?)?))
    }

    async fn merge(&self, key: &StoreKey, changes: &Changes, policy: &Policy) -> Result<Merged> {
        let mut call = self.call(&MERGE, key);
        let (kind, value) = expiry(changes.expiry);
        call.arg(lifetime(policy)).arg(kind).arg(value);
        put(&mut call, &changes.set, &changes.removed);
        let (state, reply) = self.run(call, Lost::Again).await?;
        Ok(changed(state, || life(&parsed(reply)?))?.into())
    }

    async fn touch(&self, key: &StoreKey, policy: &Policy) -> Result<Touched> {
        let mut call = self.call(&TOUCH, key);
        call.arg(lifetime(policy)).arg(millis(policy.touch_threshold));
        let (state, reply) = self.run(call, Lost::Again).await?;
        Ok(match state {
            GONE => Touched::Gone,
            APPLIED => Touched::Extended(life(&parsed(reply)?)?),
            SUCCESSOR => Touched::Retired,
            _ => Touched::Fresh,
        })
    }

    /// Not repeated after a lost answer: the second attempt would find the key retired.
    async fn rotate(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        changes: &Changes,
        retire: Retire,
        policy: &Policy,
    ) -> Result<Rotated> {
        let mut call = self.call(&ROTATE, old);
        call.key(self.name("", new));
        let (kind, value) = expiry(changes.expiry);
        let follow = if retire == Retire::Follow { millis(FOLLOW_PERIOD) } else { 0 };
        call.arg(lifetime(policy)).arg(kind).arg(value);
        call.arg(follow).arg(millis(RETIREMENT_PERIOD));
        put(&mut call, &changes.set, &changes.removed);
        let (state, reply) = self.run(call, Lost::Before).await?;
        Ok(match state {
            GONE => Rotated::Gone,
            APPLIED => Rotated::Rotated(life(&parsed(reply)?)?),
            _ => Rotated::Retired,
        })
    }

    async fn delete(&self, key: &StoreKey, reserve: Option<Duration>) -> Result<()> {
        let mut call = self.call(&DELETE, key);
        let reserve = reserve.map(millis).filter(|millis| *millis > 0);
        call.arg(reserve.map_or_else(String::new, |millis| millis.to_string()));
        self.connection.run::<i64>(call, Lost::Again, CALL_TIMEOUT).await.map(drop)
    }

    async fn swap(
        &self,
        key: &StoreKey,
        field: &str,
        expected: &Value,
        new: &Value,
        policy: &Policy,
    ) -> Result<Swapped> {
        let mut json = expected.to_string();
        loop {
            let mut call = self.call(&SWAP, key);
            call.arg(lifetime(policy)).arg(field).arg(&json).arg(new.to_string());
            let (state, reply) = self.run(call, Lost::Before).await?;
            if state == DIFFERS {
                let text: String = parsed(reply)?;
                let stored = serde_json::from_str(&text).map_err(StoreError::other)?;
                // The same value, written differently.
                if stored == *expected && text != json {
                    json = text;
                    continue;
                }
                return Ok(Swapped::Differs(stored));
            }
            return Ok(self.changed_session(key, state, reply).await?.map(Ok).into());
        }
    }

    /// An addition whose answer was lost is not repeated, as it might count twice.
    async fn add(&self, key: &StoreKey, field: &str, by: i64, policy: &Policy) -> Result<Added> {
        let mut call = self.call(&ADD, key);
        call.arg(lifetime(policy)).arg(field).arg(by);
        let (state, reply) = self.run(call, Lost::Before).await?;
        Ok(self.changed_session(key, state, reply).await?.into())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { counters: true, evicts: true, ..Capabilities::default() }
    }

    async fn ping(&self) -> Result<()> {
        self.connection.ping().await
    }
}
