//! Directors and their queries.

use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Record, Text};
use diesel_async::RunQueryDsl;

use super::sources::Source;
use crate::db::Connection;
use crate::schema::{directors, sources};

#[derive(Debug, Clone, HasQuery)]
pub struct Director {
    pub id: i32,
    pub slug: String,
    pub name: String,
    pub sort_name: String,
    pub born: Option<i16>,
    pub died: Option<i16>,
    pub country: Option<String>,
    pub biography: Option<String>,
    pub biography_source_id: Option<i32>,
    pub biography_url: Option<String>,
    /// IMDb name identifier: `nm0000041`.
    pub imdb: Option<String>,
}

/// The facts of a director that lists show.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = directors)]
pub struct DirectorSummary {
    pub id: i32,
    pub slug: String,
    pub name: String,
    pub sort_name: String,
    pub born: Option<i16>,
    pub died: Option<i16>,
    pub country: Option<String>,
}

/// The sort order of a list of directors. Ties are broken by name and id.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// By family name.
    #[default]
    Name,
    /// By number of movies, descending.
    Movies,
}

/// A director in a movie's credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    pub id: i32,
    pub slug: String,
    pub name: String,
}

impl FromSql<Record<(Integer, Text, Text)>, Pg> for Credit {
    fn from_sql(row: PgValue<'_>) -> deserialize::Result<Self> {
        let (id, slug, name) = FromSql::<Record<(Integer, Text, Text)>, Pg>::from_sql(row)?;
        Ok(Self { id, slug, name })
    }
}

/// Loads the directors with these ids, in no particular order.
pub async fn with_ids(conn: &mut Connection, ids: &[i32]) -> QueryResult<Vec<DirectorSummary>> {
    DirectorSummary::query().filter(directors::id.eq_any(ids)).load(conn).await
}

/// Loads the director with this slug.
pub async fn find(conn: &mut Connection, slug: &str) -> QueryResult<Option<Director>> {
    Director::query().filter(directors::slug.eq(slug)).first(conn).await.optional()
}

/// Loads the director with this id.
pub async fn with_id(conn: &mut Connection, id: i32) -> QueryResult<Option<Director>> {
    Director::query().filter(directors::id.eq(id)).first(conn).await.optional()
}

/// Loads the source of the biography.
pub async fn source(conn: &mut Connection, director: &Director) -> QueryResult<Option<Source>> {
    let Some(id) = director.biography_source_id else { return Ok(None) };
    Source::query().filter(sources::id.eq(id)).first(conn).await.optional()
}
