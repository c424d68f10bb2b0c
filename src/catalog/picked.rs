//! Films that somebody picked by number.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::db::Connection;
use crate::schema::movies;

/// What puts picked films in order, and adds them up.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = movies)]
pub struct Picked {
    pub id: i32,
    pub sort_title: String,
    pub year: Option<i16>,
    /// Minutes.
    pub runtime: Option<i16>,
}

/// Those of `ids` that the catalogue has, in the order of `ids`.
pub async fn list(conn: &mut Connection, ids: &[i32]) -> QueryResult<Vec<Picked>> {
    let found = Picked::query().filter(movies::id.eq_any(ids)).load(conn).await?;
    let mut by_id: HashMap<i32, Picked> = found.into_iter().map(|film| (film.id, film)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}
