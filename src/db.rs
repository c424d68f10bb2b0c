//! The way to the database: one pool for the whole program, and the migrations.

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
mod server;
mod subquery;
mod tls;

pub use self::migrations::{migrate, pending_migrations};
pub use self::server::{Server, is_near};
pub use self::subquery::Subquery;

/// One connection, in or out of the pool.
pub type Connection = AsyncPgConnection;

/// How long a request waits for a connection before the visitor is told to come back.
const WAIT: Duration = Duration::from_secs(3);

/// Ends a statement that would keep a visitor waiting; commands that may take long
/// open a connection of their own with [`connect`]. Statements look rows up by their keys: planning
/// one anew for each list of keys takes longer than running it.
const SESSION_SETTINGS: &str = "SET statement_timeout = '4s'; SET lock_timeout = '3s'; \
     SET idle_in_transaction_session_timeout = '30s'; SET application_name = 'marquee'; \
     SET plan_cache_mode = force_generic_plan";

/// Why there is no connection to be had.
#[derive(Debug, thiserror::Error)]
#[error("no database connection: {0}")]
pub struct Unavailable(String);

/// What the pool's connections are at.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    pub limit: usize,
    pub in_use: usize,
    pub idle: usize,
    /// Requests that wait for one.
    pub waiting: usize,
}

/// The program's connections. Cloning is cheap.
#[derive(Clone)]
pub struct Pool {
    connections: deadpool::Pool<Connection>,
    server: Server,
}

impl Pool {
    /// Opens nothing yet: the first [`Pool::get`] does.
    ///
    /// # Errors
    /// When the URL makes no sense.
    pub fn new(url: &str, size: usize) -> anyhow::Result<Self> {
        Self::with_settings(url.parse()?, size, "")
    }

    /// To servers that need not take writes; of several, to each in turn.
    ///
    /// # Errors
    /// As [`Pool::new`].
    pub fn for_reading(url: &str, size: usize) -> anyhow::Result<Self> {
        Self::with_settings(url.parse::<Server>()?.for_reading(), size, "")
    }

    /// A few more connections to the same server, for one purpose, with `settings` (`SET …`) of
    /// their own.
    ///
    /// # Errors
    /// As [`Pool::new`].
    pub fn beside(&self, size: usize, settings: &'static str) -> anyhow::Result<Self> {
        Self::with_settings(self.server.clone(), size, settings)
    }

    fn with_settings(server: Server, size: usize, settings: &'static str) -> anyhow::Result<Self> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        let own = server.clone();
        config.custom_setup = Box::new(move |_| Box::pin(establish(own.clone(), settings)));
        // It knows of no address: the server does.
        let manager = AsyncDieselConnectionManager::new_with_config("", config);
        let connections = deadpool::Pool::builder(manager).max_size(size).build()?;
        Ok(Self { connections, server })
    }

    /// A connection, or after three seconds the reason why there is none.
    ///
    /// # Errors
    /// When the server does not answer or every connection stays busy.
    pub async fn get(&self) -> Result<Object<Connection>, Unavailable> {
        match tokio::time::timeout(WAIT, self.connections.get()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(Unavailable(error.to_string())),
            Err(_) => Err(Unavailable(format!("none was free within {WAIT:?}"))),
        }
    }

    /// Returns the connections, for a crate that has statements of its own.
    pub fn into_connections(self) -> deadpool::Pool<Connection> {
        self.connections
    }

    pub fn usage(&self) -> Usage {
        let status = self.connections.status();
        Usage {
            limit: status.max_size,
            in_use: status.size.saturating_sub(status.available),
            idle: status.available,
            waiting: status.waiting,
        }
    }
}

/// A connection lives on the runtime that opened it. The web server has one runtime per worker;
/// opened there, a connection would stall whenever that worker is busy, and die with it.
static IO: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("database")
        .enable_all()
        .build()
        .expect("the operating system refuses a thread at start-up")
});

async fn establish(server: Server, settings: &str) -> Result<Connection, ConnectionError> {
    let settings = format!("{SESSION_SETTINGS}; {settings}");
    let opened = IO.spawn(async move {
        let mut connection = server.connect().await?;
        let set = connection.batch_execute(&settings).await;
        set.map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    });
    opened.await.map_err(|error| ConnectionError::BadConnection(error.to_string()))?
}

/// A connection of one's own, without time limits: for commands.
///
/// # Errors
/// When the server cannot be reached or refuses.
pub async fn connect(url: &str) -> anyhow::Result<Connection> {
    let server: Server = url.parse().context("DATABASE_URL")?;
    server.connect().await.context("connecting to the database")
}
