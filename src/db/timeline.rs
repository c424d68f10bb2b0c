//! Detection of a primary that a fail-over has replaced.
//!
//! Postgres starts a new timeline whenever a replica is promoted. A former primary that comes back still
//! accepts writes, on the older timeline, and they would be lost. The program remembers the newest
//! timeline of each cluster that it has seen and refuses servers on an older one.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use diesel::QueryableByName;
use diesel::prelude::OptionalExtension;
use diesel::sql_types::{Integer, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The newest timeline of each cluster, by the system identifier that a primary shares with its
/// replicas.
static NEWEST: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Mutex::default);

/// Returns no row during recovery: a replica has no timeline of its own.
const QUERY: &str = "SELECT system_identifier::text AS system, \
     ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer AS timeline \
     FROM pg_control_system() WHERE NOT pg_is_in_recovery()";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    system: String,
    #[diesel(sql_type = Integer)]
    timeline: i32,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "this server is on timeline {timeline}, but timeline {newest} exists: a fail-over has replaced it; \
     stop it and rebuild it as a replica"
)]
pub struct Replaced {
    timeline: u32,
    newest: u32,
}

/// Returns the timeline of a primary; `None` for a replica, and where the server does not tell it, as
/// some hosted services do not.
///
/// # Errors
/// When a newer timeline of the same cluster is known.
pub async fn check(connection: &mut AsyncPgConnection) -> Result<Option<u32>, Replaced> {
    let row = diesel::sql_query(QUERY).get_result::<Row>(connection).await.optional();
    match row {
        Ok(Some(Row { system, timeline })) => observe(system, timeline.unsigned_abs()).map(Some),
        Ok(None) => Ok(None),
        Err(error) => {
            log::debug!("the timeline of the database is unknown: {error}");
            Ok(None)
        }
    }
}

fn observe(system: String, timeline: u32) -> Result<u32, Replaced> {
    let mut newest = NEWEST.lock().unwrap_or_else(PoisonError::into_inner);
    let newest = newest.entry(system).or_insert(timeline);
    *newest = timeline.max(*newest);
    match *newest {
        newest if newest > timeline => Err(Replaced { timeline, newest }),
        _ => Ok(timeline),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_timeline_of_the_same_cluster_is_refused() {
        let observe = |system: &str, timeline| observe(system.to_owned(), timeline).is_ok();
        assert!(observe("a", 3) && observe("a", 3) && observe("a", 4));
        assert!(!observe("a", 3));
        assert!(observe("b", 1));
    }
}
