//! Sessions in Redis: one hash each, changed by scripts, each of which Redis runs as one step.

use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Utc};
use redis::{Script, ScriptInvocation};

use super::connection::{Connection, Lost};
use crate::sessions::data::{Changes, Data};
use crate::sessions::engine::{Added, Engine, Loaded, Merged, StoreError, Touched};
use crate::sessions::expiry::{Expiry, SESSION_EXPIRY};
use crate::sessions::key::Key;

/// How long a call may take, reconnecting and trying again included.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The field that every session has. No session key begins so: [`check`] sees to it.
const CREATED: &str = "\0created";

macro_rules! script {
    ($file:literal) => {
        LazyLock::new(|| {
            Script::new(concat!(include_str!("redis/session.lua"), include_str!($file)))
        })
    };
}

static LOAD: LazyLock<Script> = script!("redis/load.lua");
static INSERT: LazyLock<Script> = script!("redis/insert.lua");
static MERGE: LazyLock<Script> = script!("redis/merge.lua");
static ADD: LazyLock<Script> = script!("redis/add.lua");
static TOUCH: LazyLock<Script> = script!("redis/touch.lua");
static ROTATE: LazyLock<Script> = script!("redis/rotate.lua");
static DELETE: LazyLock<Script> = script!("redis/delete.lua");

type Fields = Vec<(String, String)>;

/// No call takes longer than a second and a half. What Redis does not answer is an error, and the
/// next call after its return works again.
#[derive(Clone)]
pub struct RedisCache {
    connection: Connection,
    prefix: String,
    /// In milliseconds; empty for none.
    absolute: String,
}

impl RedisCache {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// When `url` is no Redis URL.
    pub fn new(url: &str, prefix: &str, absolute: Option<Duration>) -> anyhow::Result<Self> {
        Ok(Self {
            connection: Connection::new(url)?,
            prefix: prefix.to_owned(),
            absolute: absolute.map_or_else(String::new, |limit| limit.as_millis().to_string()),
        })
    }

    pub async fn answers(&self) -> bool {
        self.connection.answers().await
    }

    fn name(&self, key: &Key) -> String {
        name(&self.prefix, key)
    }

