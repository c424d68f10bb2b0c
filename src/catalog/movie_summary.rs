//! Short records of movies, for lists that are sorted in memory.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::db::Connection;
use crate::schema::movies;

/// The facts of a movie that a visitor's own list is sorted and summed up by.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = movies)]
pub struct MovieSummary {
    pub id: i32,
    pub sort_title: String,
    pub year: Option<i16>,
    /// Minutes.
    pub runtime: Option<i16>,
}

/// Loads the movies with these ids, in the order of `ids`. Unknown ids are skipped.
pub async fn list(conn: &mut Connection, ids: &[i32]) -> QueryResult<Vec<MovieSummary>> {
    let found = MovieSummary::query().filter(movies::id.eq_any(ids)).load(conn).await?;
    let mut by_id: HashMap<i32, MovieSummary> =
        found.into_iter().map(|film| (film.id, film)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}
