//! Connections to Postgres: the pool, connections outside of it, and migrations.

use std::sync::LazyLock;
use std::time::Duration;

use anyhow::Context;
use diesel::ConnectionError;
use diesel_async::pooled_connection::deadpool::{self, Object};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio::runtime::Runtime;

mod migrations;
mod subquery;
mod timeline;
mod tls;
mod url;

pub use self::migrations::{migrate, pending_migrations};
pub use self::subquery::Subquery;
pub use self::url::{ConnectError, DatabaseUrl, Primary, is_local_host};

/// A connection, in or out of the pool.
pub type Connection = AsyncPgConnection;

/// Time that a request waits for a connection before the visitor gets a 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// The timeouts end statements that would keep a visitor waiting; commands that may take long use
/// [`connect`]. Generic plans, because statements look up rows by key: planning one for each list of keys
/// takes longer than running it.
const SESSION_SETTINGS: &str = "SET statement_timeout = '4s'; SET lock_timeout = '3s'; \
     SET idle_in_transaction_session_timeout = '30s'; SET application_name = 'marquee'; \
     SET plan_cache_mode = force_generic_plan";

/// The reason why the pool has no connection to give.
#[derive(Debug, thiserror::Error)]
#[error("no database connection: {0}")]
pub struct Unavailable(String);

/// The number of connections by state.
#[derive(Debug, Clone, Copy)]
pub struct PoolUsage {
    pub limit: usize,
    pub in_use: usize,
    pub idle: usize,
    /// Requests waiting for a connection.
    pub waiting: usize,
}

/// A pool of connections. Cloning is cheap.
#[derive(Clone)]
pub struct Pool {
    connections: deadpool::Pool<Connection>,
    url: DatabaseUrl,
}

impl Pool {
    /// Creates a pool without connections: [`Pool::get`] opens them.
    ///
    /// # Errors
    /// When the URL is invalid.
    pub fn new(url: &str, size: usize) -> anyhow::Result<Self> {
        Self::with_settings(url.parse()?, size, "")
    }

    /// Creates a pool for servers that need not accept writes, each of them in turn.
    ///
    /// # Errors
    /// When the URL is invalid.
    pub fn for_reading(url: &str, size: usize) -> anyhow::Result<Self> {
        Self::with_settings(url.parse::<DatabaseUrl>()?.for_reading(), size, "")
    }

    /// Creates another pool for the same server, with further settings (`SET …`) for its connections.
    ///
    /// # Errors
    /// When the pool cannot be built.
    pub fn sibling(&self, size: usize, settings: &'static str) -> anyhow::Result<Self> {
        Self::with_settings(self.url.clone(), size, settings)
    }

    fn with_settings(
        url: DatabaseUrl,
        size: usize,
        settings: &'static str,
    ) -> anyhow::Result<Self> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        let target = url.clone();
        config.custom_setup = Box::new(move |_| Box::pin(establish(target.clone(), settings)));
        // The setup function knows the URL, so the manager gets none.
        let manager = AsyncDieselConnectionManager::new_with_config("", config);
        let connections = deadpool::Pool::builder(manager).max_size(size).build()?;
        Ok(Self { connections, url })
    }

    /// Takes a connection from the pool, or opens one.
    ///
    /// # Errors
    /// When the server does not answer, or when no connection becomes free in time.
    pub async fn get(&self) -> Result<Object<Connection>, Unavailable> {
        match tokio::time::timeout(ACQUIRE_TIMEOUT, self.connections.get()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(Unavailable(error.to_string())),
            Err(_) => Err(Unavailable(format!("none was free within {ACQUIRE_TIMEOUT:?}"))),
        }
    }

    /// Returns the connections, for a crate that executes statements of its own.
    pub fn into_connections(self) -> deadpool::Pool<Connection> {
        self.connections
    }

    pub fn usage(&self) -> PoolUsage {
        let status = self.connections.status();
        PoolUsage {
            limit: status.max_size,
            in_use: status.size.saturating_sub(status.available),
            idle: status.available,
            waiting: status.waiting,
        }
    }

    /// Returns the server of the latest connection, for monitoring.
    pub fn primary(&self) -> Option<Primary> {
        self.url.primary()
    }
}

/// The runtime that drives all connections. A connection opened on the runtime of a web worker would
/// stall while that worker is busy, and would die with it.
static IO: LazyLock<Result<Runtime, String>> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let builder = builder.worker_threads(1).thread_name("database").enable_all();
    builder.build().map_err(|error| format!("cannot start a thread: {error}"))
});

/// Starts the runtime of the connections, before anything needs it.
///
/// # Errors
/// When the operating system refuses a thread or a file descriptor.
pub fn start_runtime() -> anyhow::Result<()> {
    IO.as_ref().map(|_| ()).map_err(|error| anyhow::anyhow!("{error}"))
}

/// Returns the runtime of the connections.
pub fn runtime() -> &'static Runtime {
    IO.as_ref().expect("`start_runtime` has succeeded")
}

async fn establish(url: DatabaseUrl, settings: &str) -> Result<Connection, ConnectionError> {
    let settings = format!("{SESSION_SETTINGS}; {settings}");
    let opened = runtime().spawn(async move {
        let mut connection = url.connect().await?;
        let set = connection.batch_execute(&settings).await;
        set.map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    });
    opened.await.map_err(|error| ConnectionError::BadConnection(error.to_string()))?
}

/// Opens a connection without timeouts, for commands.
///
/// # Errors
/// [`ConnectError`], when the server cannot be reached or refuses.
pub async fn connect(url: &str) -> anyhow::Result<Connection> {
    let url: DatabaseUrl = url.parse().context("DATABASE_URL")?;
    url.connect().await.context("DATABASE_URL")
}
