//! The whole catalogue as JSON lines, in the form that an import reads: imported into an empty database it
//! gives the same catalogue, slugs and orders included.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::Write;

use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde::Serialize;

use super::directors::Director;
use super::import::list_of_scheme;
use super::movies::Movie;
use super::record::{
    MovieRecord, Patch, PersonName, PersonRecord, Scheme, SourcedText, TextSource,
};
use super::sources::Source;
use crate::db::Connection;
use crate::schema::{
    directors, movie_directors, movie_identifiers, movie_tags, movies, sources, tags,
};

/// Rows in memory at once.
const BATCH: i64 = 1000;

/// The number of records written.
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

/// Writes every director, then every movie, in the order in which they were added, as of one moment.
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

/// A kind of rows that are written, one a line.
trait Record: Sized {
    fn id(&self) -> i32;

    /// Loads the next of them, in order of id.
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
            line(out, &person(director, sources))?;
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
        let mut credits = credits(conn, &ids).await?;
        let mut tags = tag_names(conn, &ids).await?;
        let mut identifiers = identifiers(conn, &ids).await?;
        for movie in batch {
            let mut record = record(movie, sources);
            record.directors = list(credits.remove(&movie.id));
            record.tags = list(tags.remove(&movie.id));
            for (scheme, value) in identifiers.remove(&movie.id).unwrap_or_default() {
                if let Some(scheme) = Scheme::from_name(&scheme) {
                    record.identifiers.insert(scheme, Patch::Set(value));
                } else if let Some(list) = list_of_scheme(&scheme) {
                    record.list_ids.insert(list.to_owned(), value);
                }
            }
            line(out, &record)?;
        }
        Ok(())
    }
}

/// Returns the record of a movie, but for its credits, tags and identifiers.
fn record(movie: &Movie, sources: &Sources) -> MovieRecord {
    let url = movie.synopsis_url.clone();
    MovieRecord {
        slug: Some(movie.slug.clone()),
        title: movie.title.clone(),
        original_title: movie.original_title.clone().into(),
        year: movie.year.into(),
        released: movie.released_on.into(),
        runtime: movie.runtime.into(),
        countries: list(Some(movie.countries.clone())),
        languages: list(Some(movie.languages.clone())),
        cast: list(Some(movie.actors.clone())),
        synopsis: text(movie.synopsis.clone(), movie.synopsis_source_id, url, sources),
        ..MovieRecord::default()
    }
}

fn person(director: &Director, sources: &Sources) -> PersonRecord {
    let (name, imdb) = (director.name.clone(), director.imdb.clone());
    let (biography, url) = (director.biography.clone(), director.biography_url.clone());
    PersonRecord {
        slug: Some(director.slug.clone()),
        person: PersonName { name, imdb },
        sort_name: Patch::Set(director.sort_name.clone()),
        born: director.born.into(),
        died: director.died.into(),
        country: director.country.clone().into(),
        biography: text(biography, director.biography_source_id, url, sources),
    }
}

fn list<T>(values: Option<Vec<T>>) -> Patch<Vec<T>> {
    values.filter(|values| !values.is_empty()).into()
}

fn text(
    text: Option<String>,
    source: Option<i32>,
    url: Option<String>,
    sources: &Sources,
) -> Patch<SourcedText> {
    let Some(text) = text else { return Patch::Keep };
    let source = source.and_then(|source| sources.get(&source)).map(|source| TextSource {
        name: source.name.clone(),
        licence: source.licence.clone(),
        licence_url: source.licence_url.clone(),
    });
    Patch::Set(SourcedText { text, source, url })
}

fn line(out: &mut dyn Write, record: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    Ok(out.write_all(b"\n")?)
}

/// Loads the directors of each movie, in the order of credit.
async fn credits(conn: &mut Connection, ids: &[i32]) -> QueryResult<HashMap<i32, Vec<PersonName>>> {
    let rows: Vec<(i32, (String, Option<String>))> = movie_directors::table
        .inner_join(directors::table)
        .filter(movie_directors::movie_id.eq_any(ids))
        .order((movie_directors::movie_id, movie_directors::position))
        .select((movie_directors::movie_id, (directors::name, directors::imdb)))
        .load(conn)
        .await?;
    let mut credits: HashMap<i32, Vec<PersonName>> = HashMap::new();
    for (movie, (name, imdb)) in rows {
        credits.entry(movie).or_default().push(PersonName { name, imdb });
    }
    Ok(credits)
}

/// Loads the tags of each movie, the main genre first.
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

/// Loads the identifiers of each movie, by scheme.
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
