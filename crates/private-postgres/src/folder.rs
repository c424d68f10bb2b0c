//! The folder that holds all that is private to one checkout, `.marquee`, and files in it.
//!
//! Root gives what it makes to the owner of the folder around it, so that the owner of a checkout
//! can go on without root. It gives away only what it made itself, never what was found: a link
//! put there by the owner could name any file of the system.

use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{
    DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown, lchown,
};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use nix::unistd::geteuid;

use crate::patience::Patience;

#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let path = std::path::absolute(path).with_context(|| format!("{shown}"))?;
        // Another user's server must be able to pass through a folder of root.
        let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot make {shown}"))?;
            if make(&path, mode).with_context(|| format!("cannot make {shown}"))? {
                let above = fs::metadata(parent)?;
                give(&path, above.uid(), above.gid())?;
            }
        }
        let path = path.canonicalize().with_context(|| format!("cannot open {shown}"))?;
        Ok(Self { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Held while a server of this folder is started or stopped; released when dropped.
    pub fn start_lock(&self, patience: &Patience) -> anyhow::Result<File> {
        let file = file(&self.path, "start.lock")?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if patience.wait() => {}
                Err(TryLockError::WouldBlock) => bail!(
                    "Another process has been starting or stopping Postgres for too long; it holds {}",
                    self.path.join("start.lock").display()
                ),
                Err(TryLockError::Error(error)) => return Err(error).context("start.lock"),
            }
        }
    }
}

/// Opens the file for reading and appending; a new one belongs to the owner of `folder`.
pub fn file(folder: &Path, name: &str) -> anyhow::Result<File> {
    let path = folder.join(name);
    let shown = path.display();
    let mut options = File::options();
    options.read(true).append(true);
    let file = match options.clone().create_new(true).mode(0o600).open(&path) {
        Ok(file) if geteuid().is_root() => {
            let above = fs::metadata(folder)?;
            fchown(&file, Some(above.uid()), Some(above.gid()))
                .with_context(|| format!("cannot give away {shown}"))?;
            Ok(file)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => options.open(&path),
        opened => opened,
    };
    file.with_context(|| format!("cannot open {shown}"))
}

/// False when something of that name exists already.
pub fn make(path: &Path, mode: u32) -> anyhow::Result<bool> {
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => {
            // The umask may have taken bits away.
            fs::set_permissions(path, Permissions::from_mode(mode))?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Makes a folder somebody else's, when we are root.
pub fn give(path: &Path, uid: u32, gid: u32) -> anyhow::Result<()> {
    if geteuid().is_root() {
        lchown(path, Some(uid), Some(gid))
            .with_context(|| format!("cannot give away {}", path.display()))?;
    }
    Ok(())
}
