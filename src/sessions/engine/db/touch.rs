//! Prolonging a session whose data stay as they are.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::now;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::{DbEngine, expire_hour, successor};
use crate::schema::sessions;
use crate::sessions::data::Data;
use crate::sessions::engine::Touched;
use crate::sessions::expiry::SESSION_EXPIRY;
use crate::sessions::key::Key;

/// When the row expires, when it was made, and the session's own expiry.
type Life = (DateTime<Utc>, DateTime<Utc>, Option<Value>);

impl DbEngine {
    /// Reads first: most of the time nothing is due, and a read writes no log.
    pub(super) async fn try_touch(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> anyhow::Result<Touched> {
        let connection = &mut self.pool.get().await?;
        let hash = key.hash();
        let own = sessions::data.retrieve_as_object(SESSION_EXPIRY).nullable();
        let found: Option<Life> = sessions::table
            .find(hash.as_slice())
            .filter(sessions::expires_at.gt(now))
            .select((sessions::expires_at, sessions::created_at, own))
            .first(connection)
            .await
            .optional()?;
        let Some((until, created_at, own)) = found else {
            let retired = successor(connection, &hash).await?.is_some();
            return Ok(if retired { Touched::Retired } else { Touched::Missing });
        };
        let own: Data = own.map(|own| (SESSION_EXPIRY.to_owned(), own)).into_iter().collect();
        if let Some(instead) = Touched::instead(&own, until, due) {
            return Ok(instead);
        }
        let absolute = self.absolute.and_then(|limit| TimeDelta::from_std(limit).ok());
        let latest = absolute.and_then(|limit| created_at.checked_add_signed(limit));
        let expires_at = latest.map_or(expires_at, |latest| latest.min(expires_at));
        let prolonged = diesel::update(sessions::table.find(hash.as_slice()))
            .filter(sessions::expires_at.gt(now))
            .set((
                sessions::expires_at.eq(expires_at),
                sessions::expire_hour.eq(expire_hour(expires_at)?),
            ))
            .execute(connection)
            .await?;
        Ok(if prolonged == 1 { Touched::Prolonged(key.clone()) } else { Touched::Missing })
    }
}
