//! The Postgres server we run ourselves when `DATABASE_URL` is unset.
//!
//! Every `marquee` started in one folder shares one server: the first starts it, the last stops it.
//! The work is blocking (processes, file locks), so [`PrivatePostgres`] sends it to a thread.

mod account;
mod binaries;
mod cluster;
mod folder;
mod home;
mod patience;
mod postmaster;
mod server;
mod supervisor;
mod wire;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};
use tokio::task::spawn_blocking;

use self::folder::Folder;
use self::home::Home;
use self::patience::Patience;
use self::server::Server;
use self::supervisor::Supervisor;

/// Superuser of the cluster, and the database made in it.
const NAME: &str = "marquee";

/// Enough for another process to make the cluster on a slow disk.
const WAIT_TO_START: Duration = Duration::from_secs(30);
/// Longer than any join; who holds the lock for longer is starting a server, which is then theirs.
const WAIT_TO_STOP: Duration = Duration::from_secs(2);

/// A Postgres server of our own, shared by every `marquee` process started in the same folder.
///
/// Dropping it stops the server as [`stop`](Self::stop) does, but blocks the thread meanwhile.
#[derive(Debug)]
pub struct PrivatePostgres {
    folder: Folder,
    server: Server,
    /// Locked shared for as long as we need the server; `None` once stopped.
    users: Option<File>,
    supervisor: Option<Supervisor>,
}

impl PrivatePostgres {
    /// Starts the server of `folder`, or joins the running one; makes folder and cluster if absent.
    ///
    /// # Errors
    /// Says what is missing and how to get it, or what Postgres wrote to its log.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let folder = folder.to_owned();
        spawn_blocking(move || Self::start_blocking(&folder))
            .await
            .context("the start of Postgres was given up")?
    }

    /// URL of `database`. The database `marquee` exists; its user may create others.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let host = self.server.socket_folder().as_os_str().as_encoded_bytes();
        let host = percent_encode(host, NON_ALPHANUMERIC);
        format!("postgres://{NAME}@{host}/{}", utf8_percent_encode(database, NON_ALPHANUMERIC))
    }

    /// Stops the server unless another process uses it. Takes ten seconds at worst.
    ///
    /// # Errors
    /// The server did not end.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        spawn_blocking(move || self.stop_blocking())
            .await
            .context("the stop of Postgres was given up")?
    }

    fn start_blocking(folder: &Path) -> anyhow::Result<Self> {
        let folder = Folder::open(folder)?;
        let patience = Patience::of(WAIT_TO_START);
        let starting = folder.start_lock(&patience)?;
        let home = Home::open(&folder)?;
        let users = home.users_lock()?;
        cluster::make_if_absent(&home)?;
        let server = Server::new(home);
        let mut child = None;
        server.bring_up(&mut child, &patience)?;
        users.try_lock_shared().context("users.lock is locked by a stranger")?;
        drop(starting);
        let supervisor = Supervisor::watch(folder.clone(), server.clone(), child)?;
        Ok(Self { folder, server, users: Some(users), supervisor: Some(supervisor) })
    }

    fn stop_blocking(&mut self) -> anyhow::Result<()> {
        let Some(users) = self.users.take() else { return Ok(()) };
        let child = self.supervisor.take().and_then(Supervisor::stop);
        if !self.folder.path().exists() {
            // Nobody can join, nor find the lock.
            return self.server.bring_down(child);
        }
        let patience = Patience::of(WAIT_TO_STOP);
        let Ok(_stopping) = self.folder.start_lock(&patience) else {
            log::info!("Another process is starting Postgres; it stays");
            return Ok(());
        };
        users.unlock().context("users.lock")?;
        match users.try_lock() {
            Ok(()) => self.server.bring_down(child),
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(error)) => Err(error).context("users.lock"),
        }
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        if let Err(error) = self.stop_blocking() {
            log::error!("{error:#}");
        }
    }
}
