//! omdb.org: `all_movies.csv` and, if given, the files beside it.

use std::collections::HashMap;

use anyhow::{Context, bail};

use super::diagnostics::Diagnostics;
use super::input::Opened;
use super::source::{Source, SourceRecord};
use super::table::{Dialect, RFC_4180, Table};
use crate::catalog::record::{Draft, Key};

/// A backslash escapes quotes; an unquoted `\N` is null.
const DIALECT: Dialect = Dialect { escape: Some(b'\\'), null: "\\N", ..RFC_4180 };

const DIRECTOR: u32 = 21;
const ACTOR: u32 = 15;
const VOICE: u32 = 267;

/// Longest cast that is read.
const MAX_CAST: usize = 10;

/// Files by name, with their columns in order: header lines differ, or are missing.
const FILES: [(&str, &[&str]); 11] = [
    (MOVIES, &["id", "name", "parent_id", "date"]),
    ("movie_details", &["movie_id", "runtime", "budget", "revenue", "homepage"]),
    ("movie_links", &["source", "key", "movie_id", "language"]),
    ("all_casts", &["movie_id", "person_id", "job_id", "role", "position"]),
    ("all_people", &["id", "name", "birthday", "deathday", "gender"]),
    ("movie_categories", &["movie_id", "category_id"]),
    ("movie_keywords", &["movie_id", "category_id"]),
    ("category_names", &["category_id", "name", "language"]),
    ("movie_countries", &["movie_id", "country"]),
    ("movie_languages", &["movie_id", "language"]),
    ("movie_abstracts_en", &["movie_id", "abstract"]),
];
const MOVIES: &str = "all_movies";

pub struct Omdb {
    movies: Table,
    beside: HashMap<&'static str, Table>,
    known: Option<HashMap<u32, Known>>,
}

/// Facts of the other files about one film.
#[derive(Default)]
struct Known {
    runtime: Option<String>,
    imdb: Option<String>,
    wikipedia: Option<String>,
    /// Position and person.
    directors: Vec<(i64, u32)>,
    cast: Vec<(i64, u32)>,
    genres: Vec<u32>,
    keywords: Vec<u32>,
    countries: Vec<String>,
    languages: Vec<String>,
    plot: Option<String>,
    /// The names of the numbers above.
    names: Names,
}

#[derive(Default)]
struct Names {
    directors: Vec<String>,
    cast: Vec<String>,
    genres: Vec<String>,
    keywords: Vec<String>,
}

/// Whether a file with that name is one of these.
pub fn detects(name: &str, head: &[u8]) -> bool {
    kind(name).is_some() && head.contains(&b'"')
}

fn kind(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    let file = name.rsplit(['/', '\\']).next()?;
    let stem = file.split('.').next()?;
    FILES.into_iter().find(|(known, _)| *known == stem)
}

impl Omdb {
    /// # Errors
    /// When a file's name is none of these, or `all_movies.csv` is missing.
    pub fn new(files: Vec<Opened>) -> anyhow::Result<Self> {
        let mut tables = HashMap::new();
        for file in files {
            let name = file.name.clone();
            let kind = kind(&name);
            let (kind, columns) = kind.with_context(|| {
                format!("{name}: the name is not that of one of omdb.org's files")
            })?;
            let table = Table::open(file, DIALECT, columns)?;
            if tables.insert(kind, table).is_some() {
                bail!("{name}: there is another {kind}");
            }
        }
        let movies = tables.remove(MOVIES).context("omdb.org: all_movies.csv is needed")?;
        Ok(Self { movies, beside: tables, known: None })
    }

    /// Calls `take` with each row of that file and the number in the named column.
    fn rows(
        &mut self,
        name: &str,
        column: &str,
        diagnostics: &mut Diagnostics,
        mut take: impl FnMut(u32, &Table, &mut Diagnostics),
    ) -> anyhow::Result<()> {
        let Some(mut table) = self.beside.remove(name) else { return Ok(()) };
        while table.next(diagnostics)? {
            if let Some(id) = number(&table, column, diagnostics) {
                take(id, &table, diagnostics);
            }
        }
        Ok(())
    }

