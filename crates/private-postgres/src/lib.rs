//! A Postgres server that lives in a directory and needs no administration.
//!
//! Processes that use the same directory share one server: the first one starts it, the last one stops
//! it. The server listens on a Unix socket that only its own user can reach.
//!
//! Starting and stopping block on processes and file locks; [`PrivatePostgres`] runs both on Tokio's
//! blocking threads.

mod account;
mod binaries;
mod cluster;
mod directory;
mod location;
mod poll_deadline;
mod postmaster;
mod protocol;
mod server;
mod supervisor;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};
use tokio::task::spawn_blocking;

use crate::directory::Directory;
use crate::location::Location;
use crate::poll_deadline::PollDeadline;
use crate::server::Server;
use crate::supervisor::Supervisor;

/// All characters but the unreserved ones of RFC 3986.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Long enough for another process to create the cluster on a slow disk.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Longer than it takes to join a running server. A process that holds the start lock longer is
/// starting a server, which it then owns.
const STOP_LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// A handle to the server of a directory.
///
/// Dropping it stops the server as [`stop`](Self::stop) does, but blocks the current thread.
#[derive(Debug)]
pub struct PrivatePostgres {
    directory: Directory,
    server: Server,
    /// Locked shared while this process uses the server; `None` once stopped.
    users: Option<File>,
    supervisor: Option<Supervisor>,
}

impl PrivatePostgres {
    /// Starts the server of `directory`, or joins the one that runs. Creates the directory and the
    /// cluster if they are missing.
    ///
    /// `name` becomes the cluster's superuser and a database in it. Paths outside of `directory`, which
    /// are used when the server cannot reach it, contain the name as well.
    ///
    /// # Errors
    /// When Postgres is not installed or does not start. The message says how to install it, or quotes
    /// the server's log.
    pub async fn start(directory: &Path, name: &str) -> anyhow::Result<Self> {
        let (directory, name) = (directory.to_owned(), name.to_owned());
        spawn_blocking(move || Self::start_blocking(&directory, &name))
            .await
            .context("the start of Postgres was cancelled")?
    }

    /// Returns the URL of `database`. The database `name` of [`start`](Self::start) exists; its user may
    /// create others.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let encode = |text| utf8_percent_encode(text, &RESERVED);
        let location = self.server.location();
        let socket = location.socket_directory().as_os_str().as_encoded_bytes();
        format!(
            "postgres://{}@{}/{}",
            encode(&location.name),
            percent_encode(socket, &RESERVED),
            encode(database)
        )
    }

    /// Stops the server unless another process uses it. Takes ten seconds at most.
    ///
    /// # Errors
    /// When the server does not stop.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        spawn_blocking(move || self.stop_blocking())
            .await
            .context("the stop of Postgres was cancelled")?
    }

    fn start_blocking(directory: &Path, name: &str) -> anyhow::Result<Self> {
        let directory = Directory::open(directory)?;
        let deadline = PollDeadline::after(START_TIMEOUT);
        let start_lock = directory.start_lock(&deadline)?;
        let location = Location::open(&directory, name)?;
        let users = location.users_lock()?;
        cluster::create_if_missing(&location)?;
        let server = Server::new(location);
        let mut child = None;
        server.start(&mut child, &deadline)?;
        users.try_lock_shared().context("another program holds the lock of users.lock")?;
        drop(start_lock);
        let supervisor = Supervisor::start(directory.clone(), server.clone(), child)?;
        Ok(Self { directory, server, users: Some(users), supervisor: Some(supervisor) })
    }

    fn stop_blocking(&mut self) -> anyhow::Result<()> {
        let Some(users) = self.users.take() else { return Ok(()) };
        let child = self.supervisor.take().and_then(Supervisor::stop);
        if !self.directory.path().exists() {
            // The lock is gone with the directory, and no other process can join the server.
            return self.server.stop(child);
        }
        let deadline = PollDeadline::after(STOP_LOCK_TIMEOUT);
        let Ok(_start_lock) = self.directory.start_lock(&deadline) else {
            log::info!("Another process is starting Postgres; leaving it running");
            return Ok(());
        };
        users.unlock().context("users.lock")?;
        match users.try_lock() {
            Ok(()) => self.server.stop(child),
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
