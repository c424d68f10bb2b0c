//! Movies, and every query that reads them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Record, Text};
use diesel_async::RunQueryDsl;

use super::directors::Credit;
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
    pub actors: Vec<String>,
    pub synopsis: Option<String>,
    pub synopsis_source_id: Option<i32>,
    pub synopsis_url: Option<String>,
    /// When the film came into the catalogue.
    pub added_at: DateTime<Utc>,
}

/// A film with its credits and tags, the main genre first: one row, so that a page of films is one
/// statement.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = movies)]
pub struct Credited {
    #[diesel(embed)]
    pub movie: Movie,
    #[diesel(select_expression = DIRECTORS, select_expression_type = Subquery<Named>)]
    pub directors: Vec<Credit>,
    #[diesel(select_expression = TAGS, select_expression_type = Subquery<Named>)]
    pub tags: Vec<Tag>,
}

/// Id, slug and name of several.
type Named = Array<Record<(Integer, Text, Text)>>;

const DIRECTORS: Subquery<Named> = Subquery::new(
    "ARRAY(SELECT ROW(d.id, d.slug, d.name) FROM movie_directors c \
     JOIN directors d ON d.id = c.director_id WHERE c.movie_id = movies.id ORDER BY c.position)",
);

const TAGS: Subquery<Named> = Subquery::new(
    "ARRAY(SELECT ROW(t.id, t.slug, t.name) FROM movie_tags c \
     JOIN tags t ON t.id = c.tag_id WHERE c.movie_id = movies.id ORDER BY c.position)",
);

/// All that is known of a film.
#[derive(Debug, HasQuery)]
#[diesel(table_name = movies, base_query = movies::table.left_join(sources::table))]
pub struct Detailed {
    #[diesel(embed)]
    pub film: Credited,
    /// Where the synopsis comes from.
    #[diesel(embed)]
    pub source: Option<Source>,
    /// The film in other catalogues: scheme and value, by scheme.
    #[diesel(select_expression = IDENTIFIERS, select_expression_type = Subquery<Pairs>)]
    pub identifiers: Vec<(String, String)>,
}

type Pairs = Array<Record<(Text, Text)>>;

const IDENTIFIERS: Subquery<Pairs> = Subquery::new(
    "ARRAY(SELECT ROW(i.scheme, i.value) FROM movie_identifiers i \
     WHERE i.movie_id = movies.id ORDER BY i.scheme)",
);

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

/// The films of these ids in their order; those that are there no longer are left out.
pub async fn with_ids(conn: &mut Connection, ids: &[i32]) -> QueryResult<Vec<Credited>> {
    let mut films = Credited::query().filter(movies::id.eq_any(ids)).load(conn).await?;
    let places: HashMap<i32, usize> = ids.iter().copied().zip(0..).collect();
    films.sort_by_key(|film: &Credited| places.get(&film.movie.id));
    Ok(films)
}

pub async fn count(conn: &mut Connection) -> QueryResult<i64> {
    movies::table.count().get_result(conn).await
}

pub async fn find(conn: &mut Connection, slug: &str) -> QueryResult<Option<Credited>> {
    Credited::query().filter(movies::slug.eq(slug)).first(conn).await.optional()
}

pub async fn detailed(conn: &mut Connection, slug: &str) -> QueryResult<Option<Detailed>> {
    Detailed::query().filter(movies::slug.eq(slug)).first(conn).await.optional()
}

/// The number of the film at that address.
pub async fn id(conn: &mut Connection, slug: &str) -> QueryResult<Option<i32>> {
    movies::table.filter(movies::slug.eq(slug)).select(movies::id).first(conn).await.optional()
}

pub async fn slug(conn: &mut Connection, id: i32) -> QueryResult<Option<String>> {
    movies::table.find(id).select(movies::slug).first(conn).await.optional()
}
