//! The whole catalogue as JSON lines, in the form that an import reads: imported into an empty
//! database it gives the same catalogue, addresses and orders included.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::Write;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde::Serialize;

use super::directors as people;
use super::sources::Source;
use crate::db::Connection;
use crate::schema::{directors, movie_identifiers, movie_tags, movies, sources, tags};

/// Rows in memory at once.
const BATCH: i64 = 1000;

/// How much was written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    pub directors: u64,
    pub movies: u64,
}

impl fmt::Display for Exported {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} films, {} directors", self.movies, self.directors)
    }
}

#[derive(HasQuery)]
#[diesel(table_name = movies)]
struct MovieRow {
    id: i32,
    slug: String,
    title: String,
    original_title: Option<String>,
    year: Option<i16>,
    released_on: Option<NaiveDate>,
    runtime: Option<i16>,
    countries: Vec<String>,
    languages: Vec<String>,
    actors: Vec<String>,
    synopsis: Option<String>,
    synopsis_source_id: Option<i32>,
    synopsis_url: Option<String>,
}

#[derive(HasQuery)]
#[diesel(table_name = directors)]
struct DirectorRow {
    id: i32,
    slug: String,
    name: String,
    sort_name: String,
    born: Option<i16>,
    died: Option<i16>,
    country: Option<String>,
    biography: Option<String>,
    biography_source_id: Option<i32>,
    biography_url: Option<String>,
}

/// One film, with the keys of `docs/import.md`; what is not known is left out.
#[derive(Serialize)]
struct Film<'a> {
    slug: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    released: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime: Option<i16>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    directors: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    country: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    language: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cast: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    synopsis: Option<&'a str>,
    #[serde(flatten)]
    source: Option<Origin<'a>>,
    #[serde(flatten)]
    identifiers: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Director<'a> {
    slug: &'a str,
    director: &'a str,
    sort_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    born: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    died: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    biography: Option<&'a str>,
    #[serde(flatten)]
    source: Option<Origin<'a>>,
}

/// Whose a text is.
#[derive(Serialize)]
struct Origin<'a> {
    source: &'a str,
    licence: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    licence_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_url: Option<&'a str>,
}

/// Writes every director, then every film, in the order in which they came into the catalogue, and
/// as they all were at one moment.
///
/// # Errors
/// When the database fails or `out` does.
pub async fn run(conn: &mut Connection, out: &mut dyn Write) -> anyhow::Result<Exported> {
    conn.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
    let sources: Vec<Source> = Source::query().order(sources::id).load(conn).await?;
    let sources = sources.into_iter().map(|source| (source.id, source)).collect();
    let exported = Exported {
        directors: write_directors(conn, &sources, out).await?,
        movies: write_movies(conn, &sources, out).await?,
    };
    conn.batch_execute("COMMIT").await?;
    Ok(exported)
}

type Sources = HashMap<i32, Source>;

async fn write_directors(
    conn: &mut Connection,
    sources: &Sources,
    out: &mut dyn Write,
) -> anyhow::Result<u64> {
    let (mut last, mut count) = (0, 0);
    loop {
        let after = DirectorRow::query().filter(directors::id.gt(last)).order(directors::id);
        let rows: Vec<DirectorRow> = after.limit(BATCH).load(conn).await?;
        let Some(end) = rows.last() else { return Ok(count) };
        last = end.id;
        count += rows.len() as u64;
        for row in &rows {
            let url = row.biography_url.as_deref();
            line(
                out,
                &Director {
                    slug: &row.slug,
                    director: &row.name,
                    sort_name: &row.sort_name,
                    born: row.born,
                    died: row.died,
                    country: row.country.as_deref(),
                    biography: row.biography.as_deref(),
                    source: Origin::of(row.biography_source_id, url, sources),
                },
            )?;
        }
    }
}

async fn write_movies(
    conn: &mut Connection,
    sources: &Sources,
    out: &mut dyn Write,
) -> anyhow::Result<u64> {
    let (mut last, mut count) = (0, 0);
    loop {
        let after = MovieRow::query().filter(movies::id.gt(last)).order(movies::id);
        let rows: Vec<MovieRow> = after.limit(BATCH).load(conn).await?;
        let Some(end) = rows.last() else { return Ok(count) };
        last = end.id;
        count += rows.len() as u64;
        let ids: Vec<i32> = rows.iter().map(|row| row.id).collect();
        let mut credits = people::credits(conn, &ids).await?;
        let mut tags = tag_names(conn, &ids).await?;
        let mut identifiers = identifiers(conn, &ids).await?;
        for row in &rows {
            let credits = credits.remove(&row.id).unwrap_or_default();
            let directors: Vec<String> = credits.into_iter().map(|credit| credit.name).collect();
            let url = row.synopsis_url.as_deref();
            line(
                out,
                &Film {
                    slug: &row.slug,
                    title: &row.title,
                    original_title: row.original_title.as_deref(),
                    year: row.year,
                    released: row.released_on,
                    runtime: row.runtime,
                    directors: &directors,
                    tags: &tags.remove(&row.id).unwrap_or_default(),
                    country: &row.countries,
                    language: &row.languages,
                    cast: &row.actors,
                    synopsis: row.synopsis.as_deref(),
                    source: Origin::of(row.synopsis_source_id, url, sources),
                    identifiers: &identifiers.remove(&row.id).unwrap_or_default(),
                },
            )?;
        }
    }
}

fn line(out: &mut dyn Write, record: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    Ok(out.write_all(b"\n")?)
}

impl<'a> Origin<'a> {
    fn of(source: Option<i32>, url: Option<&'a str>, sources: &'a Sources) -> Option<Self> {
        let source = sources.get(&source?)?;
        let licence_url = source.licence_url.as_deref();
        Some(Self { source: &source.name, licence: &source.licence, licence_url, source_url: url })
    }
}

/// In their order on each film.
async fn tag_names(conn: &mut Connection, ids: &[i32]) -> QueryResult<HashMap<i32, Vec<String>>> {
    let rows: Vec<(i32, String)> = movie_tags::table
        .inner_join(tags::table)
        .filter(movie_tags::movie_id.eq_any(ids))
        .order((movie_tags::movie_id, movie_tags::position))
        .select((movie_tags::movie_id, tags::name))
        .load(conn)
        .await?;
    let mut names: HashMap<i32, Vec<String>> = HashMap::new();
    for (movie, name) in rows {
        names.entry(movie).or_default().push(name);
    }
    Ok(names)
}

/// By scheme.
async fn identifiers(
    conn: &mut Connection,
    ids: &[i32],
) -> QueryResult<HashMap<i32, BTreeMap<String, String>>> {
    let of_films = movie_identifiers::table.filter(movie_identifiers::movie_id.eq_any(ids));
    let columns =
        (movie_identifiers::movie_id, movie_identifiers::scheme, movie_identifiers::value);
    let rows: Vec<(i32, String, String)> = of_films.select(columns).load(conn).await?;
    let mut identifiers: HashMap<i32, BTreeMap<String, String>> = HashMap::new();
    for (movie, scheme, value) in rows {
        identifiers.entry(movie).or_default().insert(scheme, value);
    }
    Ok(identifiers)
}
