//! Copies of sessions in Redis, in front of another store.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use ::redis::{FromRedisValue, Script, ScriptInvocation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::redis::Redis;
use super::redis::connection::Lost;
use crate::data::{Changes, Data};
use crate::error::{Result, ValueError};
use crate::expiry::{Expiry, Life, Policy, micros};
use crate::io::IO;
use crate::key::{StoreKey, hex};
use crate::store::{
    Added, Capabilities, Inserted, Loaded, Merged, NewSession, Retire, Rotated, Snapshot, Store,
    Swapped, Touched,
};

/// How long a copy is used.
const COPY_LIFETIME: Duration = Duration::from_secs(60);

/// How long a reader has to make a copy of what it read.
const LEASE: Duration = Duration::from_secs(5);

/// How long a call to Redis may take, as the other store could do without it.
const CALL_TIMEOUT: Duration = Duration::from_millis(500);

/// How often Redis is tried while it does not answer.
const RETRY_INTERVAL: Duration = Duration::from_millis(250);

static LOOK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("cached/look.lua")));
static KEEP: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("cached/keep.lua")));
static FORGET: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("cached/forget.lua")));

/// A store with copies in Redis for reading, which are used for a minute at most. What goes through
/// this program is seen at once. Without Redis it is slower and nothing else.
///
/// A copy belongs to a generation. A process that could not tell Redis about a write begins a new
/// one before it uses Redis again. While it is cut off from a Redis that runs, others may read old
/// copies for up to a minute.
#[derive(Clone)]
pub struct Cached<S> {
    store: S,
    copies: Copies,
}

#[derive(Clone)]
struct Copies {
    redis: Redis,
    state: Arc<State>,
}

struct State {
    /// Redis knows about every write of this process.
    trusted: AtomicBool,
    /// A task tries to reach Redis.
    retrying: AtomicBool,
    /// The writes that Redis was not told about.
    missed: AtomicU64,
    on_read: Option<Box<dyn Fn(bool) + Send + Sync>>,
}

impl<S> std::fmt::Debug for Cached<S> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Cached")
    }
}

impl<S: Store> Cached<S> {
    /// Keeps copies of the sessions of `store` in `redis`.
    pub fn new(store: S, redis: Redis) -> Self {
        Self { store, copies: Copies::new(redis, None) }
    }

    /// Calls `on_read` for each read, with whether there was a copy.
    #[must_use]
    pub fn on_read(self, on_read: impl Fn(bool) + Send + Sync + 'static) -> Self {
        let copies = Copies::new(self.copies.redis.clone(), Some(Box::new(on_read)));
        Self { copies, ..self }
    }

    /// Returns whether Redis answers.
    pub async fn cache_answers(&self) -> bool {
        self.copies.redis.ping().await.is_ok()
    }

    /// Runs a write, and removes the copies that it makes old, also if the caller goes away.
    async fn write<T>(
        &self,
        keys: &[&StoreKey],
        write: impl Future<Output = Result<T>>,
        of_successor: impl Fn(&T) -> bool,
    ) -> Result<T> {
        let mut unfinished = Unfinished {
            copies: &self.copies,
            keys: keys.iter().map(|key| **key).collect(),
            armed: true,
        };
        let answer = write.await;
        // The key of a successor is not known here, nor what happened after an error.
        let all = answer.as_ref().map_or(true, of_successor);
        for key in keys {
            self.copies.forget(key, all).await;
        }
        unfinished.armed = false;
        answer
    }
}

/// A write whose copies are still there.
struct Unfinished<'a> {
    copies: &'a Copies,
    keys: Vec<StoreKey>,
    armed: bool,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if self.armed {
            let (copies, keys) = (self.copies.clone(), std::mem::take(&mut self.keys));
            IO.spawn(async move {
                for key in keys {
                    copies.forget(&key, true).await;
                }
            });
        }
    }
}

/// A copy; spans are microseconds, the own expiry is in its parts.
#[derive(Serialize, Deserialize)]
struct Copy {
    data: Data,
    age: u64,
    remaining: u64,
    own_lifetime: Option<u64>,
    own_end: Option<u64>,
}

