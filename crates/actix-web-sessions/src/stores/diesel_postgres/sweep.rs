//! Removing the rows that are over.

use diesel::QueryResult;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

/// Found by the index over hours, checked by the exact moments.
macro_rules! over {
    () => {
        "sweep_hour <= ceil(extract(epoch FROM now()) / 3600) AND expires_at < now() \
         AND (reserved_until IS NULL OR reserved_until < now())"
    };
}

/// A row that a request is just extending is locked, and skipped; one extended since it was found
/// fails the check again.
const DELETE: &str = concat!(
    "DELETE FROM sessions WHERE ctid = ANY (ARRAY(SELECT ctid FROM sessions WHERE ",
    over!(),
    " LIMIT $1 FOR UPDATE SKIP LOCKED))"
);

const COUNT: &str = concat!("SELECT count(*) AS rows FROM sessions WHERE ", over!());

/// One process at a time, until its transaction ends; others go on.
const LOCK: &str = "SELECT pg_try_advisory_xact_lock(7305703) AS free";

#[derive(diesel::QueryableByName)]
struct Free {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    free: bool,
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Removes at most `limit` rows in one short transaction; returns the number.
pub async fn delete_expired(
    connection: &mut AsyncPgConnection,
    limit: usize,
) -> QueryResult<usize> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection
        .transaction::<usize, diesel::result::Error, _>(async |connection| {
            let lock: Free = diesel::sql_query(LOCK).get_result(connection).await?;
            if !lock.free {
                return Ok(0);
            }
            diesel::sql_query(DELETE).bind::<BigInt, _>(limit).execute(connection).await
        })
        .await
}

pub async fn count_expired(connection: &mut AsyncPgConnection) -> QueryResult<usize> {
    let count: Count = diesel::sql_query(COUNT).get_result(connection).await?;
    Ok(usize::try_from(count.rows).unwrap_or(0))
}
