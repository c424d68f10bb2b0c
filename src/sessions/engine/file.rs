//! One file a session in a folder.

mod change;
mod folder;
mod record;
mod store;
mod sweep;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

use self::change::Change;
use self::folder::Folder;
use self::store::{Changed, Store};
use super::{Added, Engine, Loaded, Merged, StoreError, Touched};
use crate::sessions::data::{Changes, Data, ValueError};
use crate::sessions::key::Key;

/// Keeps sessions in files named after the hash of their key, readable by the server's user only.
///
/// Any number of processes of one machine may share a folder. The folder must be on a local file
/// system, because lock files order the writers.
#[derive(Clone)]
pub struct FileEngine {
    store: Arc<Store>,
}

impl FileEngine {
    /// `prefix` begins every file's name, so that several sites can share a folder. No session
    /// lives longer than `absolute` after its creation.
    ///
    /// # Errors
    /// The folder is missing or cannot be written to, or the prefix is no part of a file's name.
    pub fn open(folder: &Path, prefix: &str, absolute: Option<Duration>) -> anyhow::Result<Self> {
        let folder = Folder::open(folder, prefix)?;
        // A span that chrono cannot count is as good as none.
        let absolute = absolute.and_then(|span| TimeDelta::from_std(span).ok());
        Ok(Self { store: Arc::new(Store { folder, absolute }) })
    }

    /// Whether each write waits for the disk, so that it outlives a power cut as well as a crash
    /// of the server. Off at first: it costs milliseconds.
    #[must_use]
    pub fn durable(mut self, durable: bool) -> Self {
        Arc::make_mut(&mut self.store).folder.durable = durable;
        self
    }

    /// Removes at most `limit` expired sessions, or with `dry_run` only counts them. Returns how
    /// many. Retired keys and temporary files that a crash left go with them, uncounted.
    ///
    /// # Errors
    /// The folder cannot be read, or a file in it not be removed.
    pub async fn clear_expired(&self, limit: usize, dry_run: bool) -> Result<usize, StoreError> {
        let work = move |store: &Store| store.sweep(limit, dry_run);
        Ok(self.blocking(work).await.context("removing expired sessions")?)
    }

    /// A request that is given up meanwhile stops waiting; what was begun is done to its end.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let store = Arc::clone(&self.store);
        tokio::task::spawn_blocking(move || work(&store)).await?
    }
}

impl Engine for FileEngine {
    fn check(&self, data: &Data) -> Result<(), ValueError> {
        record::check(data)
    }

    async fn load(&self, key: &Key) -> Result<Loaded, StoreError> {
        let hash = key.hash();
        Ok(self.blocking(move |store| store.load(&hash)).await.context("loading")?)
    }

    async fn insert(&self, data: &Data, expires_at: DateTime<Utc>) -> Result<Key, StoreError> {
        let data = data.clone();
        let work = move |store: &Store| store.insert(data, expires_at);
        Ok(self.blocking(work).await.context("storing a new session")?)
    }

    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Merged, StoreError> {
        let (hash, change) = (key.hash(), Change::merge(changes));
        let work = move |store: &Store| store.change(hash, &change, expires_at);
        Ok(match self.blocking(work).await.context("merging")? {
            Some(Changed { followed: false, .. }) => Merged::Stored(key.clone()),
            Some(Changed { followed: true, .. }) => Merged::Followed,
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
        let (hash, change) = (key.hash(), Change::Add { name: name.to_owned(), by });
        let work = move |store: &Store| store.change(hash, &change, expires_at);
        Ok(match self.blocking(work).await.context("adding")? {
            Some(Changed { followed: false, data }) => Added::Now(data),
            Some(Changed { followed: true, data }) => Added::Followed(data),
            None => Added::Missing,
        })
    }

    /// Writes the file anew, as the moment stands inside.
    async fn touch(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<Touched, StoreError> {
        let key = key.clone();
        let work = move |store: &Store| store.touch(&key, expires_at, due);
        Ok(self.blocking(work).await.context("prolonging")?)
    }

    async fn rotate(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Option<Key>, StoreError> {
        let (hash, change) = (key.hash(), Change::merge(changes));
        let work = move |store: &Store| store.rotate(&hash, &change, expires_at);
        Ok(self.blocking(work).await.context("changing the key")?)
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        let hash = key.hash();
        Ok(self.blocking(move |store| store.delete(hash)).await.context("deleting")?)
    }
}
