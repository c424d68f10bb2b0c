//! The files of a folder: found whole or not at all, and changed by one writer at a time.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};

use super::record::{HEADER, Hash, Life, Record};

/// How many lock files the sessions share.
const STRIPES: u8 = 64;
/// What Linux's file systems allow.
const LONGEST_NAME: usize = 255;
/// A hash in hexadecimal digits and the mark of a damaged file.
const LONGEST_SUFFIX: usize = 64 + DAMAGED.len();
const DAMAGED: &str = ".damaged";
const TEMPORARY: &str = ".temp-";

/// A folder's files that begin with `prefix`; others are not looked at.
#[derive(Clone)]
pub struct Folder {
    path: PathBuf,
    prefix: String,
    /// Whether a write waits for the disk.
    pub durable: bool,
}

/// What is under a name.
enum Found {
    Nothing,
    Record(Record),
    Damaged(anyhow::Error),
}

/// What a name in the folder stands for.
pub enum Kind {
    Session(Hash),
    Temporary,
}

impl Folder {
    pub fn open(path: &Path, prefix: &str) -> anyhow::Result<Self> {
        let setting = format!("SESSION_FILE_PATH={}", path.display());
        let metadata = fs::metadata(path).with_context(|| format!("{setting}: no such folder"))?;
        ensure!(metadata.is_dir(), "{setting}: this is no folder");
        ensure!(
            !prefix.contains(['/', '\0']) && prefix.len() + LONGEST_SUFFIX <= LONGEST_NAME,
            "SESSION_COOKIE_NAME={prefix:?}: too long, or with a slash, to begin a file's name"
        );
        if metadata.permissions().mode() & 0o022 != 0 {
            log::warn!("{setting}: who else can write there can make up sessions; use chmod 700");
        }
        let folder = Self {
            path: std::path::absolute(path).context(setting.clone())?,
            prefix: prefix.to_owned(),
            durable: false,
        };
        let trial = folder.temporary();
        create(&trial)
            .and_then(|_| fs::remove_file(&trial))
            .with_context(|| format!("{setting}: the server cannot write there"))?;
        Ok(folder)
    }

    /// Waits until no one else changes this session, or another of its stripe.
    pub fn lock(&self, hash: Hash) -> anyhow::Result<Locked<'_>> {
        let path = self.path.join(format!("{}.lock-{:02x}", self.prefix, hash[0] % STRIPES));
        loop {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).mode(0o600);
            let file = options.open(&path).context("opening a lock file")?;
            while let Err(error) = file.lock() {
                let interrupted = error.kind() == ErrorKind::Interrupted;
                ensure!(interrupted, anyhow!(error).context("locking"));
            }
            // Whoever cleans up the folder may have removed the file meanwhile; then the next
            // writer locks another one.
            if fs::metadata(&path).is_ok_and(|now| Some(now.ino()) == inode(&file)) {
                return Ok(Locked { folder: self, hash, _lock: file });
            }
        }
    }

    /// Needs no lock: a file is replaced as a whole.
    pub fn read(&self, hash: Hash) -> anyhow::Result<Option<Record>> {
        let why = match self.look(&hash)? {
            Found::Nothing => return Ok(None),
            Found::Record(record) => return Ok(Some(record)),
            Found::Damaged(why) => why,
        };
        // Under the lock nothing sound can come in its place before it is moved.
        match self.lock(hash) {
            Ok(locked) => locked.read(),
            Err(error) => {
                log::warn!("session {}: {why:#}; it stays there: {error:#}", short(&hash));
                Ok(None)
            }
        }
    }

    /// As [`Folder::read`], but moves nothing: damage is as good as nothing.
    pub fn peek(&self, hash: &Hash) -> anyhow::Result<Option<Record>> {
        Ok(match self.look(hash)? {
            Found::Record(record) => Some(record),
            Found::Nothing | Found::Damaged(_) => None,
        })
    }

    /// Writes the first file of a key that no one knows yet.
    pub fn create(&self, hash: &Hash, record: &Record) -> anyhow::Result<()> {
        let path = self.file(hash);
        ensure!(metadata(&path)?.is_none(), "a generated key is in use already");
        self.replace(&path, &record.encode(hash)?)
    }

    /// Takes back what [`Folder::create`] made.
    pub fn discard(&self, hash: &Hash) -> anyhow::Result<()> {
        self.remove_file(&self.file(hash))
    }

    /// Every file of this prefix, as `read_dir` finds them.
    pub fn files(&self) -> anyhow::Result<impl Iterator<Item = anyhow::Result<(PathBuf, Kind)>>> {
        let entries = fs::read_dir(&self.path).context("listing the folder")?;
        Ok(entries.filter_map(|entry| match entry {
            Ok(entry) => Some(Ok((entry.path(), self.kind(entry.file_name().to_str()?)?))),
            Err(error) => Some(Err(anyhow!(error).context("listing the folder"))),
        }))
    }

    /// Removing what is not there is no error.
    pub fn remove_file(&self, path: &Path) -> anyhow::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error).context("removing"),
            _ => self.settle(),
        }
    }

    fn look(&self, hash: &Hash) -> anyhow::Result<Found> {
        let path = self.file(hash);
        let Some(metadata) = metadata(&path)? else {
            // An unmounted folder must not end every visitor's session.
            ensure!(self.path.is_dir(), "the folder is gone");
            return Ok(Found::Nothing);
        };
        // A pipe would keep its reader waiting.
        if !metadata.is_file() {
            return Ok(Found::Damaged(anyhow!("it is no plain file")));
        }
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => match error.kind() {
                ErrorKind::NotFound => return Ok(Found::Nothing),
                ErrorKind::PermissionDenied => return Ok(Found::Damaged(anyhow!(error))),
                // The machine's trouble, such as too many open files, is not the file's.
                _ => return Err(error).context("reading"),
            },
        };
        Ok(Record::decode(&bytes, hash).map_or_else(Found::Damaged, Found::Record))
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
        let temporary = self.temporary();
        let write = || {
            let mut file = create(&temporary)?;
            file.write_all(bytes)?;
            if self.durable {
                file.sync_all()?;
            }
            fs::rename(&temporary, path)
        };
        if let Err(error) = write() {
            // The first error says more; what stays is swept an hour later.
            let _ = fs::remove_file(&temporary);
            return Err(error).context("writing");
        }
        self.settle()
    }

    /// A name is on the disk once its folder is.
    fn settle(&self) -> anyhow::Result<()> {
        if self.durable {
            File::open(&self.path).and_then(|folder| folder.sync_all()).context("syncing")?;
        }
        Ok(())
    }

    fn file(&self, hash: &Hash) -> PathBuf {
        self.path.join(format!("{}{}", self.prefix, hex(hash)))
    }

    fn temporary(&self) -> PathBuf {
        let unique = rand::random::<[u8; 16]>();
        self.path.join(format!("{}{TEMPORARY}{}", self.prefix, hex(&unique)))
    }

    fn kind(&self, name: &str) -> Option<Kind> {
        let rest = name.strip_prefix(&self.prefix)?;
        match rest.strip_prefix(TEMPORARY) {
            Some(rest) => unhex::<16>(rest).map(|_| Kind::Temporary),
            None => unhex(rest).map(Kind::Session),
        }
    }
}

