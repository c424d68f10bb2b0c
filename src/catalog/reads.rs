//! Connections for reading the catalogue: to a replica while that is up to date, otherwise to the
//! primary.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel_async::pooled_connection::deadpool::Object;
use tokio::time::timeout;

use super::index::{Catalogue, version};
use crate::db::{Connection, Pool, Unavailable};

/// For a replica to say how far it is; a page has the primary to turn to.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long one that does not answer is left alone, in milliseconds.
const REST: u64 = 5000;

/// Whom to ask about films. Cloning is cheap.
#[derive(Clone)]
pub struct Reads {
    primary: Pool,
    replica: Option<Arc<Replica>>,
    catalogue: Catalogue,
}

struct Replica {
    pool: Pool,
    start: Instant,
    /// Milliseconds after `start` from which on one that did not answer is asked again; 0 when it
    /// answers.
    again: AtomicU64,
}

/// What a replica is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicaState {
    UpToDate,
    Behind,
    Away,
}

impl Reads {
    pub fn new(primary: Pool, replica: Option<Pool>, catalogue: Catalogue) -> Self {
        let replica = replica.map(|pool| {
            Arc::new(Replica { pool, start: Instant::now(), again: AtomicU64::default() })
        });
        Self { primary, replica, catalogue }
    }

    pub fn primary(&self) -> &Pool {
        &self.primary
    }

    /// A connection to a server that has all of the catalogue which the present index shows: a page is
    /// kept under the index's version, so nothing in it may be older.
    ///
    /// # Errors
    /// When the primary has none to give either.
    pub async fn get(&self) -> Result<Object<Connection>, Unavailable> {
        if let Some(replica) = self.replica.as_deref().filter(|replica| replica.may_be_asked())
            && let Ok(connection) = replica.get(self.catalogue.current().version()).await
        {
            return Ok(connection);
        }
        self.primary.get().await
    }

    /// `None` when there is none in the settings.
    pub async fn replica(&self) -> Option<ReplicaState> {
        let replica = self.replica.as_deref()?;
        let asked = replica.get(self.catalogue.current().version()).await;
        Some(asked.err().unwrap_or(ReplicaState::UpToDate))
    }
}

impl Replica {
    /// A connection to a server that has this version. It is asked each time: behind one address may
    /// be several, none of which goes back.
    async fn get(&self, wanted: i64) -> Result<Object<Connection>, ReplicaState> {
        let asked = async {
            let mut connection = self.pool.get().await?;
            let version = version(&mut connection).await?;
            anyhow::Ok((connection, version))
        };
        let failure = match timeout(PATIENCE, asked).await {
            Ok(Ok((connection, version))) => {
                if self.again.swap(0, Ordering::Relaxed) > 0 {
                    log::info!("the replica answers again");
                }
                return if version < wanted { Err(ReplicaState::Behind) } else { Ok(connection) };
            }
            Ok(Err(error)) => error,
            Err(_) => anyhow::anyhow!("no answer within {PATIENCE:?}"),
        };
        if self.again.swap(self.now() + REST, Ordering::Relaxed) == 0 {
            log::warn!("the catalogue is read from the primary: the replica fails: {failure:#}");
        }
        Err(ReplicaState::Away)
    }

    /// Of all who would try one again after its rest, one does.
    fn may_be_asked(&self) -> bool {
        let (again, now) = (self.again.load(Ordering::Relaxed), self.now());
        let order = Ordering::Relaxed;
        again == 0
            || again <= now && self.again.compare_exchange(again, now + REST, order, order).is_ok()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
