//! Keeps the index up to date with the database, whichever process changes it.

use std::pin::pin;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use diesel_async::SimpleAsyncConnection;
use futures_util::StreamExt;
use tokio::sync::{oneshot, watch};
use tokio::time::{sleep, timeout};

use super::{Index, delta, load, version};
use crate::db::{self, Connection};

/// Interval of polls in addition to notifications, and of attempts to reconnect.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Timeout after which the server is considered unreachable.
const SERVER_TIMEOUT: Duration = Duration::from_secs(5);

/// A handle to the current index. Cloning is cheap.
#[derive(Clone)]
pub struct Catalog(watch::Receiver<Arc<Index>>);

impl Catalog {
    /// Loads the index and updates it until the last clone is dropped. This happens on a separate
    /// thread, because a load would block other work.
    ///
    /// # Errors
    /// Returns an error if the database cannot be reached or read.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let url = url.to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (opened, first) = oneshot::channel();
        thread::Builder::new()
            .name("catalog".to_owned())
            .spawn(move || runtime.block_on(run(&url, opened)))
            .context("starting the catalog thread")?;
        first.await.context("the catalog thread ended")?
    }

    /// Returns the current index. Results agree only if they come from the same index.
    pub fn current(&self) -> Arc<Index> {
        self.0.borrow().clone()
    }

    /// Waits until the index has at least this version.
    ///
    /// # Errors
    /// Returns an error if the index is no longer updated.
    pub async fn reaches(&self, version: i64) -> anyhow::Result<()> {
        self.0.clone().wait_for(|index| index.version() >= version).await?;
        Ok(())
    }
}

/// Loads the index, sends its handle, and updates it until every handle is dropped.
async fn run(url: &str, opened: oneshot::Sender<anyhow::Result<Catalog>>) {
    let (mut conn, index) = match open(url).await {
        Ok(loaded) => loaded,
        Err(error) => {
            // This fails if the caller has been cancelled.
            _ = opened.send(Err(error));
            return;
        }
    };
    let (current, receiver) = watch::channel(Arc::new(index));
    if opened.send(Ok(Catalog(receiver))).is_err() {
        return;
    }
    while let Err(error) = follow(&mut conn, &current).await {
        log::warn!("catalog updates are interrupted: {error:#}");
        loop {
            tokio::select! {
                () = sleep(POLL_INTERVAL) => {}
                () = current.closed() => return,
            }
            // The server may be another one, with other versions: only a full load is safe.
            match open(url).await {
                Ok((again, index)) => {
                    current.send_replace(Arc::new(index));
                    break conn = again;
                }
                Err(error) => log::debug!("reconnecting for catalog updates failed: {error:#}"),
            }
        }
    }
}

async fn open(url: &str) -> anyhow::Result<(Connection, Index)> {
    let mut conn = listen(url).await?;
    let index = load(&mut conn).await.context("loading the catalog")?;
    Ok((conn, index))
}

/// Opens a connection that is notified of changes.
async fn listen(url: &str) -> anyhow::Result<Connection> {
    let mut conn = timeout(SERVER_TIMEOUT, db::connect(url)).await??;
    conn.batch_execute("SET application_name = 'marquee catalogue'; LISTEN catalogue").await?;
    Ok(conn)
}

/// Updates the index until every handle is dropped.
async fn follow(conn: &mut Connection, current: &watch::Sender<Arc<Index>>) -> anyhow::Result<()> {
    loop {
        let newest = timeout(SERVER_TIMEOUT, version(conn)).await??;
        if newest != current.borrow().version() {
            let old = Arc::clone(&current.borrow());
            let index = updated(conn, old).await?;
            // Drops the old index, unless it is still in use.
            current.send_replace(Arc::new(index));
        }
        let mut notifications = pin!(conn.notifications_stream());
        tokio::select! {
            // A notification or a lost connection; the next query distinguishes them.
            _ = notifications.next() => {}
            () = sleep(POLL_INTERVAL) => {}
            () = current.closed() => return Ok(()),
        }
    }
}

/// Returns the current index: from the changes since the old one, or by a full load.
async fn updated(conn: &mut Connection, old: Arc<Index>) -> anyhow::Result<Index> {
    let begun = Instant::now();
    let changed = delta(conn, &old).await.context("reading changes")?;
    let method = if changed.is_some() { "update" } else { "full load" };
    let index = match changed {
        Some(index) => index,
        None => load(conn).await.context("loading the catalog")?,
    };
    let took = begun.elapsed().as_millis();
    log::info!("catalog version {}: {method} in {took} ms", index.version());
    Ok(index)
}