/// The right to change one session's file.
pub struct Locked<'a> {
    folder: &'a Folder,
    hash: Hash,
    /// Unlocks when closed.
    _lock: File,
}

impl Locked<'_> {
    /// Sets a damaged file aside: `None`.
    pub fn read(&self) -> anyhow::Result<Option<Record>> {
        match self.folder.look(&self.hash)? {
            Found::Nothing => Ok(None),
            Found::Record(record) => Ok(Some(record)),
            Found::Damaged(why) => {
                self.set_aside(&why);
                Ok(None)
            }
        }
    }

    pub fn write(&self, record: &Record) -> anyhow::Result<()> {
        self.folder.replace(&self.folder.file(&self.hash), &record.encode(&self.hash)?)
    }

    pub fn remove(&self) -> anyhow::Result<()> {
        self.folder.remove_file(&self.folder.file(&self.hash))
    }

    fn set_aside(&self, why: &anyhow::Error) {
        let path = self.folder.file(&self.hash);
        let mut aside = path.clone().into_os_string();
        aside.push(DAMAGED);
        let short = short(&self.hash);
        match fs::rename(&path, aside) {
            Ok(()) => log::warn!("session {short}: {why:#}; now named .damaged"),
            Err(error) => log::warn!("session {short}: {why:#}; it stays there: {error}"),
        }
    }
}

/// From the beginning of a file, when that can be read and is ours.
pub fn life(path: &Path) -> anyhow::Result<Life> {
    ensure!(fs::symlink_metadata(path)?.is_file(), "it is no plain file");
    let mut header = [0; HEADER];
    File::open(path)?.read_exact(&mut header)?;
    Life::decode(&header)
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// `None`: there is no such file. An error: that cannot be known, as the folder is closed to us.
fn metadata(path: &Path) -> anyhow::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("looking into the folder"),
    }
}

fn inode(file: &File) -> Option<u64> {
    file.metadata().ok().map(|metadata| metadata.ino())
}

/// Enough to find the file by, and nothing to find the key by.
fn short(hash: &Hash) -> String {
    hex(&hash[..4])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let mut bytes = [0; N];
    if text.len() != 2 * N || !digits {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}
