//! Sessions in files.

mod folder;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use self::folder::{Folder, Sweep};
use crate::error::{Result, StoreError};
use crate::key::StoreKey;
use crate::record::{RecordStore, Versioned, Visit};
use crate::store::{Capabilities, delegate_store};

pub use self::folder::FolderError;

/// The threads that work on files at once.
const MAX_BLOCKING: usize = 32;

/// How long a change waits for another process that holds the lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

const LOCK_INTERVAL: Duration = Duration::from_millis(5);

/// Keeps each session in a file, named after the hash of its id and readable by the server's user
/// only. Processes of one machine may share a directory; it must be on a local file system, because
/// lock files order the writers. Clones share the directory.
#[derive(Debug, Clone)]
pub struct File(Arc<Versioned<Records>>);

impl File {
    /// Uses an existing directory. All names begin with `prefix`, so that several programs can
    /// share it. For so long as the process lives no session is lost; a power cut may lose the last
    /// seconds.
    ///
    /// # Errors
    /// When the directory cannot be used.
    pub fn open(directory: impl AsRef<Path>, prefix: &str) -> Result<Self, FolderError> {
        let folder = Arc::new(Folder::open(directory.as_ref(), prefix)?);
        let blocking = Semaphore::new(MAX_BLOCKING);
        let records = Records { folder, blocking, sweep: Arc::default() };
        Ok(Self(Arc::new(Versioned::new(records))))
    }
}

delegate_store!(File, 0);

#[derive(Debug)]
struct Records {
    folder: Arc<Folder>,
    blocking: Semaphore,
    /// A sweep that has not come to its end: each file is looked at once.
    sweep: Arc<Mutex<Option<Sweep>>>,
}

type Version = [u8; 32];

fn version(record: &[u8]) -> Version {
    Sha256::digest(record).into()
}

impl Records {
    /// Works on files in a thread for that.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _permit = self.blocking.acquire().await.map_err(StoreError::other)?;
        let folder = Arc::clone(&self.folder);
        tokio::task::spawn_blocking(move || work(&folder)).await.map_err(StoreError::other)?
    }

    /// Changes a file under its lock. No thread waits for the lock, so that its holder delays only
    /// the sessions that share it.
    async fn run_locked<T: Send + 'static>(
        &self,
        key: &StoreKey,
        work: impl Fn(&Folder) -> Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        let (start, key) = (Instant::now(), *key);
        loop {
            let work = work.clone();
            let done = self.run(move |folder| match folder.try_lock(&key)? {
                Some(_lock) => work(folder).map(Some),
                None => Ok(None),
            });
            match done.await? {
                Some(answer) => return Ok(answer),
                None if start.elapsed() > LOCK_TIMEOUT => return Err(StoreError::contended()),
                None => tokio::time::sleep(LOCK_INTERVAL).await,
            }
        }
    }
}

impl RecordStore for Records {
    type Version = Version;

    async fn get(&self, key: &StoreKey) -> Result<Option<(Vec<u8>, Version)>> {
        let key = *key;
        let record = self.run(move |folder| folder.read(&key)).await?;
        Ok(record.map(|record| {
            let version = version(&record);
            (record, version)
        }))
    }

    async fn insert(&self, key: &StoreKey, record: &[u8], _ttl: Duration) -> Result<bool> {
        let (key, record) = (*key, record.to_owned());
        self.run_locked(&key, move |folder| {
            let free = folder.read(&key)?.is_none();
            if free {
                folder.write(&key, &record)?;
            }
            Ok(free)
        })
        .await
    }

    async fn replace(
        &self,
        key: &StoreKey,
        expected: &Version,
        record: &[u8],
        _ttl: Duration,
    ) -> Result<bool> {
        let (key, expected, record) = (*key, *expected, record.to_owned());
        self.run_locked(&key, move |folder| {
            let same = folder.read(&key)?.is_some_and(|stored| version(&stored) == expected);
            if same {
                folder.write(&key, &record)?;
            }
            Ok(same)
        })
        .await
    }

    async fn remove(&self, key: &StoreKey, expected: &Version) -> Result<bool> {
        let (key, expected) = (*key, *expected);
        self.run_locked(&key, move |folder| {
            let same = folder.read(&key)?.is_some_and(|stored| version(&stored) == expected);
            if same {
                folder.remove(&key)?;
            }
            Ok(same)
        })
        .await
    }

    async fn remove_expired(&self, limit: usize) -> Result<usize> {
        let sweep = Arc::clone(&self.sweep);
        self.run(move |folder| {
            let mut kept = sweep.lock().unwrap_or_else(PoisonError::into_inner);
            let mut sweep = match kept.take() {
                Some(sweep) => sweep,
                None => folder.sweep()?,
            };
            let removed = sweep.remove(folder, limit)?;
            *kept = (removed == limit).then_some(sweep);
            Ok(removed)
        })
        .await
    }

    async fn count_expired(&self) -> Result<usize> {
        self.run(|folder| folder.sweep()?.count(folder)).await
    }

    async fn scan(&self, visit: Visit<'_>) -> Result<()> {
        let records = self.run(|folder| folder.sweep()?.records(folder)).await?;
        for (key, record) in records {
            visit(&key, &record);
        }
        Ok(())
    }

    async fn ping(&self) -> Result<()> {
        self.run(Folder::check).await
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { counters: true, principals: true, ..Capabilities::default() }
    }
}

#[cfg(test)]
mod tests;
