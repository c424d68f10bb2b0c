//! Removing the sessions that nobody can load any more.

use anyhow::Context;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::DbEngine;
use crate::sessions::engine::StoreError;

/// Found by the index over whole hours, checked by the exact moment. A row that a request is just
/// prolonging is locked, and skipped; one prolonged since it was found fails the check again.
const DELETE: &str = "DELETE FROM sessions WHERE ctid = ANY (ARRAY(\
     SELECT ctid FROM sessions \
     WHERE expire_hour <= ceil(extract(epoch FROM now()) / 3600) AND expires_at < now() \
     LIMIT $1 FOR UPDATE SKIP LOCKED))";

/// One process at a time, until its transaction ends.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7305703)";

const COUNT: &str = "SELECT count(*) AS sessions FROM sessions WHERE expires_at < now()";

#[derive(diesel::QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    sessions: i64,
}

impl DbEngine {
    /// Removes at most `batch` expired sessions, in one short transaction; returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clear_expired(&self, batch: usize) -> Result<usize, StoreError> {
        let sweep = async || -> anyhow::Result<usize> {
            let connection = &mut self.pool.get().await?;
            let batch = i64::try_from(batch)?;
            let removed = connection
                .transaction::<usize, diesel::result::Error, _>(async |connection| {
                    diesel::sql_query(LOCK).execute(connection).await?;
                    diesel::sql_query("DELETE FROM session_tombstones WHERE until < now()")
                        .execute(connection)
                        .await?;
                    let delete = diesel::sql_query(DELETE).bind::<BigInt, _>(batch);
                    delete.execute(connection).await
                })
                .await?;
            Ok(removed)
        };
        Ok(sweep().await.context("sweeping")?)
    }

    /// How many sessions a sweep would remove.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_expired(&self) -> Result<usize, StoreError> {
        let count = async || -> anyhow::Result<usize> {
            let connection = &mut self.pool.get().await?;
            let counted: Counted = diesel::sql_query(COUNT).get_result(connection).await?;
            Ok(usize::try_from(counted.sessions)?)
        };
        Ok(count().await.context("counting expired sessions")?)
    }
}
