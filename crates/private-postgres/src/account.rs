//! The user that the server runs as. Postgres refuses to run as root.

use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;
use nix::unistd::{Uid, User, geteuid};

/// A user of the operating system.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub uid: u32,
    pub gid: u32,
    name: String,
}

impl Account {
    /// Chooses the account for a new cluster in a directory with these metadata. For root it is the
    /// directory's owner, then `postgres`, then `nobody`.
    pub fn for_new_cluster(parent: &Metadata) -> anyhow::Result<Self> {
        if !geteuid().is_root() {
            return Self::find(geteuid())
                .context("initdb needs a user name, and the user of this process has none");
        }
        let owner = Uid::from_raw(parent.uid());
        let owner = if owner.is_root() { None } else { Self::find(owner) };
        let named = |name| User::from_name(name).ok().flatten().map(Self::from);
        owner
            .or_else(|| named("postgres"))
            .or_else(|| named("nobody"))
            .context("Postgres refuses to run as root, and there is no user postgres or nobody")
    }

    /// Returns the account that owns a cluster with these metadata.
    pub fn owner(cluster: &Metadata) -> Self {
        let (uid, gid) = (cluster.uid(), cluster.gid());
        Self::find(Uid::from_raw(uid)).unwrap_or_else(|| Self { uid, gid, name: uid.to_string() })
    }

    /// Looks the user up in the system's user database.
    fn find(uid: Uid) -> Option<Self> {
        User::from_uid(uid).ok().flatten().map(Self::from)
    }

    pub fn is_root(&self) -> bool {
        self.uid == 0
    }

    pub fn is_current(&self) -> bool {
        self.uid == geteuid().as_raw()
    }

    /// Returns a command of Postgres that runs as this account, without the environment variables by
    /// which users configure Postgres clients.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // Postgres returns to its initial working directory, which this account must be able to enter.
        command.current_dir("/").stdin(Stdio::null());
        // C gives English messages. On macOS other locales may start threads, which Postgres refuses.
        command.env("LC_ALL", "C").env_remove("NOTIFY_SOCKET");
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        if !self.is_current() {
            // Also drops root's supplementary groups.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Checks by trying: permission bits do not show ACLs, namespaces and network file systems.
    pub fn can_write(&self, directory: &Path) -> bool {
        // The child enters its working directory after it has changed its user.
        let mut test = self.command("test");
        test.args(["-w", "."]).current_dir(directory);
        test.status().is_ok_and(|status| status.success())
    }
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        Self { uid: user.uid.as_raw(), gid: user.gid.as_raw(), name: user.name }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}
