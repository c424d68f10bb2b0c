//! The location of the cluster: `postgres` in the directory, or the target of a link of that name.
//!
//! It holds the cluster in `data`, the socket in `socket`, and `users.lock`. The lock lies beside the
//! cluster, so that processes which reach the cluster through different links share it.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use nix::unistd::geteuid;

use crate::account::Account;
use crate::directory::{self, Directory};

/// Parent of the clusters whose server cannot enter the directory, such as one below `/root`.
const SYSTEM_DATA: &str = "/var/lib";

/// The name that Postgres gives its socket. Without a TCP listener the port is only part of the name.
const SOCKET: &str = ".s.PGSQL.5432";

/// Size of a path in `sockaddr_un` without its final zero: 103 bytes on macOS and the BSDs, 107 on
/// Linux.
const MAX_SOCKET_PATH: usize = 103;

/// Where a cluster and its socket are, and the account that owns them.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    pub name: String,
    pub account: Account,
    path: PathBuf,
    directory: PathBuf,
    socket_directory: PathBuf,
}

impl Location {
    /// Finds the location, or prepares a new one. The caller must hold the start lock.
    pub fn open(directory: &Directory, name: &str) -> anyhow::Result<Self> {
        let link = directory.path().join("postgres");
        let is_unfinished = |path: &Path| {
            fs::metadata(path).is_ok_and(|found| geteuid().is_root() && found.uid() == 0)
                && !path.join("data").exists()
        };
        if is_unfinished(&link) {
            fs::remove_dir(&link).with_context(|| format!("cannot replace {}", link.display()))?;
        }
        if !link.exists() {
            create(directory, &link, name)?;
        }
        let path = link.canonicalize().with_context(|| format!("{}", link.display()))?;
        let account = Account::owner(&fs::metadata(&path)?);
        ensure!(!account.is_root(), "{} belongs to root, which Postgres refuses", path.display());
        ensure!(
            account.is_current() || geteuid().is_root(),
            "{} belongs to the user {account}; run this program as {account} or root",
            path.display()
        );
        let socket_directory = socket_directory(&path, name, account.uid);
        let name = name.to_owned();
        let directory = directory.path().to_owned();
        let location = Self { name, account, path, directory, socket_directory };
        location.create_socket_directory()?;
        Ok(location)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub fn socket_directory(&self) -> &Path {
        &self.socket_directory
    }

    pub fn socket(&self) -> PathBuf {
        self.socket_directory.join(SOCKET)
    }

    pub fn socket_lock(&self) -> PathBuf {
        self.socket_directory.join(format!("{SOCKET}.lock"))
    }

    /// Opens the server's log.
    pub fn log(&self) -> anyhow::Result<File> {
        directory::open_file(&self.directory, "postgres.log")
    }

    pub fn log_path(&self) -> PathBuf {
        self.directory.join("postgres.log")
    }

    /// Opens the file that each process keeps locked, shared, while it uses the server.
    pub fn users_lock(&self) -> anyhow::Result<File> {
        directory::open_file(&self.path, "users.lock")
    }

    /// Creates the directory of the socket. One that exists must be private: in `/tmp` any user may have
    /// created it.
    pub fn create_socket_directory(&self) -> anyhow::Result<()> {
        let path = &self.socket_directory;
        let shown = path.display();
        if directory::create(path, 0o700).with_context(|| format!("cannot create {shown}"))? {
            return directory::hand_over(path, self.account.uid, self.account.gid);
        }
        let found = fs::symlink_metadata(path).with_context(|| format!("{shown}"))?;
        let private = found.is_dir() && found.permissions().mode() & 0o077 == 0;
        ensure!(
            private && found.uid() == self.account.uid,
            "{shown} is not a directory that only {} can enter; remove it",
            self.account
        );
        Ok(())
    }

    /// Removes the directory of the socket from `/tmp` after the server has stopped.
    pub fn remove_socket_directory(&self) {
        if !self.socket_directory.starts_with(&self.path) {
            // It stays if it holds a file that is not ours.
            let _ = fs::remove_dir(&self.socket_directory);
        }
    }
}

fn create(directory: &Directory, link: &Path, name: &str) -> anyhow::Result<()> {
    if let Ok(target) = fs::read_link(link) {
        log::warn!("The database in {} is gone; creating an empty one", target.display());
        fs::remove_file(link).with_context(|| format!("{}", link.display()))?;
    }
    let parent = directory.path().parent().unwrap_or(directory.path());
    let account = Account::for_new_cluster(&fs::metadata(parent)?)?;
    directory::create(link, 0o700).with_context(|| format!("cannot create {}", link.display()))?;
    if account.is_current() {
        return Ok(());
    }
    let handed_over = directory::hand_over(link, account.uid, account.gid);
    if handed_over.is_ok() && account.can_write(link) {
        return Ok(());
    }
    fs::remove_dir(link)?;
    let target = create_in_system_data(directory.path(), &account, name)?;
    symlink(&target, link).with_context(|| format!("cannot link {}", link.display()))?;
    log::info!("The user {account} cannot enter {parent:?}; the database is in {target:?}");
    Ok(())
}

/// Creates a location outside of the directory. A later start finds the same one.
fn create_in_system_data(
    directory: &Path,
    account: &Account,
    name: &str,
) -> anyhow::Result<PathBuf> {
    let parent = Path::new(SYSTEM_DATA).join(name);
    directory::create(&parent, 0o711)
        .with_context(|| format!("cannot create {}", parent.display()))?;
    let project = directory.parent().and_then(Path::file_name).unwrap_or_default();
    let replace_special = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let project: String = project.to_string_lossy().chars().take(40).map(replace_special).collect();
    let path = parent.join(format!("{project}-{}", digest(directory)));
    directory::create(&path, 0o700).with_context(|| format!("cannot create {}", path.display()))?;
    // An existing one may belong to another user, and stays so; one of root is unfinished.
    if fs::metadata(&path)?.uid() == 0 {
        directory::hand_over(&path, account.uid, account.gid)?;
    }
    let owner = Account::owner(&fs::metadata(&path)?);
    if !owner.can_write(&path) {
        bail!("the user {owner} cannot write to {}", path.display());
    }
    Ok(path)
}

fn socket_directory(location: &Path, name: &str, uid: u32) -> PathBuf {
    let inside = location.join("socket");
    let fits = inside.as_os_str().len() + 1 + SOCKET.len() <= MAX_SOCKET_PATH;
    // Postgres parses the setting as a comma-separated list with quotes.
    if fits && inside.to_str().is_some_and(|inside| !inside.contains([',', '"'])) {
        return inside;
    }
    // Not $TMPDIR, which may differ between two processes that share the server.
    PathBuf::from(format!("/tmp/{name}-{uid}-{}", digest(location)))
}

/// Returns the FNV-1a hash of a path. Unlike the hashers of std, it never changes between builds.
fn digest(path: &Path) -> String {
    let hash =
        path.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, |hash, &b| {
            (hash ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    format!("{hash:016x}")
}

/// Removes a file that may be missing.
pub(crate) fn remove_if_present(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn socket_lies_beside_the_cluster_if_its_path_fits() {
        let location = Path::new("/home/a b/.films/postgres");
        assert_eq!(socket_directory(location, "films", 1000), location.join("socket"));
        let longest = MAX_SOCKET_PATH - "/socket/".len() - SOCKET.len();
        let location = PathBuf::from(format!("/{}", "x".repeat(longest - 1)));
        assert_eq!(socket_directory(&location, "films", 1000), location.join("socket"));
        let location = PathBuf::from(format!("/{}", "x".repeat(longest)));
        let outside = socket_directory(&location, "films", 1000);
        assert!(outside.to_str().unwrap().starts_with("/tmp/films-1000-"), "{outside:?}");
        assert!(socket_directory(Path::new("/home/a,b"), "films", 1000).starts_with("/tmp"));
    }
}
