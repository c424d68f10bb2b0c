//! Directors, and every query that reads them.

use std::collections::HashMap;

use diesel::deserialize::{self, FromSql};
use diesel::dsl::{count_star, sql};
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Record, Text};
use diesel_async::RunQueryDsl;

use super::sources::Source;
use crate::db::Connection;
use crate::schema::{directors, movie_directors, sources};

#[derive(Debug, Clone, HasQuery)]
pub struct Director {
    pub id: i32,
    pub slug: String,
    pub name: String,
    pub born: Option<i16>,
    pub died: Option<i16>,
    pub country: Option<String>,
    pub biography: Option<String>,
    pub biography_source_id: Option<i32>,
    pub biography_url: Option<String>,
}

/// A director as a list shows one.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = directors)]
pub struct Listed {
    #[diesel(select_expression = directors::id)]
    pub id: i32,
    #[diesel(select_expression = directors::slug)]
    pub slug: String,
    #[diesel(select_expression = directors::name)]
    pub name: String,
    #[diesel(select_expression = directors::sort_name)]
    pub sort_name: String,
    #[diesel(select_expression = directors::born)]
    pub born: Option<i16>,
    #[diesel(select_expression = directors::died)]
    pub died: Option<i16>,
    #[diesel(select_expression = directors::country)]
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

/// Which directors a list holds.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    /// First letter of the sort name.
    pub initial: Option<char>,
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

type Query<'a> = diesel::helper_types::IntoBoxed<'a, directors::table, Pg>;

fn filtered(filter: &Filter) -> Query<'static> {
    let mut query = directors::table.into_boxed();
    if let Some(initial) = filter.initial {
        query = query.filter(directors::sort_name.like(format!("{initial}%")));
    }
    query
}

pub async fn list(
    conn: &mut Connection,
    filter: &Filter,
    sort: Sort,
    offset: i64,
    limit: i64,
) -> QueryResult<Vec<Listed>> {
    let films = "(SELECT count(*) FROM movie_directors WHERE director_id = directors.id)";
    let query = filtered(filter);
    let query = match sort {
        Sort::Name => query,
        Sort::Films => query.order(sql::<BigInt>(films).desc()),
    };
    query
        .select(Listed::as_select())
        .then_order_by((directors::sort_name, directors::id))
        .offset(offset)
        .limit(limit)
        .load(conn)
        .await
}

/// Directors with these ids, in the order of the ids.
pub async fn with_ids(conn: &mut Connection, ids: &[i32]) -> QueryResult<Vec<Listed>> {
    let mut directors = Listed::query().filter(directors::id.eq_any(ids)).load(conn).await?;
    directors.sort_by_key(|director| ids.iter().position(|id| *id == director.id));
    Ok(directors)
}

pub async fn count(conn: &mut Connection, filter: &Filter) -> QueryResult<i64> {
    filtered(filter).count().get_result(conn).await
}

/// The first letters that sort names have, in order; scripts other than Latin come last.
pub async fn initials(conn: &mut Connection) -> QueryResult<Vec<String>> {
    let initial = sql::<Text>("left(sort_name, 1)");
    directors::table.select(initial.clone()).distinct().order(initial).load(conn).await
}

pub async fn find(conn: &mut Connection, slug: &str) -> QueryResult<Option<Director>> {
    Director::query().filter(directors::slug.eq(slug)).first(conn).await.optional()
}

/// The `nth` director who has a biography, in order of id, counted round and round.
pub async fn nth_with_biography(conn: &mut Connection, nth: i64) -> QueryResult<Option<Director>> {
    let with_biography = || directors::table.filter(directors::biography.is_not_null());
    let total: i64 = with_biography().count().get_result(conn).await?;
    if total == 0 {
        return Ok(None);
    }
    let one = with_biography().order(directors::id).offset(nth.rem_euclid(total)).limit(1);
    one.select(Director::as_select()).first(conn).await.optional()
}

/// Where the biography comes from.
pub async fn source(conn: &mut Connection, director: &Director) -> QueryResult<Option<Source>> {
    let Some(id) = director.biography_source_id else { return Ok(None) };
    Source::query().filter(sources::id.eq(id)).first(conn).await.optional()
}

/// How many films each of these directors has.
pub async fn film_counts(conn: &mut Connection, ids: &[i32]) -> QueryResult<HashMap<i32, i64>> {
    let counts: Vec<(i32, i64)> = movie_directors::table
        .filter(movie_directors::director_id.eq_any(ids))
        .group_by(movie_directors::director_id)
        .select((movie_directors::director_id, count_star()))
        .load(conn)
        .await?;
    Ok(counts.into_iter().collect())
}

/// The credits of these films, by film, in their order.
pub async fn credits(
    conn: &mut Connection,
    movie_ids: &[i32],
) -> QueryResult<HashMap<i32, Vec<Credit>>> {
    let rows: Vec<(i32, i32, String, String)> = movie_directors::table
        .inner_join(directors::table)
        .filter(movie_directors::movie_id.eq_any(movie_ids))
        .order((movie_directors::movie_id, movie_directors::position))
        .select((movie_directors::movie_id, directors::id, directors::slug, directors::name))
        .load(conn)
        .await?;
    let mut credits: HashMap<i32, Vec<Credit>> = HashMap::new();
    for (movie, id, slug, name) in rows {
        credits.entry(movie).or_default().push(Credit { id, slug, name });
    }
    Ok(credits)
}
