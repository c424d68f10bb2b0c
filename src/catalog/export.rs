//! The whole catalogue as JSON lines, in the form that an import reads: imported into an empty database it
//! gives the same catalogue, slugs and orders included.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::Write;

use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde::Serialize;

use super::import::list_of_scheme;
use super::movies::Movie;
use super::people::{Person, Role};
use super::record::{
    CreditName, MovieRecord, Patch, PersonName, PersonRecord, Scheme, SourcedText, TextSource,
};
use super::sources::Source;
use crate::db::Connection;
use crate::schema::{credits, movie_identifiers, movie_tags, movies, people, sources, tags};

/// Rows in memory at once.
const BATCH: i64 = 1000;

/// The number of records written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    pub people: u64,
    pub movies: u64,
}

impl fmt::Display for Exported {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} films, {} people", self.movies, self.people)
    }
}

/// Writes every person, then every movie, in the order in which they were added, as of one moment.
///
/// # Errors
/// When the database fails or `out` does.
pub async fn run(conn: &mut Connection, out: &mut dyn Write) -> anyhow::Result<Exported> {
    conn.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
    let sources: Vec<Source> = Source::query().order(sources::id).load(conn).await?;
    let sources = sources.into_iter().map(|source| (source.id, source)).collect();
    let exported = Exported {
        people: write_all::<Person>(conn, &sources, out).await?,
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

impl Record for Person {
    fn id(&self) -> i32 {
        self.id
    }

    async fn after(conn: &mut Connection, id: i32) -> QueryResult<Vec<Self>> {
        let after = Self::query().filter(people::id.gt(id)).order(people::id);
        after.limit(BATCH).load(conn).await
    }

    async fn write(
        batch: &[Self],
        _: &mut Connection,
        sources: &Sources,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        for one in batch {
            line(out, &person(one, sources))?;
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
            let Credits { directors, cast } = credits.remove(&movie.id).unwrap_or_default();
            record.directors = list(Some(directors));
            record.cast = list(Some(cast));
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
        synopsis: text(movie.synopsis.clone(), movie.synopsis_source_id, url, sources),
        ..MovieRecord::default()
    }
}

fn person(person: &Person, sources: &Sources) -> PersonRecord {
    let (name, imdb) = (person.name.clone(), person.imdb.clone());
    let (biography, url) = (person.biography.clone(), person.biography_url.clone());
    PersonRecord {
        slug: Some(person.slug.clone()),
        person: PersonName { name, imdb },
        sort_name: Patch::Set(person.sort_name.clone()),
        born: person.born.into(),
        died: person.died.into(),
        country: person.country.clone().into(),
        biography: text(biography, person.biography_source_id, url, sources),
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

/// The credits of a movie, in order.
#[derive(Default)]
struct Credits {
    directors: Vec<PersonName>,
    cast: Vec<CreditName>,
}

async fn credits(conn: &mut Connection, ids: &[i32]) -> QueryResult<HashMap<i32, Credits>> {
    type Row = (i32, String, Option<String>, (String, Option<String>));
    let rows: Vec<Row> = credits::table
        .inner_join(people::table)
        .filter(credits::movie_id.eq_any(ids))
        .order((credits::movie_id, credits::position))
        .select((
            credits::movie_id,
            credits::role,
            credits::character,
            (people::name, people::imdb),
        ))
        .load(conn)
        .await?;
    let mut credits: HashMap<i32, Credits> = HashMap::new();
    for (movie, role, character, (name, imdb)) in rows {
        let person = PersonName { name, imdb };
        let credits = credits.entry(movie).or_default();
        match Role::from_name(&role) {
            Some(Role::Director) => credits.directors.push(person),
            Some(Role::Actor) => credits.cast.push(CreditName { person, character }),
            None => {}
        }
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
