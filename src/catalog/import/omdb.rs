//! omdb.org: `all_movies.csv` and, as far as they are given, the files beside it.

use std::collections::HashMap;

use anyhow::{Context, bail};

use super::bytes::Opened;
use super::clean;
use super::record::{Draft, OneOrMore, Person};
use super::report::Notes;
use super::source::{Entry, Source};
use super::table::{Dialect, RFC_4180, Table};
use crate::catalog::countries;

/// Quotes inside quotes have a backslash before them; a cell without quotes holding `\N` is null.
const DIALECT: Dialect = Dialect { escape: Some(b'\\'), null: "\\N", ..RFC_4180 };

const DIRECTOR: u32 = 21;
const ACTOR: u32 = 15;
const VOICE: u32 = 267;

/// Names of a cast that are kept.
const CAST: usize = 10;

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

/// What the other files say of one film.
#[derive(Default)]
struct Known {
    runtime: Option<i64>,
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
    /// Filled in from the numbers above.
    names: Names,
}

#[derive(Default)]
struct Names {
    directors: Vec<String>,
    cast: Vec<String>,
    genres: Vec<String>,
    keywords: Vec<String>,
}

/// Whether a file of that name is one of these.
pub fn recognises(name: &str, head: &[u8]) -> bool {
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
            let (kind, columns) =
                kind.with_context(|| format!("{name}: no file of films of omdb.org"))?;
            let table = Table::open(file, DIALECT, columns)?;
            if tables.insert(kind, table).is_some() {
                bail!("{name}: there is another {kind}");
            }
        }
        let movies = tables.remove(MOVIES).context("omdb.org: all_movies.csv is needed")?;
        Ok(Self { movies, beside: tables, known: None })
    }

    /// Calls `take` with each row of that file, and the number in the named column.
    fn rows(
        &mut self,
        name: &str,
        column: &str,
        notes: &mut Notes,
        mut take: impl FnMut(u32, &Table, &mut Notes),
    ) -> anyhow::Result<()> {
        let Some(mut table) = self.beside.remove(name) else { return Ok(()) };
        while table.next(notes)? {
            if let Some(id) = number(&table, column, notes) {
                take(id, &table, notes);
            }
        }
        Ok(())
    }

    /// Reads the files beside the films.
    fn known(&mut self, notes: &mut Notes) -> anyhow::Result<HashMap<u32, Known>> {
        let mut known: HashMap<u32, Known> = HashMap::new();
        self.rows("movie_details", "movie_id", notes, |id, row, notes| {
            let text = row.get("runtime").unwrap_or_default();
            let runtime = clean::number("runtime", text, row.place(), notes);
            // 0 is how the file writes that nobody knows.
            known.entry(id).or_default().runtime = runtime.filter(|minutes| *minutes != 0);
        })?;
        self.rows("movie_links", "movie_id", notes, |id, row, _| {
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
        self.rows("all_casts", "movie_id", notes, |id, row, notes| {
            let (Some(person), Some(job)) =
                (number(row, "person_id", notes), number(row, "job_id", notes))
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
            self.rows(file, "movie_id", notes, |id, row, notes| {
                let Some(category) = number(row, "category_id", notes) else { return };
                let film = known.entry(id).or_default();
                if keywords { &mut film.keywords } else { &mut film.genres }.push(category);
            })?;
        }
        self.rows("movie_countries", "movie_id", notes, |id, row, _| {
            let code = row.get("country").map(|code| countries::name(&code.to_uppercase()));
            known.entry(id).or_default().countries.extend(code);
        })?;
        self.rows("movie_languages", "movie_id", notes, |id, row, _| {
            let code = row.get("language").filter(|code| code.len() <= 3);
            known.entry(id).or_default().languages.extend(code.map(str::to_lowercase));
        })?;
        self.rows("movie_abstracts_en", "movie_id", notes, |id, row, _| {
            known.entry(id).or_default().plot = row.get("abstract").map(str::to_owned);
        })?;
        self.name(&mut known, notes)?;
        Ok(known)
    }

    /// Names for the numbers of people and categories.
    fn name(&mut self, known: &mut HashMap<u32, Known>, notes: &mut Notes) -> anyhow::Result<()> {
        let mut people: HashMap<u32, String> = HashMap::new();
        for film in known.values_mut() {
            film.directors.sort_unstable();
            film.cast.sort_unstable();
            film.cast.truncate(CAST);
            let credited = film.directors.iter().chain(&film.cast);
            people.extend(credited.map(|(_, person)| (*person, String::new())));
        }
        self.rows("all_people", "id", notes, |id, row, _| {
            if let (Some(name), Some(text)) = (people.get_mut(&id), row.get("name")) {
                text.clone_into(name);
            }
        })?;
        let mut categories: HashMap<u32, String> = HashMap::new();
        self.rows("category_names", "category_id", notes, |id, row, _| {
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
    fn next(&mut self, notes: &mut Notes) -> anyhow::Result<Option<Entry>> {
        let mut known = match self.known.take() {
            Some(known) => known,
            None => self.known(notes)?,
        };
        let mut entry = None;
        while entry.is_none() && self.movies.next(notes)? {
            if let Some(id) = number(&self.movies, "id", notes) {
                entry = Some(film(id, &self.movies, known.remove(&id).unwrap_or_default()));
            }
        }
        self.known = Some(known);
        Ok(entry)
    }
}

fn film(id: u32, row: &Table, known: Known) -> Entry {
    let draft = Draft {
        title: row.get("name").map(str::to_owned),
        released: row.get("date").map(str::to_owned),
        runtime: known.runtime,
        directors: Some(known.names.directors.into_iter().map(Person::from).collect()),
        genres: Some(known.names.genres),
        tags: Some(known.names.keywords),
        country: OneOrMore::More(known.countries),
        language: OneOrMore::More(known.languages),
        cast: Some(known.names.cast),
        source: known.plot.is_some().then(|| "omdb.org".to_owned()),
        licence: Some("CC BY 2.0 DE".to_owned()),
        licence_url: Some("https://creativecommons.org/licenses/by/2.0/de/".to_owned()),
        source_url: Some(format!("https://www.omdb.org/movie/{id}")),
        plot: known.plot,
        imdb: known.imdb,
        wikipedia: known.wikipedia,
        omdb: Some(id.to_string()),
        ..Draft::default()
    };
    Entry { place: row.place().clone(), draft }
}

/// With or without the letters before it.
fn imdb(key: &str) -> String {
    let digits = key.trim_start_matches("tt");
    format!("tt{digits:0>7}")
}

fn number(table: &Table, column: &str, notes: &mut Notes) -> Option<u32> {
    let text = table.get(column).unwrap_or_default();
    let number = text.parse().ok();
    if number.is_none() {
        let reason = format!("{column} {text:?} is no number");
        notes.skip(table.place(), "no number", reason);
    }
    number
}
