//! Whom the server runs as: Postgres refuses to run as root.

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

#[derive(Clone, Debug)]
pub struct Account {
    pub uid: u32,
    pub gid: u32,
    name: String,
}

impl Account {
    /// The account to make a new cluster with, in a folder with these metadata.
    pub fn for_new(around: &Metadata) -> anyhow::Result<Self> {
        if !geteuid().is_root() {
            return Self::known(geteuid()).context(
                "the user of this process has no name, which initdb needs; set DATABASE_URL",
            );
        }
        let owner = Uid::from_raw(around.uid());
        let owner = if owner.is_root() { None } else { Self::known(owner) };
        let named = |name| User::from_name(name).ok().flatten().map(Self::from);
        owner
            .or_else(|| named("postgres"))
            .or_else(|| named("nobody"))
            .context("Postgres refuses to run as root, and there is no user postgres or nobody")
    }

    /// The account an existing cluster, with these metadata, belongs to.
    pub fn of(cluster: &Metadata) -> Self {
        let (uid, gid) = (cluster.uid(), cluster.gid());
        Self::known(Uid::from_raw(uid)).unwrap_or_else(|| Self { uid, gid, name: uid.to_string() })
    }

    /// `initdb` insists on a name, so a bare number is nobody.
    fn known(uid: Uid) -> Option<Self> {
        User::from_uid(uid).ok().flatten().map(Self::from)
    }

    pub fn is_root(&self) -> bool {
        self.uid == 0
    }

    pub fn is_us(&self) -> bool {
        self.uid == geteuid().as_raw()
    }

    /// A command of Postgres run by this account, untouched by settings meant for others.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // Postgres goes back to where it was started, which must be a place this account can enter.
        command.current_dir("/").stdin(Stdio::null());
        // English messages; on macOS any other locale may start threads, which Postgres refuses.
        command.env("LC_ALL", "C").env_remove("NOTIFY_SOCKET");
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        if !self.is_us() {
            // This drops the supplementary groups of root, too.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Tries it: mode bits alone say nothing of ACLs, namespaces or network file systems.
    pub fn can_write(&self, folder: &Path) -> bool {
        // The working directory is entered as the new user.
        let mut test = self.command("test");
        test.args(["-w", "."]).current_dir(folder);
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
