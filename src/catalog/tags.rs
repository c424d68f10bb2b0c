//! Tags, and every query that reads them.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::db::Connection;
use crate::schema::{movie_tags, tags};

#[derive(Debug, Clone, PartialEq, Eq, HasQuery)]
pub struct Tag {
    pub id: i32,
    pub slug: String,
    pub name: String,
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
