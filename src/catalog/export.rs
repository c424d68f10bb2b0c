//! The whole catalogue as JSON lines, in the form that an import reads: imported into an empty
//! database it gives the same catalogue, addresses and orders included.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::Write;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde::Serialize;

use super::directors::Director;
use super::movies::Movie;
use super::sources::Source;
use crate::db::Connection;
use crate::schema::{
    directors, movie_directors, movie_identifiers, movie_tags, movies, sources, tags,
};

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
    directors: &'a [Credit<'a>],
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

/// A director who has a number is named with it: there may be others of that name.
#[derive(Serialize)]
#[serde(untagged)]
enum Credit<'a> {
    Name(&'a str),
    Numbered { name: &'a str, imdb: &'a str },
}

#[derive(Serialize)]
struct Person<'a> {
    slug: &'a str,
    director: &'a str,
    sort_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    imdb: Option<&'a str>,
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
        directors: write_all::<Director>(conn, &sources, out).await?,
        movies: write_all::<Movie>(conn, &sources, out).await?,
    };
    conn.batch_execute("COMMIT").await?;
    Ok(exported)
}

type Sources = HashMap<i32, Source>;

/// What is written, a line each.
trait Record: Sized {
    fn id(&self) -> i32;

    /// The next of them, in order of id.
    async fn after(conn: &mut Connection, id: i32) -> QueryResult<Vec<Self>>;

    async fn write(
        batch: &[Self],
        conn: &mut Connection,
        sources: &Sources,
        out: &mut dyn Write,
    ) -> anyhow::Result<()>;
}

async fn write_all<R: Record>(
    conn: &mut Connection,
    sources: &Sources,
    out: &mut dyn Write,
) -> anyhow::Result<u64> {
    let (mut last, mut count) = (0, 0);
    loop {
        let batch = R::after(conn, last).await?;
        let Some(end) = batch.last() else { return Ok(count) };
        last = end.id();
        count += batch.len() as u64;
        R::write(&batch, conn, sources, out).await?;
    }
}

impl Record for Director {
    fn id(&self) -> i32 {
        self.id
    }

    async fn after(conn: &mut Connection, id: i32) -> QueryResult<Vec<Self>> {
        let after = Self::query().filter(directors::id.gt(id)).order(directors::id);
        after.limit(BATCH).load(conn).await
    }

    async fn write(
        batch: &[Self],
        _: &mut Connection,
        sources: &Sources,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        for director in batch {
            let url = director.biography_url.as_deref();
            line(
                out,
                &Person {
                    slug: &director.slug,
                    director: &director.name,
                    sort_name: &director.sort_name,
                    imdb: director.imdb.as_deref(),
                    born: director.born,
                    died: director.died,
                    country: director.country.as_deref(),
                    biography: director.biography.as_deref(),
                    source: Origin::of(director.biography_source_id, url, sources),
                },
            )?;
        }
        Ok(())
    }
}

impl Record for Movie {
    fn id(&self) -> i32 {
        self.id
    }

    async fn after(conn: &mut Connection, id: i32) -> QueryResult<Vec<Self>> {
        let after = Self::query().filter(movies::id.gt(id)).order(movies::id);
        after.limit(BATCH).load(conn).await
    }

    async fn write(
        batch: &[Self],
        conn: &mut Connection,
        sources: &Sources,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let ids: Vec<i32> = batch.iter().map(|movie| movie.id).collect();
        let credits = credits(conn, &ids).await?;
        let mut tags = tag_names(conn, &ids).await?;
        let mut identifiers = identifiers(conn, &ids).await?;
        for movie in batch {
            let credited: Vec<Credit<'_>> =
                credits.get(&movie.id).into_iter().flatten().map(Credit::of).collect();
            let url = movie.synopsis_url.as_deref();
            line(
                out,
                &Film {
                    slug: &movie.slug,
                    title: &movie.title,
                    original_title: movie.original_title.as_deref(),
                    year: movie.year,
                    released: movie.released_on,
                    runtime: movie.runtime,
                    directors: &credited,
                    tags: &tags.remove(&movie.id).unwrap_or_default(),
                    country: &movie.countries,
                    language: &movie.languages,
                    cast: &movie.actors,
                    synopsis: movie.synopsis.as_deref(),
                    source: Origin::of(movie.synopsis_source_id, url, sources),
                    identifiers: &identifiers.remove(&movie.id).unwrap_or_default(),
                },
            )?;
        }
        Ok(())
    }
}

type Credited = (String, Option<String>);

impl<'a> Credit<'a> {
    fn of((name, imdb): &'a Credited) -> Self {
        match imdb {
            Some(imdb) => Self::Numbered { name, imdb },
            None => Self::Name(name),
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

/// Directors with their numbers, in their order on each film.
async fn credits(conn: &mut Connection, ids: &[i32]) -> QueryResult<HashMap<i32, Vec<Credited>>> {
    let rows: Vec<(i32, Credited)> = movie_directors::table
        .inner_join(directors::table)
        .filter(movie_directors::movie_id.eq_any(ids))
        .order((movie_directors::movie_id, movie_directors::position))
        .select((movie_directors::movie_id, (directors::name, directors::imdb)))
        .load(conn)
        .await?;
    let mut credits: HashMap<i32, Vec<Credited>> = HashMap::new();
    for (movie, director) in rows {
        credits.entry(movie).or_default().push(director);
    }
    Ok(credits)
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
