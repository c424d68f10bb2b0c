//! Where the cluster lives: `.marquee/postgres`, or what that name links to.
//!
//! The home has the cluster in `data`, the socket in `socket`, and `users.lock`, which stands with
//! the cluster so that two copies of a link agree on who uses it.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use nix::unistd::geteuid;

use crate::account::Account;
use crate::folder::{self, Folder};

/// For clusters whose server cannot enter the checkout, as one below `/root`.
const ELSEWHERE: &str = "/var/lib/marquee";

/// The name Postgres gives its socket. We have no TCP port, so the number is only part of it.
const SOCKET: &str = ".s.PGSQL.5432";

/// Room in `sockaddr_un`: 104 bytes on macOS and the BSDs, 108 on Linux, with the final zero.
const LONGEST_SOCKET: usize = 103;

#[derive(Clone, Debug)]
pub struct Home {
    pub account: Account,
    path: PathBuf,
    folder: PathBuf,
    socket_folder: PathBuf,
}

impl Home {
    /// Call with the start lock held.
    pub fn open(folder: &Folder) -> anyhow::Result<Self> {
        let name = folder.path().join("postgres");
        let unfinished = |path: &Path| {
            fs::metadata(path).is_ok_and(|found| geteuid().is_root() && found.uid() == 0)
                && !path.join("data").exists()
        };
        if unfinished(&name) {
            fs::remove_dir(&name).with_context(|| format!("{} is in the way", name.display()))?;
        }
        if !name.exists() {
            make(folder, &name)?;
        }
        let path = name.canonicalize().with_context(|| format!("{}", name.display()))?;
        let account = Account::of(&fs::metadata(&path)?);
        ensure!(!account.is_root(), "{} belongs to root, which Postgres refuses", path.display());
        ensure!(
            account.is_us() || geteuid().is_root(),
            "{} belongs to the user {account}: only {account} or root can use it",
            path.display()
        );
        let socket_folder = socket_folder(&path, account.uid);
        let home = Self { account, folder: folder.path().to_owned(), path, socket_folder };
        home.make_socket_folder()?;
        Ok(home)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub fn socket_folder(&self) -> &Path {
        &self.socket_folder
    }

    pub fn socket(&self) -> PathBuf {
        self.socket_folder.join(SOCKET)
    }

    pub fn socket_lock(&self) -> PathBuf {
        self.socket_folder.join(format!("{SOCKET}.lock"))
    }

    /// What the server has to say.
    pub fn log(&self) -> anyhow::Result<File> {
        folder::file(&self.folder, self.log_name())
    }

    pub fn log_path(&self) -> PathBuf {
        self.folder.join(self.log_name())
    }

    fn log_name(&self) -> &'static str {
        "postgres.log"
    }

    /// Each process that needs the server holds it locked, shared.
    pub fn users_lock(&self) -> anyhow::Result<File> {
        folder::file(&self.path, "users.lock")
    }

    /// Anybody may make a name in `/tmp`, so what is there must be shown to be ours.
    pub fn make_socket_folder(&self) -> anyhow::Result<()> {
        let path = &self.socket_folder;
        let shown = path.display();
        if folder::make(path, 0o700).with_context(|| format!("cannot make {shown}"))? {
            return folder::give(path, self.account.uid, self.account.gid);
        }
        let found = fs::symlink_metadata(path).with_context(|| format!("{shown}"))?;
        let private = found.is_dir() && found.permissions().mode() & 0o077 == 0;
        ensure!(
            private && found.uid() == self.account.uid,
            "{shown} is not a folder that only {} can enter; remove it",
            self.account
        );
        Ok(())
    }

    /// Leaves no trace in `/tmp`. Call when the server has ended.
    pub fn remove_socket_folder(&self) {
        if !self.socket_folder.starts_with(&self.path) {
            // Fails if somebody put something there; then it is not ours to remove.
            let _ = fs::remove_dir(&self.socket_folder);
        }
    }
}

fn make(folder: &Folder, name: &Path) -> anyhow::Result<()> {
    if let Ok(gone) = fs::read_link(name) {
        log::warn!("The database in {} is gone; starting with an empty one", gone.display());
        fs::remove_file(name).with_context(|| format!("{}", name.display()))?;
    }
    let around = folder.path().parent().unwrap_or(folder.path());
    let account = Account::for_new(&fs::metadata(around)?)?;
    folder::make(name, 0o700).with_context(|| format!("cannot make {}", name.display()))?;
    if account.is_us() {
        return Ok(());
    }
    let given = folder::give(name, account.uid, account.gid);
    if given.is_ok() && account.can_write(name) {
        return Ok(());
    }
    fs::remove_dir(name)?;
    let elsewhere = elsewhere(folder.path(), &account)?;
    symlink(&elsewhere, name).with_context(|| format!("cannot link {}", name.display()))?;
    log::info!("The user {account} cannot enter this folder; Postgres is in {elsewhere:?}");
    Ok(())
}

/// A home outside of the checkout; a second start finds the same one.
fn elsewhere(folder: &Path, account: &Account) -> anyhow::Result<PathBuf> {
    folder::make(Path::new(ELSEWHERE), 0o711)
        .with_context(|| format!("cannot make {ELSEWHERE}"))?;
    let checkout = folder.parent().and_then(Path::file_name).unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let checkout: String = checkout.to_string_lossy().chars().take(40).map(plain).collect();
    let path = Path::new(ELSEWHERE).join(format!("{checkout}-{}", digest(folder)));
    folder::make(&path, 0o700).with_context(|| format!("cannot make {}", path.display()))?;
    // One found here may belong to another user, who goes on with it; root's is unfinished.
    if fs::metadata(&path)?.uid() == 0 {
        folder::give(&path, account.uid, account.gid)?;
    }
    let owner = Account::of(&fs::metadata(&path)?);
    if !owner.can_write(&path) {
        bail!("The user {owner} cannot enter {}; set DATABASE_URL instead", path.display());
    }
    Ok(path)
}

fn socket_folder(home: &Path, uid: u32) -> PathBuf {
    let near = home.join("socket");
    let fits = near.as_os_str().len() + 1 + SOCKET.len() <= LONGEST_SOCKET;
    // Postgres takes a list of folders with commas between, and quotes.
    if fits && near.to_str().is_some_and(|near| !near.contains([',', '"'])) {
        return near;
    }
    // Not $TMPDIR, which may differ between two processes that should meet.
    PathBuf::from(format!("/tmp/marquee-{uid}-{}", digest(home)))
}

/// FNV-1a: the same in every build, which the hashers of std do not promise.
fn digest(path: &Path) -> String {
    let hash =
        path.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, |hash, &b| {
            (hash ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    format!("{hash:016x}")
}

/// A file that is missing already is fine.
pub fn remove_if_there(path: &Path) -> anyhow::Result<()> {
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
    fn a_socket_stays_with_its_cluster_while_its_path_fits() {
        let home = Path::new("/home/a b/.marquee/postgres");
        assert_eq!(socket_folder(home, 1000), home.join("socket"));
        let longest = LONGEST_SOCKET - "/socket/".len() - SOCKET.len();
        let home = PathBuf::from(format!("/{}", "x".repeat(longest - 1)));
        assert_eq!(socket_folder(&home, 1000), home.join("socket"));
        let home = PathBuf::from(format!("/{}", "x".repeat(longest)));
        assert!(socket_folder(&home, 1000).starts_with("/tmp"));
        assert!(socket_folder(Path::new("/home/a,b"), 1000).starts_with("/tmp"));
    }
}
