//! Tags: the subjects and genres of movies.

use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Record, Text};
use diesel_async::RunQueryDsl;

use super::dimension::Value;
use crate::db::Connection;
use crate::schema::tags;

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

impl From<Tag> for Value {
    fn from(tag: Tag) -> Self {
        Self { slug: tag.slug, label: tag.name }
    }
}

/// Returns the id of the tag with this slug.
pub async fn id(conn: &mut Connection, slug: &str) -> QueryResult<Option<i32>> {
    let tag = tags::table.filter(tags::slug.eq(slug)).select(tags::id);
    tag.get_result(conn).await.optional()
}
