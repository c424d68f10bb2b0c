//! Movies, and every query that reads them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::directors::{self, Credit};
use super::sources::Source;
use super::tags::Tag;
use crate::db::Connection;
use crate::schema::{movie_directors, movie_identifiers, movie_tags, movies, sources, tags};

#[derive(Debug, Clone, HasQuery)]
pub struct Movie {
    pub id: i32,
    pub slug: String,
    pub title: String,
    pub original_title: Option<String>,
    pub year: Option<i16>,
    pub released_on: Option<NaiveDate>,
    /// Minutes.
    pub runtime: Option<i16>,
    pub countries: Vec<String>,
    /// ISO 639 codes.
    pub languages: Vec<String>,
    pub actors: Vec<String>,
    pub synopsis: Option<String>,
    pub synopsis_source_id: Option<i32>,
    pub synopsis_url: Option<String>,
    /// When the film came into the catalogue.
    pub added_at: DateTime<Utc>,
}

/// A film with its credits and tags, the main genre first.
#[derive(Debug, Clone)]
pub struct Credited {
    pub movie: Movie,
    pub directors: Vec<Credit>,
    pub tags: Vec<Tag>,
}

/// Which films a list holds; the parts combine by AND.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    pub director_id: Option<i32>,
}

/// The order of a list. Films without the fact come last; ties end at title and id.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    #[default]
    Newest,
    Oldest,
    Title,
    Shortest,
    Longest,
    /// Most like the searched words; without words as [`Sort::Newest`].
    Likeness,
}

type Query<'a> = diesel::helper_types::IntoBoxed<'a, movies::table, Pg>;

fn filtered(filter: &Filter) -> Query<'static> {
    let mut query = movies::table.into_boxed();
    if let Some(id) = filter.director_id {
        let directed = movie_directors::table.filter(movie_directors::director_id.eq(id));
        query = query.filter(movies::id.eq_any(directed.select(movie_directors::movie_id)));
    }
    query
}

fn sorted(query: Query<'static>, sort: Sort) -> Query<'static> {
    let newest = movies::year.desc().nulls_last();
    let query = match sort {
        Sort::Newest | Sort::Likeness => query.order(newest),
        Sort::Oldest => query.order(movies::year.asc().nulls_last()),
        Sort::Title => query.order(movies::sort_title),
        Sort::Shortest => query.order(movies::runtime.asc().nulls_last()),
        Sort::Longest => query.order(movies::runtime.desc().nulls_last()),
    };
    query.then_order_by((movies::sort_title, movies::id))
}

pub async fn list(
    conn: &mut Connection,
    filter: &Filter,
    sort: Sort,
    offset: i64,
    limit: i64,
) -> QueryResult<Vec<Credited>> {
    let query = sorted(filtered(filter), sort);
    let movies = query.select(Movie::as_select()).offset(offset).limit(limit).load(conn).await?;
    credited(conn, movies).await
}

/// The films of these ids in their order; those that are there no longer are left out.
pub async fn with_ids(conn: &mut Connection, ids: &[i32]) -> QueryResult<Vec<Credited>> {
    let mut movies = Movie::query().filter(movies::id.eq_any(ids)).load(conn).await?;
    let places: HashMap<i32, usize> = ids.iter().copied().zip(0..).collect();
    movies.sort_by_key(|movie| places.get(&movie.id));
    credited(conn, movies).await
}

pub async fn count(conn: &mut Connection, filter: &Filter) -> QueryResult<i64> {
    filtered(filter).count().get_result(conn).await
}

pub async fn find(conn: &mut Connection, slug: &str) -> QueryResult<Option<Credited>> {
    let movie = Movie::query().filter(movies::slug.eq(slug)).load(conn).await?;
    Ok(credited(conn, movie).await?.pop())
}

/// The number of the film at that address.
pub async fn id(conn: &mut Connection, slug: &str) -> QueryResult<Option<i32>> {
    movies::table.filter(movies::slug.eq(slug)).select(movies::id).first(conn).await.optional()
}

pub async fn slug(conn: &mut Connection, id: i32) -> QueryResult<Option<String>> {
    movies::table.find(id).select(movies::slug).first(conn).await.optional()
}

/// The `nth` film that has a synopsis, in order of id, counted round and round.
pub async fn nth_with_synopsis(conn: &mut Connection, nth: i64) -> QueryResult<Option<Credited>> {
    let with_synopsis = || movies::table.filter(movies::synopsis.is_not_null());
    let total: i64 = with_synopsis().count().get_result(conn).await?;
    if total == 0 {
        return Ok(None);
    }
    let one = with_synopsis().order(movies::id).offset(nth.rem_euclid(total)).limit(1);
    let movie = one.select(Movie::as_select()).load(conn).await?;
    Ok(credited(conn, movie).await?.pop())
}

/// Where the synopsis comes from.
pub async fn source(conn: &mut Connection, movie: &Movie) -> QueryResult<Option<Source>> {
    let Some(id) = movie.synopsis_source_id else { return Ok(None) };
    Source::query().filter(sources::id.eq(id)).first(conn).await.optional()
}

/// The film in other catalogues: scheme and value, by scheme.
pub async fn identifiers(conn: &mut Connection, id: i32) -> QueryResult<Vec<(String, String)>> {
    movie_identifiers::table
        .filter(movie_identifiers::movie_id.eq(id))
        .order(movie_identifiers::scheme)
        .select((movie_identifiers::scheme, movie_identifiers::value))
        .load(conn)
        .await
}

async fn credited(conn: &mut Connection, movies: Vec<Movie>) -> QueryResult<Vec<Credited>> {
    let ids: Vec<i32> = movies.iter().map(|movie| movie.id).collect();
    let mut credits = directors::credits(conn, &ids).await?;
    let rows: Vec<(i32, Tag)> = movie_tags::table
        .inner_join(tags::table)
        .filter(movie_tags::movie_id.eq_any(&ids))
        .order((movie_tags::movie_id, movie_tags::position))
        .select((movie_tags::movie_id, Tag::as_select()))
        .load(conn)
        .await?;
    let mut tags: HashMap<i32, Vec<Tag>> = HashMap::new();
    for (movie, tag) in rows {
        tags.entry(movie).or_default().push(tag);
    }
    let credited = movies.into_iter().map(|movie| Credited {
        directors: credits.remove(&movie.id).unwrap_or_default(),
        tags: tags.remove(&movie.id).unwrap_or_default(),
        movie,
    });
    Ok(credited.collect())
}