impl Copy {
    fn of(snapshot: &Snapshot) -> Self {
        let (own_lifetime, own_end) = snapshot.life.expiry.to_parts();
        Self {
            data: snapshot.data.clone(),
            age: micros(snapshot.age),
            remaining: micros(snapshot.life.remaining),
            own_lifetime,
            own_end,
        }
    }

    /// `since` is the time since the copy was made; one whose session is over is of no use.
    fn snapshot(self, since: Duration) -> Option<Snapshot> {
        let remaining = Duration::from_micros(self.remaining).checked_sub(since)?;
        let expiry = Expiry::from_parts(self.own_lifetime, self.own_end);
        let age = Duration::from_micros(self.age) + since;
        Some(Snapshot::new(self.data, age, Life { expiry, remaining }))
    }
}

/// The right to make a copy.
struct Lease {
    token: String,
    generation: String,
}

impl Copies {
    fn new(redis: Redis, on_read: Option<Box<dyn Fn(bool) + Send + Sync>>) -> Self {
        let state = State {
            trusted: AtomicBool::new(false),
            retrying: AtomicBool::new(false),
            missed: AtomicU64::new(0),
            on_read,
        };
        Self { redis, state: Arc::new(state) }
    }

    fn call(&self, script: &'static Script, key: &StoreKey) -> ScriptInvocation<'static> {
        let copy = self.redis.name("copy:", key);
        let mut call = script.key(&copy);
        call.key(format!("{copy}:lease")).key(self.redis.named("generation"));
        call
    }

    /// Asks Redis, if it knows about every write of this process. A connection that broke is not
    /// replaced by a call: Redis may have lost what it was told last.
    async fn ask<T>(&self, call: ScriptInvocation<'static>) -> Option<T>
    where
        T: FromRedisValue + Send + 'static,
    {
        if !self.state.trusted.load(Ordering::SeqCst) {
            self.retry();
            return None;
        }
        match self.redis.connection().run(call, Lost::Fail, CALL_TIMEOUT).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.state.trusted.store(false, Ordering::SeqCst);
                log::error!("session cache: {error}; sessions come from the store alone");
                self.retry();
                None
            }
        }
    }

    /// Tries in the background to begin a new generation, until Redis answers.
    fn retry(&self) {
        if self.state.retrying.swap(true, Ordering::SeqCst) {
            return;
        }
        let (redis, state) = (self.redis.clone(), Arc::downgrade(&self.state));
        IO.spawn(async move {
            while let Some(state) = state.upgrade() {
                let key = StoreKey::from_bytes([0; 32]);
                let mut call = FORGET.key(redis.name("copy:", &key));
                call.key(redis.named("none")).key(redis.named("generation")).arg(1);
                let missed = state.missed.load(Ordering::SeqCst);
                let begun = redis.connection().run::<i64>(call, Lost::Again, CALL_TIMEOUT).await;
                if begun.is_ok() {
                    state.trusted.store(true, Ordering::SeqCst);
                    if state.missed.load(Ordering::SeqCst) == missed {
                        state.retrying.store(false, Ordering::SeqCst);
                        return;
                    }
                    // A write came in between.
                    state.trusted.store(false, Ordering::SeqCst);
                    continue;
                }
                drop(state);
                tokio::time::sleep(RETRY_INTERVAL).await;
            }
        });
    }

    async fn look(&self, key: &StoreKey) -> Result<Snapshot, Option<Lease>> {
        let mut token = [0; 16];
        if getrandom::fill(&mut token).is_err() {
            return Err(None);
        }
        let token = hex(&token);
        let mut call = self.call(&LOOK, key);
        call.arg(&token).arg(LEASE.as_millis().to_string());
        let Some((copy, since, generation)) = self.ask::<(String, i64, String)>(call).await else {
            return Err(None);
        };
        let since = Duration::from_millis(u64::try_from(since).unwrap_or(0));
        let copy = serde_json::from_str::<Copy>(&copy).ok();
        copy.and_then(|copy| copy.snapshot(since)).ok_or(Some(Lease { token, generation }))
    }

