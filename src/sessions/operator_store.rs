//! The sessions of operators: a second instance of the framework with a cookie and a table of its own,
//! so that no visitor's key opens an operator's session, nor the other way round.

use std::time::Duration;

use actix_web::cookie::SameSite;
use actix_web_sessions::record::{RecordStore, Versioned, Visit};
use actix_web_sessions::{Capabilities, Sessions, StoreError, StoreKey};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use diesel_async::pooled_connection::deadpool::Object;

use crate::db::{Connection, Pool};
use crate::schema::operator_sessions;

/// Time that a session must gain for a request to extend it.
const TOUCH_THRESHOLD: Duration = Duration::from_secs(60);

/// Returns the middleware for operators. Sessions end after `idle_timeout` without a request, and
/// after `absolute_age` in any case. `secure` restricts the cookie to HTTPS.
///
/// # Errors
/// When the settings contradict each other.
pub fn operator_sessions(
    pool: Pool,
    idle_timeout: Duration,
    absolute_age: Duration,
    secure: bool,
) -> anyhow::Result<Sessions> {
    let sessions = Sessions::builder(Versioned::new(Records(pool)))
        .cookie_name(if secure { "__Host-admin_session" } else { "admin_session" })
        .cookie_age(idle_timeout)
        .absolute_age(absolute_age)
        .touch_threshold(TOUCH_THRESHOLD.min(idle_timeout / 10))
        .save_every_request(true)
        .expire_at_browser_close(true)
        .cookie_same_site(Some(SameSite::Strict))
        .cookie_secure(secure)
        .build()?;
    Ok(sessions)
}

/// Returns when each session was last used, by its handle.
///
/// # Errors
/// When the database does not respond.
pub async fn last_uses(
    conn: &mut Connection,
    handles: &[String],
) -> QueryResult<Vec<(String, DateTime<Utc>)>> {
    let keys = handles.iter().filter_map(|handle| StoreKey::from_hex(handle));
    let keys: Vec<Vec<u8>> = keys.map(|key| key.as_bytes().to_vec()).collect();
    let rows: Vec<(Vec<u8>, DateTime<Utc>)> = operator_sessions::table
        .filter(operator_sessions::key_hash.eq_any(keys))
        .select((operator_sessions::key_hash, operator_sessions::last_used_at))
        .load(conn)
        .await?;
    let handle = |key: &[u8]| Some(StoreKey::from_bytes(key.try_into().ok()?).to_hex());
    Ok(rows.into_iter().filter_map(|(key, at)| Some((handle(&key)?, at))).collect())
}

/// Rows of `operator_sessions`.
struct Records(Pool);

impl Records {
    async fn connection(&self) -> Result<Object<Connection>, StoreError> {
        self.0.get().await.map_err(StoreError::unavailable)
    }
}

fn end_of(ttl: Duration) -> DateTime<Utc> {
    let ttl = chrono::Duration::from_std(ttl).unwrap_or(chrono::Duration::days(365));
    Utc::now() + ttl.min(chrono::Duration::days(365))
}

impl RecordStore for Records {
    /// The record itself.
    type Version = Vec<u8>;

    async fn get(&self, key: &StoreKey) -> Result<Option<(Vec<u8>, Vec<u8>)>, StoreError> {
        let record: Option<Vec<u8>> = operator_sessions::table
            .find(&key.as_bytes()[..])
            .select(operator_sessions::record)
            .get_result(&mut self.connection().await?)
            .await
            .optional()
            .map_err(StoreError::unavailable)?;
        Ok(record.map(|record| (record.clone(), record)))
    }

    async fn insert(
        &self,
        key: &StoreKey,
        record: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let inserted = diesel::insert_into(operator_sessions::table)
            .values((
                operator_sessions::key_hash.eq(&key.as_bytes()[..]),
                operator_sessions::record.eq(record),
                operator_sessions::expires_at.eq(end_of(ttl)),
            ))
            .on_conflict_do_nothing()
            .execute(&mut self.connection().await?)
            .await;
        Ok(inserted.map_err(StoreError::unavailable)? == 1)
    }

    async fn replace(
        &self,
        key: &StoreKey,
        expected: &Vec<u8>,
        record: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let row = operator_sessions::table
            .find(&key.as_bytes()[..])
            .filter(operator_sessions::record.eq(expected));
        let replaced = diesel::update(row)
            .set((
                operator_sessions::record.eq(record),
                operator_sessions::last_used_at.eq(Utc::now()),
                operator_sessions::expires_at.eq(end_of(ttl)),
            ))
            .execute(&mut self.connection().await?)
            .await;
        Ok(replaced.map_err(StoreError::unavailable)? == 1)
    }

    async fn remove(&self, key: &StoreKey, expected: &Vec<u8>) -> Result<bool, StoreError> {
        let row = operator_sessions::table
            .find(&key.as_bytes()[..])
            .filter(operator_sessions::record.eq(expected));
        let removed = diesel::delete(row).execute(&mut self.connection().await?).await;
        Ok(removed.map_err(StoreError::unavailable)? == 1)
    }

    /// Removes all of them: there are few.
    async fn remove_expired(&self, _limit: usize) -> Result<usize, StoreError> {
        let expired = operator_sessions::expires_at.lt(Utc::now());
        let removed = diesel::delete(operator_sessions::table.filter(expired))
            .execute(&mut self.connection().await?)
            .await;
        removed.map_err(StoreError::unavailable)
    }

    async fn scan(&self, visit: Visit<'_>) -> Result<(), StoreError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = operator_sessions::table
            .filter(operator_sessions::expires_at.gt(Utc::now()))
            .select((operator_sessions::key_hash, operator_sessions::record))
            .load(&mut self.connection().await?)
            .await
            .map_err(StoreError::unavailable)?;
        for (key, record) in rows {
            if let Ok(key) = key.try_into() {
                visit(&StoreKey::from_bytes(key), &record);
            }
        }
        Ok(())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { counters: true, principals: true, ..Capabilities::default() }
    }
}
