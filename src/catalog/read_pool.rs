//! Connections for reading the catalog: to a replica while it is up to date, otherwise to the primary.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel_async::pooled_connection::deadpool::Object;
use tokio::time::timeout;

use super::index::{Catalog, version};
use crate::db::{Connection, Pool, Unavailable};

/// Timeout for a replica to report its version. Short, because the primary can serve the page.
const REPLICA_TIMEOUT: Duration = Duration::from_millis(500);

/// Interval between attempts to use an unreachable replica, in milliseconds.
const RETRY_AFTER: u64 = 5000;

/// A connection pool that prefers the replica. Cloning is cheap.
#[derive(Clone)]
pub struct ReadPool {
    primary: Pool,
    replica: Option<Arc<Replica>>,
    catalog: Catalog,
}

struct Replica {
    pool: Pool,
    start: Instant,
    /// Time of the next attempt, in milliseconds after `start`; 0 while the replica is reachable.
    retry_at: AtomicU64,
}

/// The state of the replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicaState {
    UpToDate,
    Behind,
    Unreachable,
}

impl ReadPool {
    pub fn new(primary: Pool, replica: Option<Pool>, catalog: Catalog) -> Self {
        let replica = replica.map(|pool| {
            Arc::new(Replica { pool, start: Instant::now(), retry_at: AtomicU64::default() })
        });
        Self { primary, replica, catalog }
    }

    pub fn primary(&self) -> &Pool {
        &self.primary
    }

    /// Returns a connection to a server that is at least as recent as the current index. Pages are
    /// cached under the version of the index, so nothing in them may be older.
    ///
    /// # Errors
    /// Returns an error if the primary is unavailable, too.
    pub async fn get(&self) -> Result<Object<Connection>, Unavailable> {
        if let Some(replica) = self.replica.as_deref().filter(|replica| replica.is_due())
            && let Ok(connection) = replica.get(self.catalog.current().version()).await
        {
            return Ok(connection);
        }
        self.primary.get().await
    }

    /// Returns the state of the replica, or `None` if none is configured.
    pub async fn replica_state(&self) -> Option<ReplicaState> {
        let replica = self.replica.as_deref()?;
        let connection = replica.get(self.catalog.current().version()).await;
        Some(connection.err().unwrap_or(ReplicaState::UpToDate))
    }
}

impl Replica {
    /// Returns a connection to a server with at least this version. The version is checked on every
    /// call, because one address may lead to several servers.
    async fn get(&self, min_version: i64) -> Result<Object<Connection>, ReplicaState> {
        let connect = async {
            let mut connection = self.pool.get().await?;
            let version = version(&mut connection).await?;
            anyhow::Ok((connection, version))
        };
        let failure = match timeout(REPLICA_TIMEOUT, connect).await {
            Ok(Ok((connection, version))) => {
                if self.retry_at.swap(0, Ordering::Relaxed) > 0 {
                    log::info!("replica is reachable again");
                }
                return if version < min_version {
                    Err(ReplicaState::Behind)
                } else {
                    Ok(connection)
                };
            }
            Ok(Err(error)) => error,
            Err(_) => anyhow::anyhow!("no response within {REPLICA_TIMEOUT:?}"),
        };
        if self.retry_at.swap(self.now() + RETRY_AFTER, Ordering::Relaxed) == 0 {
            log::warn!("replica is unreachable, reading the catalog from the primary: {failure:#}");
        }
        Err(ReplicaState::Unreachable)
    }

    /// Returns whether to try the replica. While it is unreachable, one caller per interval tries.
    fn is_due(&self) -> bool {
        let (retry_at, now) = (self.retry_at.load(Ordering::Relaxed), self.now());
        let order = Ordering::Relaxed;
        retry_at == 0
            || retry_at <= now
                && self.retry_at.compare_exchange(retry_at, now + RETRY_AFTER, order, order).is_ok()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
