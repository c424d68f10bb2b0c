//! Directors, and every query that reads them.

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
    /// `nm0000041`
    pub imdb: Option<String>,
}

/// A director as a list shows one.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = directors)]
pub struct Listed {
    pub id: i32,
    pub slug: String,
    pub name: String,
    pub born: Option<i16>,
    pub died: Option<i16>,
    pub country: Option<String>,
}

/// The order of a list; ties end at the name and the id.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// By family name.
    #[default]
    Name,
    /// The most films first.
    Films,
}

/// A director's name as a film's credits show it.
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

/// Directors with these ids, in no particular order.
pub async fn with_ids(conn: &mut Connection, ids: &[i32]) -> QueryResult<Vec<Listed>> {
    Listed::query().filter(directors::id.eq_any(ids)).load(conn).await
}

pub async fn find(conn: &mut Connection, slug: &str) -> QueryResult<Option<Director>> {
    Director::query().filter(directors::slug.eq(slug)).first(conn).await.optional()
}

pub async fn with_id(conn: &mut Connection, id: i32) -> QueryResult<Option<Director>> {
    Director::query().filter(directors::id.eq(id)).first(conn).await.optional()
}

/// Where the biography comes from.
pub async fn source(conn: &mut Connection, director: &Director) -> QueryResult<Option<Source>> {
    let Some(id) = director.biography_source_id else { return Ok(None) };
    Source::query().filter(sources::id.eq(id)).first(conn).await.optional()
}
