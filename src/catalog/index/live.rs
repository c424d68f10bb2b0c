//! The present index, followed as the catalogue changes, whichever process changes it.

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

/// How often the version is looked at without a notification, and how long a broken connection
/// rests before the next attempt.
const INTERVAL: Duration = Duration::from_secs(1);

/// A server that answers later than this is taken for lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// The catalogue in memory, at most a moment behind the database. Cloning is cheap.
#[derive(Clone)]
pub struct Catalog(watch::Receiver<Arc<Index>>);

impl Catalog {
    /// Loads the catalogue and follows its changes until the last clone is gone. That happens on
    /// a thread of its own: a load would keep other work waiting.
    ///
    /// # Errors
    /// When the database cannot be reached or read.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let url = url.to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (opened, first) = oneshot::channel();
        thread::Builder::new()
            .name("catalogue".to_owned())
            .spawn(move || runtime.block_on(keep(&url, opened)))
            .context("starting a thread for the catalogue")?;
        first.await.context("the thread of the catalogue ended")?
    }

    /// The catalogue as it is now. Who needs several answers that agree asks one and the same.
    pub fn current(&self) -> Arc<Index> {
        self.0.borrow().clone()
    }

    /// Waits until the catalogue has at least this version.
    ///
    /// # Errors
    /// When it is followed no longer.
    pub async fn reaches(&self, version: i64) -> anyhow::Result<()> {
        self.0.clone().wait_for(|index| index.version() >= version).await?;
        Ok(())
    }
}

async fn keep(url: &str, opened: oneshot::Sender<anyhow::Result<Catalog>>) {
    let (mut conn, index) = match open(url).await {
        Ok(loaded) => loaded,
        Err(error) => {
            // Nobody waits any more when this fails.
            _ = opened.send(Err(error));
            return;
        }
    };
    let (present, receiver) = watch::channel(Arc::new(index));
    if opened.send(Ok(Catalog(receiver))).is_err() {
        return;
    }
    while let Err(error) = follow(&mut conn, &present).await {
        log::warn!("the catalogue cannot be followed for now: {error:#}");
        loop {
            tokio::select! {
                () = sleep(INTERVAL) => {}
                () = present.closed() => return,
            }
            // The server may be another one now, that counts other changes: only a whole load is
            // sure to be right.
            match open(url).await {
                Ok((again, index)) => {
                    present.send_replace(Arc::new(index));
                    break conn = again;
                }
                Err(error) => log::debug!("the catalogue still cannot be followed: {error:#}"),
            }
        }
    }
}

async fn open(url: &str) -> anyhow::Result<(Connection, Index)> {
    let mut conn = listen(url).await?;
    let index = load(&mut conn).await.context("loading the catalogue")?;
    Ok((conn, index))
}

/// A connection that hears of changes made from now on.
async fn listen(url: &str) -> anyhow::Result<Connection> {
    let mut conn = timeout(PATIENCE, db::connect(url)).await??;
    conn.batch_execute("SET application_name = 'marquee catalogue'; LISTEN catalogue").await?;
    Ok(conn)
}

/// Returns when nobody needs the catalogue any more.
async fn follow(conn: &mut Connection, present: &watch::Sender<Arc<Index>>) -> anyhow::Result<()> {
    loop {
        let newest = timeout(PATIENCE, version(conn)).await??;
        if newest != present.borrow().version() {
            let old = Arc::clone(&present.borrow());
            let index = renewed(conn, old).await?;
            // The old one is freed here, when its last reader is done.
            present.send_replace(Arc::new(index));
        }
        let mut notifications = pin!(conn.notifications_stream());
        tokio::select! {
            // Which change it was does not matter, nor that the connection is lost: asking tells.
            _ = notifications.next() => {}
            () = sleep(INTERVAL) => {}
            () = present.closed() => return Ok(()),
        }
    }
}

/// The present index, by what changed since the old one, or else loaded whole.
async fn renewed(conn: &mut Connection, old: Arc<Index>) -> anyhow::Result<Index> {
    let begun = Instant::now();
    let changed = delta(conn, &old).await.context("reading what changed")?;
    let what = if changed.is_some() { "what changed" } else { "all of it" };
    let index = match changed {
        Some(index) => index,
        None => load(conn).await.context("loading the catalogue")?,
    };
    let took = begun.elapsed().as_millis();
    log::info!("the catalogue has version {}: {what} was read in {took} ms", index.version());
    Ok(index)
}
