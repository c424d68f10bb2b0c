//! The site's sessions: `actix-web-sessions` with the settings of this program. This module knows
//! nothing about movies.

mod cache_url;
pub mod metrics;
mod operator_store;
mod settings;

use actix_web_sessions::stores::diesel_postgres::CONNECTION_SETTINGS;
use actix_web_sessions::stores::{Cached, DieselPostgres, File, Memory, Redis};
use anyhow::Context;

use self::cache_url::CacheUrl;
pub use self::operator_store::{last_uses, operator_sessions};
pub use self::settings::{EngineName, FirstVisit, SameSite, Secret, SessionConfig};
use crate::db::{self, Pool};

pub use actix_web_sessions::{
    BoxedStore, Data, Expiry, OpenError, Session, SessionId, SessionInfo, Sessions, StoreError,
    Sweep, Sweeper, Swept, ValueError,
};

/// Connections of their own that sessions have.
const CONNECTIONS: usize = 8;

/// The session engine that the settings name. Cloning is cheap.
#[derive(Clone)]
pub struct Engine {
    name: EngineName,
    sessions: Sessions,
    store: Option<BoxedStore>,
    cache: Option<Cached<DieselPostgres>>,
    connections: Option<Pool>,
}

impl Engine {
    /// Makes the engine; connects to nothing yet. One is enough for all threads.
    ///
    /// # Errors
    /// When the engine cannot work with its settings; names the setting.
    pub fn open(config: &SessionConfig, pool: &Pool) -> anyhow::Result<Self> {
        actix_web_sessions::use_runtime(db::runtime().handle().clone());
        let (name, prefix) = (config.session_engine, config.session_cookie_name.as_str());
        let mut connections = None;
        let mut postgres = || {
            let pool = connections.insert(pool.sibling(CONNECTIONS, CONNECTION_SETTINGS)?);
            anyhow::Ok(DieselPostgres::with_pool(pool.clone().into_connections()))
        };
        let mut cache = None;
        let store = match name {
            EngineName::Db => BoxedStore::new(postgres()?),
            EngineName::Cache => match CacheUrl::parse(&config.session_cache_url)? {
                CacheUrl::Memory { bytes } => BoxedStore::new(Memory::with_limit(bytes)),
                CacheUrl::Redis(client) => {
                    BoxedStore::new(Redis::with_client(client).prefix(prefix))
                }
            },
            EngineName::CachedDb => match CacheUrl::parse(&config.session_cache_url)? {
                // Copies beside the database's own cache in one process gain nothing.
                CacheUrl::Memory { .. } => BoxedStore::new(postgres()?),
                CacheUrl::Redis(client) => {
                    let redis = Redis::with_client(client).prefix(prefix);
                    let cached = Cached::new(postgres()?, redis).on_read(metrics::count_read);
                    let cached = cache.insert(cached);
                    BoxedStore::new(cached.clone())
                }
            },
            EngineName::File => {
                let folder = config.session_file_path.clone().unwrap_or_else(std::env::temp_dir);
                let opened = File::open(&folder, prefix);
                BoxedStore::new(
                    opened.with_context(|| format!("SESSION_FILE_PATH={}", folder.display()))?,
                )
            }
            EngineName::SignedCookies => {
                let sessions = config.apply(Sessions::client_side()).observer(metrics::Counting);
                return Ok(Self {
                    name,
                    sessions: sessions.build()?,
                    store: None,
                    cache,
                    connections,
                });
            }
            EngineName::None => {
                return Ok(Self {
                    name,
                    sessions: Sessions::disabled(),
                    store: None,
                    cache,
                    connections,
                });
            }
        };
        let sessions = config
            .apply(Sessions::builder(store.clone()))
            .observer(metrics::Counting)
            .exclude(actix_web_sessions::declared_crawler)
            .build()?;
        Ok(Self { name, sessions, store: Some(store), cache, connections })
    }

    /// Returns the middleware.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Returns the store, unless sessions are in cookies or nowhere.
    pub fn store(&self) -> Option<&BoxedStore> {
        self.store.as_ref()
    }

    /// Returns the database connections of the store, if it has any.
    pub fn connections(&self) -> Option<&Pool> {
        self.connections.as_ref()
    }

    /// Whether this store may fail while the database answers.
    pub fn stands_alone(&self) -> bool {
        !matches!(self.name, EngineName::Db | EngineName::CachedDb)
    }

    /// Whether sessions are in the visitors' cookies, and none on the server.
    pub fn keeps_in_cookies(&self) -> bool {
        self.name == EngineName::SignedCookies
    }

    /// Returns whether the cache answers; `None` for an engine without one.
    pub async fn cache_answers(&self) -> Option<bool> {
        match (self.name, &self.cache) {
            (EngineName::Cache, _) => Some(self.sessions.ping().await.is_ok()),
            (EngineName::CachedDb, Some(cache)) => Some(cache.cache_answers().await),
            (EngineName::CachedDb, None) => Some(true),
            _ => None,
        }
    }
}