    /// Reads the other files.
    fn known(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<HashMap<u32, Known>> {
        let mut known: HashMap<u32, Known> = HashMap::new();
        self.rows("movie_details", "movie_id", diagnostics, |id, row, _| {
            // 0 stands for a running time that is not known.
            let runtime = row.get("runtime").filter(|minutes| *minutes != "0");
            known.entry(id).or_default().runtime = runtime.map(str::to_owned);
        })?;
        self.rows("movie_links", "movie_id", diagnostics, |id, row, _| {
            let film = known.entry(id).or_default();
            match (row.get("source"), row.get("key")) {
                (Some("imdbmovie"), Some(key)) => film.imdb = Some(imdb(key)),
                (Some("wikipedia"), Some(page)) if row.get("language") == Some("en") => {
                    let page = page.replace(' ', "_");
                    film.wikipedia = Some(format!("https://en.wikipedia.org/wiki/{page}"));
                }
                _ => {}
            }
        })?;
        self.rows("all_casts", "movie_id", diagnostics, |id, row, diagnostics| {
            let (Some(person), Some(job)) =
                (number(row, "person_id", diagnostics), number(row, "job_id", diagnostics))
            else {
                return;
            };
            let position = row.get("position").and_then(|text| text.parse().ok()).unwrap_or(999);
            let film = known.entry(id).or_default();
            match job {
                DIRECTOR => film.directors.push((position, person)),
                ACTOR | VOICE => film.cast.push((position, person)),
                _ => {}
            }
        })?;
        for (file, keywords) in [("movie_categories", false), ("movie_keywords", true)] {
            self.rows(file, "movie_id", diagnostics, |id, row, diagnostics| {
                let Some(category) = number(row, "category_id", diagnostics) else { return };
                let film = known.entry(id).or_default();
                if keywords { &mut film.keywords } else { &mut film.genres }.push(category);
            })?;
        }
        self.rows("movie_countries", "movie_id", diagnostics, |id, row, _| {
            let code = row.get("country").map(str::to_owned);
            known.entry(id).or_default().countries.extend(code);
        })?;
        self.rows("movie_languages", "movie_id", diagnostics, |id, row, _| {
            let code = row.get("language").map(str::to_owned);
            known.entry(id).or_default().languages.extend(code);
        })?;
        self.rows("movie_abstracts_en", "movie_id", diagnostics, |id, row, _| {
            known.entry(id).or_default().plot = row.get("abstract").map(str::to_owned);
        })?;
        self.name(&mut known, diagnostics)?;
        Ok(known)
    }

    /// Reads the names of people and categories.
    fn name(
        &mut self,
        known: &mut HashMap<u32, Known>,
        diagnostics: &mut Diagnostics,
    ) -> anyhow::Result<()> {
        let mut people: HashMap<u32, String> = HashMap::new();
        for film in known.values_mut() {
            film.directors.sort_unstable();
            film.cast.sort_unstable();
            film.cast.truncate(MAX_CAST);
            let credited = film.directors.iter().chain(&film.cast);
            people.extend(credited.map(|(_, person)| (*person, String::new())));
        }
        self.rows("all_people", "id", diagnostics, |id, row, _| {
            if let (Some(name), Some(text)) = (people.get_mut(&id), row.get("name")) {
                text.clone_into(name);
            }
        })?;
        let mut categories: HashMap<u32, String> = HashMap::new();
        self.rows("category_names", "category_id", diagnostics, |id, row, _| {
            if let (Some("en"), Some(name)) = (row.get("language"), row.get("name")) {
                categories.insert(id, name.to_owned());
            }
        })?;
        let named = |credits: &[(i64, u32)]| -> Vec<String> {
            credits.iter().filter_map(|(_, person)| people.get(person)).cloned().collect()
        };
        let called = |numbers: &[u32]| -> Vec<String> {
            numbers.iter().filter_map(|number| categories.get(number)).cloned().collect()
        };
        for film in known.values_mut() {
            film.names = Names {
                directors: named(&film.directors),
                cast: named(&film.cast),
                genres: called(&film.genres),
                keywords: called(&film.keywords),
            };
        }
        Ok(())
    }
}

impl Source for Omdb {
    fn next(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>> {
        let mut known = match self.known.take() {
            Some(known) => known,
            None => self.known(diagnostics)?,
        };
        let mut entry = None;
        while entry.is_none() && self.movies.next(diagnostics)? {
            if let Some(id) = number(&self.movies, "id", diagnostics) {
                entry = Some(film(id, &self.movies, known.remove(&id).unwrap_or_default()));
            }
        }
        self.known = Some(known);
        Ok(entry)
    }
}

fn film(id: u32, row: &Table, known: Known) -> SourceRecord {
    let mut draft = Draft::new()
        .set_some(Key::Title, row.get("name"))
        .set_column(Key::Released, "date", row.get("date"))
        .set_some(Key::Runtime, known.runtime)
        .set_list(Key::Directors, known.names.directors)
        .set_list(Key::Genres, known.names.genres)
        .set_list(Key::Tags, known.names.keywords)
        .set_list(Key::Country, known.countries)
        .set_list(Key::Language, known.languages)
        .set_list(Key::Cast, known.names.cast)
        .set_some(Key::Imdb, known.imdb)
        .set_some(Key::Wikipedia, known.wikipedia)
        .set(Key::Omdb, id.to_string());
    if let Some(plot) = known.plot {
        draft = draft
            .set(Key::Synopsis, plot)
            .set(Key::Source, "omdb.org")
            .set(Key::Licence, "CC BY 2.0 DE")
            .set(Key::LicenceUrl, "https://creativecommons.org/licenses/by/2.0/de/")
            .set(Key::SourceUrl, format!("https://www.omdb.org/movie/{id}"));
    }
    SourceRecord { location: row.location().clone(), draft }
}

/// With or without the letters before it.
fn imdb(key: &str) -> String {
    let digits = key.trim_start_matches("tt");
    format!("tt{digits:0>7}")
}

fn number(table: &Table, column: &str, diagnostics: &mut Diagnostics) -> Option<u32> {
    let text = table.get(column).unwrap_or_default();
    let number = text.parse().ok();
    if number.is_none() {
        let reason = format!("{column} {text:?} is not a number");
        diagnostics.skip(table.location(), "not a number", reason);
    }
    number
}
