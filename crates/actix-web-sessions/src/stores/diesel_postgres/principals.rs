//! The sessions of a user.

use diesel::QueryResult;
use diesel::sql_types::{Bytea, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::batcher::Operation;
use super::operations::{Load, RowState, key_of};
use crate::key::StoreKey;
use crate::store::Snapshot;

/// Returns the live sessions of a principal.
pub async fn sessions_of(
    connection: &mut AsyncPgConnection,
    principal: &str,
) -> QueryResult<Vec<(StoreKey, Snapshot)>> {
    #[derive(diesel::QueryableByName)]
    struct Key {
        #[diesel(sql_type = Bytea)]
        key_hash: Vec<u8>,
    }
    let query = "SELECT key_hash FROM sessions WHERE principal = $1 AND expires_at > now()";
    let query = diesel::sql_query(query).bind::<Text, _>(principal);
    let mut keys: Vec<Key> = query.load(connection).await?;
    keys.sort_by(|a, b| a.key_hash.cmp(&b.key_hash));
    let loads: Vec<Load> = keys.iter().map(|key| Load(key_of(&key.key_hash))).collect();
    let states = Load::run(connection, &loads, true).await?;
    let live = |(load, state): (&Load, Option<RowState>)| match state {
        Some(RowState::Live(snapshot)) => Some((load.0, snapshot)),
        _ => None,
    };
    Ok(loads.iter().zip(states).filter_map(live).collect())
}
