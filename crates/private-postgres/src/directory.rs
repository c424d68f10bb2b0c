//! The directory given to [`PrivatePostgres::start`](crate::PrivatePostgres::start), and files in it.
//!
//! Root hands what it creates to the owner of the parent directory, so that the owner can go on without
//! root. The owner may be another user than the current one and may put anything into the directory.
//! Therefore root hands over only what it has just created, and no file is opened through a link.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{
    DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown, lchown,
};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
use nix::unistd::geteuid;

use crate::poll_deadline::PollDeadline;

/// The directory that holds the start lock, the server's log and, as a rule, the cluster.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Opens the directory; creates it if it is missing.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let path = std::path::absolute(path).with_context(|| format!("{shown}"))?;
        // The server of another user must be able to pass through a directory of root.
        let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {shown}"))?;
            if create(&path, mode).with_context(|| format!("cannot create {shown}"))? {
                let parent = fs::metadata(parent)?;
                hand_over(&path, parent.uid(), parent.gid())?;
            }
        }
        let path = path.canonicalize().with_context(|| format!("cannot open {shown}"))?;
        Ok(Self { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lock that is held while a server is started or stopped. Dropping the file releases it.
    pub fn start_lock(&self, deadline: &PollDeadline) -> anyhow::Result<File> {
        let file = open_file(&self.path, "start.lock")?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if deadline.wait() => {}
                Err(TryLockError::WouldBlock) => bail!(
                    "timed out: another process is starting or stopping Postgres and holds {}",
                    self.path.join("start.lock").display()
                ),
                Err(TryLockError::Error(error)) => return Err(error).context("start.lock"),
            }
        }
    }
}

/// Opens a file for reading and appending. A new file belongs to the owner of `directory`.
///
/// # Errors
/// When the name is taken by a link, by anything else than a file, or by the file of another user.
pub(crate) fn open_file(directory: &Path, name: &str) -> anyhow::Result<File> {
    let path = directory.join(name);
    let shown = path.display();
    let parent = fs::metadata(directory)?;
    let mut options = no_links();
    options.read(true).append(true);
    let file = match options.clone().create_new(true).mode(0o600).open(&path) {
        Ok(file) if geteuid().is_root() => {
            fchown(&file, Some(parent.uid()), Some(parent.gid()))
                .with_context(|| format!("cannot change the owner of {shown}"))?;
            Ok(file)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => options.open(&path),
        opened => opened,
    };
    let file = file.with_context(|| format!("cannot open {shown}, which must not be a link"))?;
    let found = file.metadata()?;
    ensure!(
        found.is_file()
            && found.nlink() <= 1
            && (found.uid() == parent.uid() || found.uid() == geteuid().as_raw()),
        "{shown} is not a file of the directory's owner; remove it"
    );
    Ok(file)
}

/// Reads a small file whose directory another user may own.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    let file = no_links().read(true).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut text = String::new();
    file.take(1 << 16).read_to_string(&mut text)?;
    Ok(text)
}

/// Refuses symbolic links, and does not wait for the other end of a named pipe.
pub(crate) fn no_links() -> OpenOptions {
    let mut options = File::options();
    options.custom_flags(O_NOFOLLOW | O_NONBLOCK);
    options
}

/// Creates a directory with exactly this mode. Returns false if the name exists already.
pub(crate) fn create(path: &Path, mode: u32) -> anyhow::Result<bool> {
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => {
            // The umask may have removed bits.
            fs::set_permissions(path, Permissions::from_mode(mode))?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Changes the owner of a directory if this process is root.
pub(crate) fn hand_over(path: &Path, uid: u32, gid: u32) -> anyhow::Result<()> {
    if geteuid().is_root() {
        lchown(path, Some(uid), Some(gid))
            .with_context(|| format!("cannot change the owner of {}", path.display()))?;
    }
    Ok(())
}
