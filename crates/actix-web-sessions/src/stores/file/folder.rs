//! The files of a directory: found whole or not at all.

use std::fs::{self, File, OpenOptions, ReadDir};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::{Result, StoreError};
use crate::key::{StoreKey, hex};
use crate::record::{RecordState, record_is_of, record_state};

/// The lock files that the sessions share.
const STRIPES: u8 = 64;
/// The maximum of Linux's file systems.
const MAX_NAME: usize = 255;
const DAMAGED: &str = ".damaged";
const TEMPORARY: &str = ".temp-";
/// The age at which temporary and damaged files are removed.
const MAX_LEFTOVER_AGE: Duration = Duration::from_secs(3600);

/// The directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
#[non_exhaustive]
pub struct FolderError {
    /// The directory.
    pub path: PathBuf,
    /// The problem with it.
    pub reason: String,
}

/// A directory's files that begin with `prefix`; others are not looked at.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    prefix: String,
    /// The user of this process.
    owner: u32,
}

impl Folder {
    pub fn open(path: &Path, prefix: &str) -> Result<Self, FolderError> {
        let error = |reason: String| FolderError { path: path.to_owned(), reason };
        let metadata = fs::metadata(path).map_err(|cause| error(cause.to_string()))?;
        if !metadata.is_dir() {
            return Err(error("it is not a directory".into()));
        }
        if prefix.contains(['/', '\0']) || prefix.len() + 64 + DAMAGED.len() > MAX_NAME {
            return Err(error(format!("{prefix:?} cannot begin the name of a file")));
        }
        if metadata.permissions().mode() & 0o022 != 0 {
            log::warn!("{}: other users can write there; use chmod 700", path.display());
        }
        let path = std::path::absolute(path).map_err(|cause| error(cause.to_string()))?;
        let mut folder = Self { path, prefix: prefix.to_owned(), owner: 0 };
        let trial = folder.temporary().map_err(|cause| error(cause.to_string()))?;
        let owner = create(&trial).and_then(|file| {
            let owner = file.metadata()?.uid();
            fs::remove_file(&trial)?;
            Ok(owner)
        });
        folder.owner = owner.map_err(|cause| error(format!("cannot write there: {cause}")))?;
        Ok(folder)
    }

    /// An unmounted directory must not end every session.
    pub fn check(&self) -> Result<()> {
        if self.path.is_dir() {
            Ok(())
        } else {
            Err(StoreError::unavailable("the session directory is gone"))
        }
    }

    /// Returns the right to change one session's file, or another's of its stripe; `None` if
    /// somebody else has it.
    pub fn try_lock(&self, key: &StoreKey) -> Result<Option<File>> {
        let stripe = key.as_bytes()[0] % STRIPES;
        let path = self.path.join(format!("{}.lock-{stripe:02x}", self.prefix));
        let lock = self.open_own(&path).map_err(StoreError::unavailable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            Err(fs::TryLockError::Error(error)) => return Err(StoreError::unavailable(error)),
        }
        // A clean-up of the directory may have removed the file meanwhile; then the next writer
        // locks another one.
        let same = fs::symlink_metadata(&path).is_ok_and(|now| {
            lock.metadata().is_ok_and(|own| (own.dev(), own.ino()) == (now.dev(), now.ino()))
        });
        Ok(same.then_some(lock))
    }

