//! What a place to keep sessions must be able to do. One back end each in `engine/`.

pub mod db;

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};

use self::db::DbEngine;
use super::data::{Changes, Data};
use super::key::Key;

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

/// A place where sessions are kept. An expired session counts as absent everywhere.
///
/// No method brings a session back that was deleted meanwhile, and none adopts a key that the
/// store did not give out.
#[expect(async_fn_in_trait, reason = "actix handlers run on one thread: no Send is needed")]
pub trait Engine {
    /// `None`: never given out, expired or deleted.
    async fn load(&self, key: &Key) -> Result<Option<Data>, StoreError>;

    /// Keeps a new session for `lifetime`.
    async fn insert(&self, data: &Data, lifetime: Duration) -> Result<Key, StoreError>;

    /// Applies `changes` to what is stored now and prolongs the session; `false` when there is
    /// no such session any more, and then nothing is stored.
    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        lifetime: Duration,
    ) -> Result<bool, StoreError>;

    /// Adds `by` to the whole number under `name` (a missing one counts as 0), prolongs the
    /// session and returns all of it as it is then. Requests under way at once all count.
    async fn add(
        &self,
        key: &Key,
        name: &str,
        by: i64,
        lifetime: Duration,
    ) -> Result<Option<Data>, StoreError>;

    /// Deleting what is not there is no error.
    async fn delete(&self, key: &Key) -> Result<(), StoreError>;
}

/// The engine chosen at the start.
#[derive(Clone)]
pub enum AnyEngine {
    Db(DbEngine),
}

impl Engine for AnyEngine {
    async fn load(&self, key: &Key) -> Result<Option<Data>, StoreError> {
        match self {
            Self::Db(engine) => engine.load(key).await,
        }
    }

    async fn insert(&self, data: &Data, lifetime: Duration) -> Result<Key, StoreError> {
        match self {
            Self::Db(engine) => engine.insert(data, lifetime).await,
        }
    }

    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        lifetime: Duration,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Db(engine) => engine.merge(key, changes, lifetime).await,
        }
    }

    async fn add(
        &self,
        key: &Key,
        name: &str,
        by: i64,
        lifetime: Duration,
    ) -> Result<Option<Data>, StoreError> {
        match self {
            Self::Db(engine) => engine.add(key, name, by, lifetime).await,
        }
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        match self {
            Self::Db(engine) => engine.delete(key).await,
        }
    }
}