    async fn keep(&self, key: &StoreKey, lease: &Lease, snapshot: &Snapshot) {
        let lifetime = snapshot.life.remaining.min(COPY_LIFETIME).as_millis();
        let Ok(text) = serde_json::to_string(&Copy::of(snapshot)) else { return };
        if lifetime > 0 {
            let mut call = self.call(&KEEP, key);
            call.arg(&lease.token).arg(&lease.generation).arg(text).arg(lifetime.to_string());
            self.ask::<i64>(call).await;
        }
    }

    /// Removes the copy of a session, or makes all copies void.
    async fn forget(&self, key: &StoreKey, all: bool) {
        loop {
            let mut call = self.call(&FORGET, key);
            call.arg(i64::from(all));
            if self.ask::<i64>(call).await.is_some() {
                return;
            }
            self.state.missed.fetch_add(1, Ordering::SeqCst);
            if !self.state.trusted.load(Ordering::SeqCst) {
                return;
            }
        }
    }
}

impl<S: Store> Store for Cached<S> {
    async fn load(&self, key: &StoreKey) -> Result<Loaded> {
        let found = self.copies.look(key).await;
        if let Some(on_read) = &self.copies.state.on_read {
            on_read(found.is_ok());
        }
        let lease = match found {
            Ok(snapshot) => return Ok(Loaded::Found(snapshot)),
            Err(lease) => lease,
        };
        let loaded = self.store.load(key).await?;
        if let (Loaded::Found(snapshot), Some(lease)) = (&loaded, &lease) {
            self.copies.keep(key, lease, snapshot).await;
        }
        Ok(loaded)
    }

    /// There are no copies of what was missing.
    async fn insert(
        &self,
        key: &StoreKey,
        session: &NewSession,
        policy: &Policy,
    ) -> Result<Inserted> {
        self.store.insert(key, session, policy).await
    }

    async fn merge(&self, key: &StoreKey, changes: &Changes, policy: &Policy) -> Result<Merged> {
        let follows = |merged: &Merged| *merged == Merged::AppliedToSuccessor;
        self.write(&[key], self.store.merge(key, changes, policy), follows).await
    }

    async fn touch(&self, key: &StoreKey, policy: &Policy) -> Result<Touched> {
        self.write(&[key], self.store.touch(key, policy), |_| false).await
    }

    async fn rotate(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        changes: &Changes,
        retire: Retire,
        policy: &Policy,
    ) -> Result<Rotated> {
        let rotation = self.store.rotate(old, new, changes, retire, policy);
        self.write(&[old], rotation, |_| false).await
    }

    async fn delete(&self, key: &StoreKey, reserve: Option<Duration>) -> Result<()> {
        let live = matches!(self.store.load(key).await?, Loaded::Found(_));
        self.write(&[key], self.store.delete(key, reserve), |()| !live).await
    }

    async fn swap(
        &self,
        key: &StoreKey,
        field: &str,
        expected: &Value,
        new: &Value,
        policy: &Policy,
    ) -> Result<Swapped> {
        let swap = self.store.swap(key, field, expected, new, policy);
        let follows = |swapped: &Swapped| matches!(swapped, Swapped::AppliedToSuccessor(_));
        self.write(&[key], swap, follows).await
    }

    async fn add(&self, key: &StoreKey, field: &str, by: i64, policy: &Policy) -> Result<Added> {
        let follows = |added: &Added| matches!(added, Added::AppliedToSuccessor(_));
        self.write(&[key], self.store.add(key, field, by, policy), follows).await
    }

    fn check(&self, data: &Data) -> Result<(), ValueError> {
        self.store.check(data)
    }

    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    async fn delete_expired(&self, limit: usize) -> Result<usize> {
        self.store.delete_expired(limit).await
    }

    async fn count_expired(&self) -> Result<usize> {
        self.store.count_expired().await
    }

    async fn ping(&self) -> Result<()> {
        self.store.ping().await
    }

    async fn sessions_of(&self, principal: &str) -> Result<Vec<(StoreKey, Snapshot)>> {
        self.store.sessions_of(principal).await
    }

    async fn delete_of(&self, principal: &str, except: Option<&StoreKey>) -> Result<usize> {
        let none = StoreKey::from_bytes([0; 32]);
        self.write(&[&none], self.store.delete_of(principal, except), |_| true).await
    }
}
