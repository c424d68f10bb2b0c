//! What a place to keep sessions must be able to do. One back end each in `engine/`.

mod cache;
mod cached_db;
pub mod db;
mod file;
mod none;
mod signed_cookies;
mod stock;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use chrono::{DateTime, Utc};

use self::cache::CacheEngine;
use self::cached_db::{CachedDb, Copies};
use self::db::DbEngine;
use self::file::FileEngine;
pub use self::none::NoEngine;
use self::signed_cookies::SignedCookiesEngine;
use super::config::{EngineName, Secret, SessionConfig};
use super::cookie;
use super::data::{Changes, Data, ValueError};
use super::expiry::Expiry;
use super::key::Key;
use super::metrics::METRICS;
use crate::db::Pool;

/// The store cannot do its work now. Nothing is said to be kept that is not.
#[derive(Debug, thiserror::Error)]
#[error("session store: {0:#}")]
pub struct StoreError(#[from] anyhow::Error);

impl ResponseError for StoreError {
    fn status_code(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::ServiceUnavailable().insert_header((RETRY_AFTER, "5")).finish()
    }
}

/// What a store knows of a key.
#[derive(Debug, PartialEq)]
pub enum Loaded<T = Data> {
    Found(T),
    /// Never given out, expired or deleted.
    Missing,
    /// Given up for another one a moment ago: the browser has or gets that one, and must not be
    /// given a third.
    Retired,
}

/// A session, and until when its store has it live.
#[derive(Debug, Clone, PartialEq)]
pub struct Dated {
    pub data: Data,
    pub expires_at: DateTime<Utc>,
}

/// What became of changes.
#[derive(Clone, PartialEq, Eq)]
pub enum Merged {
    /// They are stored; send this key.
    Stored(Key),
    /// The key was retired meanwhile: they are stored under its successor, which only the request
    /// that made it knows. Send no cookie.
    Followed,
    /// There is no such session any more, and nothing was stored.
    Gone,
}

/// What became of an addition to a counter.
#[derive(Debug, PartialEq)]
pub enum Added {
    /// All of the session as it is after the addition.
    Now(Data),
    /// The same, but stored under the successor of a retired key: send no cookie, and show the data
    /// only to a request that had loaded them before.
    Followed(Data),
    /// There is no such session.
    Missing,
    /// This engine stores at the end of the request only.
    AtTheEnd,
}

/// What became of a session that was to be prolonged.
#[derive(Clone, PartialEq, Eq)]
pub enum Touched {
    /// It lives until the moment asked for, or its absolute limit; send this key.
    Prolonged(Key),
    /// It lives long enough as it is.
    Fresh,
    /// It has an expiry of its own, and lives until then.
    Own(Expiry, DateTime<Utc>),
    /// As [`Loaded::Missing`].
    Missing,
    /// As [`Loaded::Retired`].
    Retired,
}

impl Touched {
    /// What stands in the way of prolonging a session with these data, if anything does.
    fn instead(data: &Data, until: DateTime<Utc>, due: DateTime<Utc>) -> Option<Self> {
        match Expiry::of(data) {
            Expiry::Policy if until > due => Some(Self::Fresh),
            Expiry::Policy => None,
            own => Some(Self::Own(own, until)),
        }
    }
}

/// A place where sessions are kept. An expired session counts as absent everywhere.
///
/// No method brings a session back that was deleted meanwhile, and none adopts a key that the
/// store did not give out. `expires_at` is until when the session lives after that call.
#[expect(async_fn_in_trait, reason = "actix handlers run on one thread: no Send is needed")]
pub trait Engine {
    /// Whether anything is kept at all. If not, no cookie is looked at, set or removed.
    fn keeps(&self) -> bool {
        true
    }

    /// `None` when this cookie cannot be from here: then nothing is asked.
    fn parse(&self, cookie: &str) -> Option<Key> {
        Key::parse(cookie)
    }

    /// Refuses data that could not be stored, at the call that would make them so.
    fn check(&self, _data: &Data) -> Result<(), ValueError> {
        Ok(())
    }

    async fn load(&self, key: &Key) -> Result<Loaded, StoreError>;

    /// Keeps a new session.
    async fn insert(&self, data: &Data, expires_at: DateTime<Utc>) -> Result<Key, StoreError>;

    /// Applies `changes` to what is stored now and prolongs the session.
    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Merged, StoreError>;

    /// Adds `by` to the whole number under `name` (anything else counts as 0) at once and
    /// prolongs the session, unless it has an expiry of its own. Requests under way together
    /// all count.
    async fn add(
        &self,
        key: &Key,
        name: &str,
        by: i64,
        expires_at: DateTime<Utc>,
    ) -> Result<Added, StoreError>;

    /// Prolongs a session that nobody changes, and writes no data. One that lives longer than
    /// until `due`, or has an expiry of its own, is left as it is.
    async fn touch(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<Touched, StoreError>;

    /// As [`Engine::merge`], under a new key; the old one is retired in the same step. `None` when
    /// the session is gone or its key was retired already.
    async fn rotate(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Option<Key>, StoreError>;

    /// Deleting what is not there is no error.
    async fn delete(&self, key: &Key) -> Result<(), StoreError>;
}

/// An engine that a cache can stand in front of.
#[expect(async_fn_in_trait, reason = "actix handlers run on one thread: no Send is needed")]
pub trait Expiring: Engine {
    /// As [`Engine::load`], with the moment after which no copy may be used.
    async fn load_with_expiry(&self, key: &Key) -> Result<Loaded<Dated>, StoreError>;
}

/// The engine chosen at the start.
#[derive(Clone)]
pub enum AnyEngine {
    Db(DbEngine),
    Cache(CacheEngine),
    CachedDb(CachedDb<DbEngine>),
    File(FileEngine),
    SignedCookies(SignedCookiesEngine),
    None(NoEngine),
}

impl AnyEngine {
    /// The engine that the settings name. One is enough for all threads: clones share it.
    ///
    /// # Errors
    /// When the engine cannot work with its settings; names the setting.
    pub fn open(config: &SessionConfig, pool: &Pool) -> anyhow::Result<Self> {
        Ok(match config.session_engine {
            EngineName::Db => Self::Db(DbEngine::new(pool.clone(), config.absolute_age())?),
            EngineName::Cache => {
                let (url, prefix) = (&config.session_cache_url, &config.session_cookie_name);
                Self::Cache(CacheEngine::open(url, prefix, config.absolute_age())?)
            }
            EngineName::CachedDb => {
                let db = DbEngine::new(pool.clone(), config.absolute_age())?;
                let copies =
                    Copies::open(&config.session_cache_url, &config.session_cookie_name, pool)?;
                Self::CachedDb(CachedDb::new(db, copies))
            }
            EngineName::File => {
                let folder = config.session_file_path.clone().unwrap_or_else(std::env::temp_dir);
                let prefix = &config.session_cookie_name;
                Self::File(FileEngine::open(&folder, prefix, config.absolute_age())?)
            }
            EngineName::SignedCookies => {
                let secrets = config.secret_key.iter().chain(&config.secret_key_fallbacks);
                let given = secrets.filter(|secret| !secret.is_empty());
                let secrets: Vec<&[u8]> = given.map(Secret::as_bytes).collect();
                let name = &config.session_cookie_name;
                let around = cookie::length_around(config);
                let absolute = config.absolute_age();
                Self::SignedCookies(SignedCookiesEngine::new(&secrets, name, around, absolute)?)
            }
            EngineName::None => Self::None(NoEngine),
        })
    }
}

impl AnyEngine {
    /// Whether this store may fail while the database answers.
    pub fn stands_alone(&self) -> bool {
        !matches!(self, Self::Db(_) | Self::CachedDb(_))
    }

    /// Removes at most `batch` expired sessions; returns how many.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn clear_expired(&self, batch: usize) -> Result<usize, StoreError> {
        match self {
            Self::Db(engine) => engine.clear_expired(batch).await,
            Self::CachedDb(engine) => engine.db().clear_expired(batch).await,
            Self::File(engine) => engine.clear_expired(batch, false).await,
            // A cache forgets by itself; cookies are the browser's to drop.
            Self::Cache(_) | Self::SignedCookies(_) | Self::None(_) => Ok(0),
        }
    }

    /// Whether the cache is there; `None` for an engine without one.
    pub async fn cache_answers(&self) -> Option<bool> {
        match self {
            Self::Cache(engine) => Some(engine.answers().await),
            Self::CachedDb(engine) => Some(engine.cache_answers().await),
            Self::Db(_) | Self::File(_) | Self::SignedCookies(_) | Self::None(_) => None,
        }
    }

    /// How many sessions [`AnyEngine::clear_expired`] would remove in the end.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn count_expired(&self) -> Result<usize, StoreError> {
        match self {
            Self::Db(engine) => engine.count_expired().await,
            Self::CachedDb(engine) => engine.db().count_expired().await,
            Self::File(engine) => engine.clear_expired(usize::MAX, true).await,
            // A cache forgets by itself; cookies are the browser's to drop.
            Self::Cache(_) | Self::SignedCookies(_) | Self::None(_) => Ok(0),
        }
    }
}

/// Calls the same method of whichever engine was chosen.
macro_rules! chosen {
    ($any:expr, $engine:ident => $call:expr) => {
        match $any {
            Self::Db($engine) => $call,
            Self::Cache($engine) => $call,
            Self::CachedDb($engine) => $call,
            Self::File($engine) => $call,
            Self::SignedCookies($engine) => $call,
            Self::None($engine) => $call,
        }
    };
}

/// As [`chosen!`], of a method that waits: each in a box of its size, for every request would carry
/// the room that the largest of the engines needs.
macro_rules! awaited {
    ($any:expr, $engine:ident => $call:expr) => {
        chosen!($any, $engine => Box::pin($call).await)
    };
}

impl Engine for AnyEngine {
    fn keeps(&self) -> bool {
        chosen!(self, engine => engine.keeps())
    }

    fn parse(&self, cookie: &str) -> Option<Key> {
        chosen!(self, engine => engine.parse(cookie))
    }

    fn check(&self, data: &Data) -> Result<(), ValueError> {
        chosen!(self, engine => engine.check(data))
    }

    async fn load(&self, key: &Key) -> Result<Loaded, StoreError> {
        METRICS.count("load", awaited!(self, engine => engine.load(key)))
    }

    async fn insert(&self, data: &Data, expires_at: DateTime<Utc>) -> Result<Key, StoreError> {
        METRICS.count("insert", awaited!(self, engine => engine.insert(data, expires_at)))
    }

    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Merged, StoreError> {
        METRICS.count("merge", awaited!(self, engine => engine.merge(key, changes, expires_at)))
    }

    async fn add(
        &self,
        key: &Key,
        name: &str,
        by: i64,
        expires_at: DateTime<Utc>,
    ) -> Result<Added, StoreError> {
        METRICS.count("add", awaited!(self, engine => engine.add(key, name, by, expires_at)))
    }

    async fn touch(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<Touched, StoreError> {
        METRICS.count("touch", awaited!(self, engine => engine.touch(key, expires_at, due)))
    }

    async fn rotate(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Option<Key>, StoreError> {
        METRICS.count("rotate", awaited!(self, engine => engine.rotate(key, changes, expires_at)))
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        METRICS.count("delete", awaited!(self, engine => engine.delete(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each request under way holds one such call, and is copied with it.
    #[test]
    fn a_call_carries_no_room_for_all_engines() {
        let (engine, key) = (AnyEngine::None(NoEngine), Key::generate());
        let (data, changes, until) = (Data::new(), Changes::default(), Utc::now());
        let sizes = [
            size_of_val(&engine.load(&key)),
            size_of_val(&engine.insert(&data, until)),
            size_of_val(&engine.merge(&key, &changes, until)),
            size_of_val(&engine.add(&key, "n", 1, until)),
            size_of_val(&engine.touch(&key, until, until)),
            size_of_val(&engine.rotate(&key, &changes, until)),
            size_of_val(&engine.delete(&key)),
        ];
        assert!(sizes.into_iter().all(|size| size < 500), "{sizes:?} bytes");
    }
}
