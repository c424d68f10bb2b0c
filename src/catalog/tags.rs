//! Tags, and every query that reads them.

use diesel::deserialize::{self, FromSql};
use diesel::dsl::count_star;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Record, Text};
use diesel_async::RunQueryDsl;

use crate::db::Connection;
use crate::schema::{movie_tags, tags};

#[derive(Debug, Clone, PartialEq, Eq, HasQuery)]
pub struct Tag {
    pub id: i32,
    pub slug: String,
    pub name: String,
}

impl FromSql<Record<(Integer, Text, Text)>, Pg> for Tag {
    fn from_sql(row: PgValue<'_>) -> deserialize::Result<Self> {
        let (id, slug, name) = FromSql::<Record<(Integer, Text, Text)>, Pg>::from_sql(row)?;
        Ok(Self { id, slug, name })
    }
}

/// Every tag that has films, with how many; by name.
pub async fn list(conn: &mut Connection) -> QueryResult<Vec<(Tag, i64)>> {
    tags::table
        .inner_join(movie_tags::table)
        .group_by(tags::id)
        .select((Tag::as_select(), count_star()))
        .order(tags::slug)
        .load(conn)
        .await
}

/// How many tags have films.
pub async fn count(conn: &mut Connection) -> QueryResult<i64> {
    let used = movie_tags::table.filter(movie_tags::tag_id.eq(tags::id));
    tags::table.filter(diesel::dsl::exists(used)).count().get_result(conn).await
}
