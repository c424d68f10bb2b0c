//! Sessions in a database, with copies in a cache for reading.

mod copies;
mod epoch;
mod memory;
mod redis;
mod trust;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

pub use self::copies::Copies;
use self::copies::Look;
use super::cache::RETIRED;
use super::{Added, Dated, Engine, Expiring, Loaded, Merged, StoreError, Touched};
use crate::sessions::data::{Changes, Data, ValueError};
use crate::sessions::key::Key;

/// How long a copy is used at most: a change made past this engine (by SQL, or by a process cut
/// off from the cache) is seen after that time.
const COPY: TimeDelta = TimeDelta::seconds(60);

/// How long no copy is made of a session whose write did not come to its end, because the request
/// was given up or the database did not answer. No statement runs for longer.
const UNSURE: TimeDelta = TimeDelta::seconds(60);

/// Reads come from the cache, writes go to the database, and a copy is removed when its session
/// changes. A cache that fails costs time and nothing else: no write is confirmed before every
/// process would read it.
///
/// No stale copy comes back, because one may only be made with a permit from before the database
/// was read, and every write voids the permits of its session: before it begins, so that a
/// request given up half way leaves no copy, and again when it is done. In between none are given
/// out.
#[derive(Clone)]
pub struct CachedDb<E> {
    db: E,
    copies: Copies,
}

impl<E: Expiring> CachedDb<E> {
    pub fn new(db: E, copies: Copies) -> Self {
        Self { db, copies }
    }

    /// For what concerns the stored sessions only, such as sweeping them: no copy outlives its row.
    pub fn db(&self) -> &E {
        &self.db
    }

    /// Whether the cache is there.
    pub async fn cache_answers(&self) -> bool {
        self.copies.answers().await
    }

    /// Any write. When the database's answer is an error it may have done it all the same, now or
    /// in a moment: then the session stays without a copy until that is certain to be over.
    async fn write<T>(
        &self,
        key: &Key,
        write: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let begun = self.copies.begin(key, UNSURE).await;
        let written = write.await;
        match written {
            Ok(_) => self.copies.done(key, begun).await.context("the cache")?,
            Err(_) => drop(begun),
        }
        written
    }
}

impl<E: Expiring> Engine for CachedDb<E> {
    fn keeps(&self) -> bool {
        self.db.keeps()
    }

    fn parse(&self, cookie: &str) -> Option<Key> {
        self.db.parse(cookie)
    }

    fn check(&self, data: &Data) -> Result<(), ValueError> {
        self.db.check(data)
    }

    async fn load(&self, key: &Key) -> Result<Loaded, StoreError> {
        let permit = match self.copies.look(key).await {
            Look::Found(data) => return Ok(Loaded::Found(data)),
            Look::Absent(permit) => permit,
        };
        Ok(match self.db.load_with_expiry(key).await? {
            Loaded::Found(Dated { data, expires_at }) => {
                if let Some(permit) = permit {
                    let until = expires_at.min(Utc::now() + COPY);
                    self.copies.keep(key, permit, &data, until).await;
                }
                Loaded::Found(data)
            }
            Loaded::Missing => Loaded::Missing,
            Loaded::Retired => Loaded::Retired,
        })
    }

    async fn insert(&self, data: &Data, expires_at: DateTime<Utc>) -> Result<Key, StoreError> {
        self.db.insert(data, expires_at).await
    }

    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Merged, StoreError> {
        self.write(key, self.db.merge(key, changes, expires_at)).await
    }

    async fn add(
        &self,
        key: &Key,
        name: &str,
        by: i64,
        expires_at: DateTime<Utc>,
    ) -> Result<Added, StoreError> {
        self.write(key, self.db.add(key, name, by, expires_at)).await
    }

    /// A copy stays: its data are as good as before, and it ends no later than the session did.
    async fn touch(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<Touched, StoreError> {
        self.db.touch(key, expires_at, due).await
    }

    /// As long as requests with the old key can still change the session, nothing tells here under
    /// which key they do: so long there are no copies of it. Nobody else knows the new key yet.
    async fn rotate(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Option<Key>, StoreError> {
        let rotate = async {
            let new = self.db.rotate(key, changes, expires_at).await?;
            if let Some(new) = &new {
                drop(self.copies.begin(new, RETIRED + UNSURE).await);
            }
            Ok(new)
        };
        self.write(key, rotate).await
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.write(key, self.db.delete(key)).await
    }
}
