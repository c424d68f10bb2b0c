//! One row a session in Postgres.

mod gather;
mod questions;
mod statements;
mod sweep;
mod touch;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use self::gather::Gatherer;
use self::questions::{Change, Kind, Load, New};
use self::statements::{Changes as Columns, Rotate};
use super::{Added, Dated, Engine, Expiring, Loaded, Merged, StoreError, Touched};
use crate::db::{Connection, Pool};
use crate::schema::{session_tombstones, sessions};
use crate::sessions::data::{Changes, Data};
use crate::sessions::key::Key;

/// SHA-256 of a key.
type Hash = [u8; 32];

/// Rotations that a request under way is followed through.
const MOST_SUCCESSORS: usize = 4;

/// Seconds that no session lives: the absolute limit where there is none.
const NEVER: f64 = 1e10;

/// Connections for statements that serve many requests; enough for two of each kind but one.
const CONNECTIONS: usize = 5;

/// Such a statement goes through its sorted keys one by one, or through the index in the same
/// order, and never through the table: so two of them, of whichever process, lock their rows in
/// one order and cannot block each other.
const IN_ORDER: &str = "SET enable_hashjoin = off; SET enable_mergejoin = off; \
     SET enable_seqscan = off; SET enable_bitmapscan = off";

/// Keeps sessions in the table `sessions`, under the hash of their key. Cloning is cheap.
#[derive(Clone)]
pub struct DbEngine {
    pool: Pool,
    gathered: Arc<Gathered>,
    absolute: Option<Duration>,
}

/// What all requests do, many in one statement.
struct Gathered {
    loads: Gatherer<Load>,
    inserts: Gatherer<New>,
    changes: Gatherer<Change>,
}

impl DbEngine {
    /// No session lives longer than `absolute` after it was made, whatever is done with it.
    ///
    /// # Errors
    /// As [`Pool::new`].
    pub fn new(pool: Pool, absolute: Option<Duration>) -> anyhow::Result<Self> {
        let own = pool.beside(CONNECTIONS, IN_ORDER)?;
        let gathered = Arc::new(Gathered {
            loads: Gatherer::new(&own),
            inserts: Gatherer::new(&own),
            changes: Gatherer::new(&own),
        });
        Ok(Self { pool, gathered, absolute })
    }

    async fn try_load(&self, key: &Key) -> anyhow::Result<Loaded<Dated>> {
        Ok(match self.gathered.loads.ask(Load(key.hash())).await? {
            Some(dated) => Loaded::Found(dated),
            None if self.successor(&key.hash()).await?.is_some() => Loaded::Retired,
            None => Loaded::Missing,
        })
    }

    async fn try_insert(&self, data: &Data, expires_at: DateTime<Utc>) -> anyhow::Result<Key> {
        let key = Key::generate();
        let latest = self.absolute.map(|limit| Utc::now() + limit);
        let expires_at = latest.map_or(expires_at, |latest| latest.min(expires_at));
        let new = New {
            key_hash: key.hash(),
            data: data.clone(),
            expires_at,
            expire_hour: expire_hour(expires_at)?,
        };
        self.gathered.inserts.ask(new).await?;
        Ok(key)
    }

    fn change(&self, key: &Key, kind: Kind, expires_at: DateTime<Utc>) -> anyhow::Result<Change> {
        Ok(Change {
            key_hash: key.hash(),
            kind,
            expires_at,
            expire_hour: expire_hour(expires_at)?,
            absolute: self.absolute.map_or(NEVER, |limit| limit.as_secs_f64()),
        })
    }

    /// The data after the change, and whether it was stored under a successor of the key.
    async fn try_change(&self, mut change: Change) -> anyhow::Result<Option<(Data, bool)>> {
        for followed in 0..=MOST_SUCCESSORS {
            let hash = change.key_hash;
            if let Some(data) = self.gathered.changes.ask(change.clone()).await? {
                return Ok(Some((data, followed > 0)));
            }
            match self.successor(&hash).await? {
                Some(next) => change.key_hash = next,
                None => break,
            }
        }
        Ok(None)
    }

    async fn try_rotate(&self, change: Change) -> anyhow::Result<Option<Key>> {
        let new = Key::generate();
        let mut changes = Columns::default();
        changes.add(&[change]);
        let connection = &mut self.pool.get().await?;
        let moved: i64 = Rotate { new: new.hash(), changes }.get_result(connection).await?;
        Ok((moved == 1).then_some(new))
    }

    async fn try_delete(&self, key: &Key) -> anyhow::Result<()> {
        let connection = &mut self.pool.get().await?;
        let mut hash = Some(key.hash());
        // Under whichever key the session is by now: who ends it means the session.
        for _ in 0..=MOST_SUCCESSORS {
            let Some(this) = hash else { break };
            let row = sessions::table.find(this.as_slice());
            let deleted = diesel::delete(row).execute(connection).await?;
            hash = if deleted == 0 { successor(connection, &this).await? } else { None };
        }
        Ok(())
    }

    async fn successor(&self, hash: &Hash) -> anyhow::Result<Option<Hash>> {
        successor(&mut *self.pool.get().await?, hash).await
    }
}

impl Engine for DbEngine {
    async fn load(&self, key: &Key) -> Result<Loaded, StoreError> {
        Ok(match self.load_with_expiry(key).await? {
            Loaded::Found(Dated { data, .. }) => Loaded::Found(data),
            Loaded::Missing => Loaded::Missing,
            Loaded::Retired => Loaded::Retired,
        })
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
        let change = self.change(key, Kind::merging(changes), expires_at)?;
        let merged = self.try_change(change).await.context("merging")?;
        Ok(match merged {
            Some((_, false)) => Merged::Stored(key.clone()),
            Some((_, true)) => Merged::Followed,
            None => Merged::Gone,
        })
    }

    async fn add(
        &self,
        key: &Key,
        name: &str,
        by: i64,
        expires_at: DateTime<Utc>,
    ) -> Result<Added, StoreError> {
        let kind = Kind::Add { name: name.to_owned(), by };
        let added = self.try_change(self.change(key, kind, expires_at)?).await.context("adding")?;
        Ok(match added {
            Some((data, false)) => Added::Now(data),
            Some((data, true)) => Added::Followed(data),
            None => Added::Missing,
        })
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
        let change = self.change(key, Kind::merging(changes), expires_at)?;
        Ok(self.try_rotate(change).await.context("rotating")?)
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        Ok(self.try_delete(key).await.context("deleting")?)
    }
}

impl Expiring for DbEngine {
    async fn load_with_expiry(&self, key: &Key) -> Result<Loaded<Dated>, StoreError> {
        Ok(self.try_load(key).await.context("loading")?)
    }
}

/// What replaced a key that was retired a moment ago.
async fn successor(connection: &mut Connection, hash: &Hash) -> anyhow::Result<Option<Hash>> {
    let found: Option<Vec<u8>> = session_tombstones::table
        .find(hash.as_slice())
        .filter(session_tombstones::until.gt(diesel::dsl::now))
        .select(session_tombstones::successor)
        .first(connection)
        .await
        .optional()?;
    // The table holds nothing of another length.
    Ok(found.and_then(|hash| hash.try_into().ok()))
}

/// The table holds nothing but objects.
fn object(value: Value) -> Data {
    match value {
        Value::Object(data) => data,
        _ => Data::new(),
    }
}

/// The bucket of the expiry index: whole hours since 1970, rounded up.
fn expire_hour(expires_at: DateTime<Utc>) -> anyhow::Result<i32> {
    Ok(i32::try_from(expires_at.timestamp().div_euclid(3600) + 1)?)
}