    /// Opens a lock file of this process's user; never a link or another's file.
    fn open_own(&self, path: &Path) -> io::Result<File> {
        if let Ok(metadata) = fs::symlink_metadata(path) {
            if !metadata.is_file() || metadata.uid() != self.owner {
                return Err(io::Error::other("the lock file belongs to somebody else"));
            }
            return OpenOptions::new().read(true).write(true).open(path);
        }
        match create(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                OpenOptions::new().read(true).write(true).open(path)
            }
            created => created,
        }
    }

    /// Needs no lock, as a file is replaced as a whole. A damaged file is set aside.
    pub fn read(&self, key: &StoreKey) -> Result<Option<Vec<u8>>> {
        let path = self.file(key);
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return self.check().map(|()| None);
            }
            Err(error) => return Err(StoreError::unavailable(error)),
        };
        // A pipe would keep its reader waiting, and another user's file is none of ours.
        if !metadata.is_file() || metadata.uid() != self.owner {
            self.set_aside(key, &path);
            return Ok(None);
        }
        let mut record = Vec::new();
        match File::open(&path).and_then(|mut file| file.read_to_end(&mut record)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                self.set_aside(key, &path);
                return Ok(None);
            }
            // The machine's trouble, such as too many open files, is not the file's.
            Err(error) => return Err(StoreError::unavailable(error)),
        }
        if !record_is_of(key, &record) {
            self.set_aside(key, &path);
            return Ok(None);
        }
        Ok(Some(record))
    }

    pub fn write(&self, key: &StoreKey, record: &[u8]) -> Result<()> {
        let temporary = self.temporary()?;
        let write = || {
            create(&temporary)?.write_all(record)?;
            fs::rename(&temporary, self.file(key))
        };
        write().map_err(|error| {
            // The first error says more; what stays is swept.
            _ = fs::remove_file(&temporary);
            StoreError::unavailable(error)
        })
    }

    pub fn remove(&self, key: &StoreKey) -> Result<()> {
        remove(&self.file(key)).map_err(StoreError::unavailable)
    }

    pub fn sweep(&self) -> Result<Sweep> {
        fs::read_dir(&self.path).map(Sweep).map_err(StoreError::unavailable)
    }

    fn set_aside(&self, key: &StoreKey, path: &Path) {
        let mut aside = path.to_owned().into_os_string();
        aside.push(DAMAGED);
        match fs::rename(path, aside) {
            Ok(()) => log::warn!("session {key:?}: the file is damaged; it is now named {DAMAGED}"),
            Err(error) => log::warn!("session {key:?}: the file is damaged, and stays: {error}"),
        }
    }

    fn file(&self, key: &StoreKey) -> PathBuf {
        self.path.join(format!("{}{}", self.prefix, key.to_hex()))
    }

    fn temporary(&self) -> Result<PathBuf> {
        let mut unique = [0; 16];
        getrandom::fill(&mut unique).map_err(StoreError::other)?;
        Ok(self.path.join(format!("{}{TEMPORARY}{}", self.prefix, hex(&unique))))
    }
}

/// A walk over the files of a directory.
#[derive(Debug)]
pub struct Sweep(ReadDir);

impl Sweep {
    /// Removes at most `limit` expired records, and old temporary and damaged files.
    pub fn remove(&mut self, folder: &Folder, limit: usize) -> Result<usize> {
        let mut removed = 0;
        while removed < limit
            && let Some(found) = self.next(folder)?
        {
            match found {
                Found::Leftover(path) => {
                    let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
                    let age = modified.ok().and_then(|modified| modified.elapsed().ok());
                    if age.is_some_and(|age| age > MAX_LEFTOVER_AGE) {
                        _ = remove(&path);
                    }
                }
                Found::Record(key) if is_over(folder, &key)? => {
                    // Somebody may just be extending it.
                    if let Some(_lock) = folder.try_lock(&key)?
                        && is_over(folder, &key)?
                    {
                        folder.remove(&key)?;
                        removed += 1;
                    }
                }
                Found::Record(_) => {}
            }
        }
        Ok(removed)
    }

    pub fn count(&mut self, folder: &Folder) -> Result<usize> {
        let mut count = 0;
        while let Some(found) = self.next(folder)? {
            if let Found::Record(key) = found {
                count += usize::from(is_over(folder, &key)?);
            }
        }
        Ok(count)
    }

    pub fn records(&mut self, folder: &Folder) -> Result<Vec<(StoreKey, Vec<u8>)>> {
        let mut records = Vec::new();
        while let Some(found) = self.next(folder)? {
            if let Found::Record(key) = found {
                records.extend(folder.read(&key)?.map(|record| (key, record)));
            }
        }
        Ok(records)
    }

    fn next(&mut self, folder: &Folder) -> Result<Option<Found>> {
        for entry in &mut self.0 {
            let entry = entry.map_err(StoreError::unavailable)?;
            let name = entry.file_name();
            let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(&folder.prefix))
            else {
                continue;
            };
            if rest.starts_with(TEMPORARY) || rest.ends_with(DAMAGED) {
                return Ok(Some(Found::Leftover(entry.path())));
            }
            if let Some(key) = StoreKey::from_hex(rest) {
                return Ok(Some(Found::Record(key)));
            }
        }
        Ok(None)
    }
}

enum Found {
    Record(StoreKey),
    /// A temporary or damaged file.
    Leftover(PathBuf),
}

fn is_over(folder: &Folder, key: &StoreKey) -> Result<bool> {
    let record = folder.read(key)?;
    Ok(record.is_some_and(|record| match record_state(&record) {
        RecordState::KeptUntil(end) => end <= SystemTime::now(),
        RecordState::Damaged => false,
    }))
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Removing a missing file is no error.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