    /// A call about this key with the expiry and the absolute limit as its first arguments.
    fn changing(
        &self,
        script: &'static Script,
        key: &Key,
        expires_at: DateTime<Utc>,
    ) -> ScriptInvocation<'static> {
        let mut call = script.key(self.name(key));
        call.arg(last_millisecond(expires_at)).arg(&self.absolute);
        call
    }

    async fn try_load(&self, key: &Key) -> anyhow::Result<Loaded> {
        let mut call = LOAD.key(self.name(key));
        call.arg(&self.absolute);
        let (state, fields): (u8, Fields) =
            self.connection.run(call, Lost::Again, PATIENCE).await?;
        Ok(match state {
            0 => Loaded::Missing,
            1 => Loaded::Found(data(fields)?),
            _ => Loaded::Retired,
        })
    }

    /// A lost answer leaves a session that nobody has the key of, until it expires.
    async fn try_insert(&self, data: &Data, expires_at: DateTime<Utc>) -> anyhow::Result<Key> {
        let key = Key::generate();
        let mut call = self.changing(&INSERT, &key, expires_at);
        put(&mut call, data, &[])?;
        let _: u8 = self.connection.run(call, Lost::Before, PATIENCE).await?;
        Ok(key)
    }

    async fn try_merge(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> anyhow::Result<Merged> {
        let mut call = self.changing(&MERGE, key, expires_at);
        put(&mut call, &changes.changed, &changes.removed)?;
        let state: u8 = self.connection.run(call, Lost::Again, PATIENCE).await?;
        Ok(match state {
            0 => Merged::Gone,
            1 => Merged::Stored(key.clone()),
            _ => Merged::Followed,
        })
    }

    /// An addition whose answer was lost is not tried again: it might count twice.
    async fn try_add(
        &self,
        key: &Key,
        name: &str,
        by: i64,
        expires_at: DateTime<Utc>,
    ) -> anyhow::Result<Added> {
        check(name)?;
        let mut call = self.changing(&ADD, key, expires_at);
        call.arg(name).arg(by);
        let (state, fields): (u8, Fields) =
            self.connection.run(call, Lost::Before, PATIENCE).await?;
        Ok(match state {
            0 => Added::Missing,
            1 => Added::Now(data(fields)?),
            _ => Added::Followed(data(fields)?),
        })
    }

    async fn try_touch(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> anyhow::Result<Touched> {
        let mut call = self.changing(&TOUCH, key, expires_at);
        call.arg(due.timestamp_millis());
        let (state, own, until): (u8, String, i64) =
            self.connection.run(call, Lost::Again, PATIENCE).await?;
        Ok(match state {
            0 => Touched::Missing,
            1 => Touched::Prolonged(key.clone()),
            2 => Touched::Retired,
            3 => Touched::Fresh,
            _ => {
                let own = serde_json::from_str(&own).context("the session's own expiry")?;
                let own = Expiry::of(&Data::from_iter([(SESSION_EXPIRY.to_owned(), own)]));
                let until =
                    DateTime::from_timestamp_millis(until).context("until when it lives")?;
                Touched::Own(own, until)
            }
        })
    }

    /// Not tried again either: the second attempt would find the key retired by the first.
    async fn try_rotate(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> anyhow::Result<Option<Key>> {
        let new = Key::generate();
        let mut call = self.changing(&ROTATE, key, expires_at);
        call.key(self.name(&new));
        put(&mut call, &changes.changed, &changes.removed)?;
        let moved: bool = self.connection.run(call, Lost::Before, PATIENCE).await?;
        Ok(moved.then_some(new))
    }

    async fn try_delete(&self, key: &Key) -> anyhow::Result<()> {
        let mut call = DELETE.key(self.name(key));
        call.arg(&self.absolute);
        let _: u8 = self.connection.run(call, Lost::Again, PATIENCE).await?;
        Ok(())
    }
}

impl Engine for RedisCache {
    async fn load(&self, key: &Key) -> Result<Loaded, StoreError> {
        Ok(self.try_load(key).await.context("loading")?)
    }

    async fn insert(&self, data: &Data, expires_at: DateTime<Utc>) -> Result<Key, StoreError> {
        Ok(self.try_insert(data, expires_at).await.context("storing a new session")?)
    }

    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Merged, StoreError> {
        Ok(self.try_merge(key, changes, expires_at).await.context("merging")?)
    }

    async fn add(
        &self,
        key: &Key,
        name: &str,
        by: i64,
        expires_at: DateTime<Utc>,
    ) -> Result<Added, StoreError> {
        Ok(self.try_add(key, name, by, expires_at).await.context("adding")?)
    }

    async fn touch(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<Touched, StoreError> {
        Ok(self.try_touch(key, expires_at, due).await.context("prolonging")?)
    }

    async fn rotate(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Option<Key>, StoreError> {
        Ok(self.try_rotate(key, changes, expires_at).await.context("rotating")?)
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        Ok(self.try_delete(key).await.context("deleting")?)
    }
}

/// What a key's entry is called in Redis.
pub fn name(prefix: &str, key: &Key) -> String {
    key.hash().iter().fold(prefix.to_owned(), |name, byte| name + &format!("{byte:02x}"))
}

/// The last millisecond since 1970 before that moment. Redis counts no finer, and what is to expire
/// at one is still there in it. Before 1970 is as good as then.
pub fn last_millisecond(moment: DateTime<Utc>) -> i64 {
    moment.timestamp_millis().max(1) - 1
}

fn put(
    call: &mut ScriptInvocation<'static>,
    changed: &Data,
    removed: &[String],
) -> anyhow::Result<()> {
    call.arg(changed.len());
    for (name, value) in changed {
        check(name)?;
        call.arg(name).arg(value.to_string());
    }
    for name in removed {
        check(name)?;
        call.arg(name);
    }
    Ok(())
}

fn check(name: &str) -> anyhow::Result<()> {
    ensure!(!name.starts_with('\0'), "a session key must not begin with U+0000");
    Ok(())
}

fn data(fields: Fields) -> anyhow::Result<Data> {
    let mut data = Data::new();
    let mut whole = false;
    for (name, text) in fields {
        if name == CREATED {
            whole = true;
        } else {
            let value = serde_json::from_str(&text);
            let value = value.with_context(|| format!("the stored {name:?} is no JSON"))?;
            data.insert(name, value);
        }
    }
    if !whole {
        bail!("what is stored is no session");
    }
    Ok(data)
}
