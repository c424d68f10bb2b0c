//! Movies and their queries.

mod write;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Record, Text};
use diesel_async::RunQueryDsl;

pub use self::write::{Inserted, MovieRow, StoredMovie, StoredPart, delete, insert, load, update};
use super::people::{CastMember, CastRecord, Credit};
use super::sources::Source;
use super::tags::Tag;
use crate::db::{Connection, Subquery};
use crate::schema::{movies, sources};

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
    pub synopsis: Option<String>,
    pub synopsis_source_id: Option<i32>,
    pub synopsis_url: Option<String>,
    /// Time of insertion into the catalog.
    pub added_at: DateTime<Utc>,
}

/// A movie with its directors and tags, the main genre first. Loaded as one row, so that a page of
/// movies takes one statement.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = movies)]
pub struct CreditedMovie {
    #[diesel(embed)]
    pub movie: Movie,
    #[diesel(select_expression = DIRECTORS, select_expression_type = Subquery<NamedArray>)]
    pub directors: Vec<Credit>,
    #[diesel(select_expression = TAGS, select_expression_type = Subquery<NamedArray>)]
    pub tags: Vec<Tag>,
}

/// SQL type of an array of id, slug and name.
type NamedArray = Array<Record<(Integer, Text, Text)>>;

const DIRECTORS: Subquery<NamedArray> = Subquery::new(
    "ARRAY(SELECT ROW(p.id, p.slug, p.name) FROM credits c JOIN people p ON p.id = c.person_id \
     WHERE c.movie_id = movies.id AND c.role = 'director' ORDER BY c.position)",
);

const TAGS: Subquery<NamedArray> = Subquery::new(
    "ARRAY(SELECT ROW(t.id, t.slug, t.name) FROM movie_tags c \
     JOIN tags t ON t.id = c.tag_id WHERE c.movie_id = movies.id ORDER BY c.position)",
);

/// All facts of a movie.
#[derive(Debug, HasQuery)]
#[diesel(table_name = movies, base_query = movies::table.left_join(sources::table))]
pub struct MovieDetails {
    #[diesel(embed)]
    pub film: CreditedMovie,
    /// Source of the synopsis.
    #[diesel(embed)]
    pub source: Option<Source>,
    /// Actors, in order of credit.
    #[diesel(select_expression = CAST, select_expression_type = Subquery<Array<CastRecord>>)]
    pub cast: Vec<CastMember>,
    /// Identifiers in other catalogs: scheme and value, ordered by scheme.
    #[diesel(select_expression = IDENTIFIERS, select_expression_type = Subquery<Pairs>)]
    pub identifiers: Vec<(String, String)>,
}

const CAST: Subquery<Array<CastRecord>> = Subquery::new(
    "ARRAY(SELECT ROW(p.id, p.slug, p.name, c.character) FROM credits c \
     JOIN people p ON p.id = c.person_id \
     WHERE c.movie_id = movies.id AND c.role = 'actor' ORDER BY c.position)",
);

type Pairs = Array<Record<(Text, Text)>>;

const IDENTIFIERS: Subquery<Pairs> = Subquery::new(
    "ARRAY(SELECT ROW(i.scheme, i.value) FROM movie_identifiers i \
     WHERE i.movie_id = movies.id ORDER BY i.scheme)",
);

/// Loads the movies with these ids, in the order of `ids`. Unknown ids are skipped.
pub async fn with_ids(conn: &mut Connection, ids: &[i32]) -> QueryResult<Vec<CreditedMovie>> {
    let mut movies = CreditedMovie::query().filter(movies::id.eq_any(ids)).load(conn).await?;
    let positions: HashMap<i32, usize> = ids.iter().copied().zip(0..).collect();
    movies.sort_by_key(|movie: &CreditedMovie| positions.get(&movie.movie.id));
    Ok(movies)
}

/// Loads the `limit` newest of these films, by year, release date and date added.
pub async fn newest(
    conn: &mut Connection,
    ids: &[i32],
    limit: i64,
) -> QueryResult<Vec<CreditedMovie>> {
    CreditedMovie::query()
        .filter(movies::id.eq_any(ids))
        .order((
            movies::year.desc().nulls_last(),
            movies::released_on.desc().nulls_last(),
            movies::added_at.desc(),
            movies::id.desc(),
        ))
        .limit(limit)
        .load(conn)
        .await
}

/// Counts all movies.
pub async fn count(conn: &mut Connection) -> QueryResult<i64> {
    movies::table.count().get_result(conn).await
}

/// Loads the movie with this slug.
pub async fn find(conn: &mut Connection, slug: &str) -> QueryResult<Option<CreditedMovie>> {
    CreditedMovie::query().filter(movies::slug.eq(slug)).first(conn).await.optional()
}

/// Loads the movie with this slug, with all facts.
pub async fn details(conn: &mut Connection, slug: &str) -> QueryResult<Option<MovieDetails>> {
    MovieDetails::query().filter(movies::slug.eq(slug)).first(conn).await.optional()
}

/// Returns the id of the movie with this slug.
pub async fn id(conn: &mut Connection, slug: &str) -> QueryResult<Option<i32>> {
    movies::table.filter(movies::slug.eq(slug)).select(movies::id).first(conn).await.optional()
}

/// Returns the slug of the movie with this id.
pub async fn slug(conn: &mut Connection, id: i32) -> QueryResult<Option<String>> {
    movies::table.find(id).select(movies::slug).first(conn).await.optional()
}
