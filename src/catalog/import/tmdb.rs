//! TMDB as it is distributed: the tables of 5,000 films (lists as JSON), of "The Movies Dataset"
//! (lists as Python literals) and of a million (lists with commas), each with credits and keywords
//! beside it; and the daily list of ids.

use std::collections::HashMap;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

use super::diagnostics::{Diagnostics, SourceLocation};
use super::input::Opened;
use super::lines::Lines;
use super::literal;
use super::source::{Source, SourceRecord};
use super::table::{RFC_4180, Table};
use crate::catalog::record::identifier::Scheme;
use crate::catalog::record::{CreditName, Draft, Key, PersonName};

/// Longest cast that is read.
const MAX_CAST: usize = 10;
/// Keywords of a film that are read.
const MAX_KEYWORDS: usize = 10;

const LICENCE: &str = "TMDB terms of use: not commercial, with attribution";
const LICENCE_URL: &str = "https://www.themoviedb.org/api-terms-of-use";

pub struct Tmdb {
    films: Vec<Films>,
    credits: Vec<Table>,
    keywords: Vec<Table>,
    known: Option<HashMap<u32, Known>>,
}

enum Films {
    Table(Table),
    /// `movie_ids_MM_DD_YYYY.json`
    Ids(Lines),
}

/// Facts of the other files about one film.
#[derive(Default)]
struct Known {
    directors: Vec<String>,
    cast: Vec<CreditName>,
    keywords: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Films,
    Credits,
    Keywords,
    Ids,
}

/// A line of the daily list.
#[derive(Deserialize)]
struct Listed {
    id: u32,
    original_title: String,
    adult: bool,
    video: bool,
}

/// Whether a file with this beginning is one of these.
pub fn detects(head: &[u8]) -> bool {
    kind(head).is_some()
}

fn kind(head: &[u8]) -> Option<Kind> {
    let line = head.split(|byte| *byte == b'\n').next()?.trim_ascii();
    let line = std::str::from_utf8(line).ok()?;
    if line.starts_with('{') {
        return serde_json::from_str::<Listed>(line).is_ok().then_some(Kind::Ids);
    }
    let columns: Vec<&str> = line.split(',').collect();
    let has = |wanted: &[&str]| wanted.iter().all(|column| columns.contains(column));
    if has(&["cast", "crew"]) {
        Some(Kind::Credits)
    } else if has(&["id", "original_title", "original_language", "overview", "genres"]) {
        Some(Kind::Films)
    } else {
        (columns == ["id", "keywords"]).then_some(Kind::Keywords)
    }
}

impl Tmdb {
    /// # Errors
    /// When a file is none of these, or none holds films.
    pub fn new(files: Vec<Opened>) -> anyhow::Result<Self> {
        let (films, credits, keywords) = (Vec::new(), Vec::new(), Vec::new());
        let mut tmdb = Self { films, credits, keywords, known: None };
        for file in files {
            let name = file.name.clone();
            let kind = kind(&file.head);
            let table = |file| Table::open(file, RFC_4180, &[]);
            match kind.with_context(|| {
                format!("{name}: the columns are not those of one of TMDB's files")
            })? {
                Kind::Films => tmdb.films.push(Films::Table(table(file)?)),
                Kind::Ids => tmdb.films.push(Films::Ids(Lines::new(file))),
                Kind::Credits => tmdb.credits.push(table(file)?),
                Kind::Keywords => tmdb.keywords.push(table(file)?),
            }
        }
        if tmdb.films.is_empty() {
            bail!("TMDB: no file holds films; the table of movies is needed");
        }
        tmdb.films.reverse();
        Ok(tmdb)
    }

    /// Reads the other files.
    fn known(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<HashMap<u32, Known>> {
        let mut known: HashMap<u32, Known> = HashMap::new();
        for mut table in self.credits.drain(..) {
            while table.next(diagnostics)? {
                let id = table.get("movie_id").or_else(|| table.get("id"));
                let Some(id) = number(id, table.location(), diagnostics) else { continue };
                let film = known.entry(id).or_default();
                let director = |person: &Value| person["job"] == "Director";
                let crew = people(&table, "crew", director, diagnostics);
                film.directors = crew.into_iter().map(|credit| credit.person.name).collect();
                film.cast = people(&table, "cast", |_| true, diagnostics);
                film.cast.truncate(MAX_CAST);
            }
        }
        for mut table in self.keywords.drain(..) {
            while table.next(diagnostics)? {
                let Some(id) = number(table.get("id"), table.location(), diagnostics) else {
                    continue;
                };
                known.entry(id).or_default().keywords = names(&table, "keywords", diagnostics);
            }
        }
        Ok(known)
    }
}

impl Source for Tmdb {
    fn next(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>> {
        let mut known = match self.known.take() {
            Some(known) => known,
            None => self.known(diagnostics)?,
        };
        let mut entry = None;
        while let (None, Some(films)) = (&entry, self.films.last_mut()) {
            match films {
                Films::Table(table) => match table.next(diagnostics)? {
                    true => entry = film(table, &mut known, diagnostics),
                    false => _ = self.films.pop(),
                },
                Films::Ids(lines) => match lines.next()? {
                    Some(line) => {
                        let listed = serde_json::from_str(line);
                        let location = lines.location().clone();
                        let listed = listed.with_context(|| location.to_string())?;
                        entry = only_listed(listed, location, diagnostics);
                    }
                    None => _ = self.films.pop(),
                },
            }
        }
        self.known = Some(known);
        Ok(entry)
    }
}

/// The daily list has titles and numbers alone.
fn only_listed(
    listed: Listed,
    location: SourceLocation,
    diagnostics: &mut Diagnostics,
) -> Option<SourceRecord> {
    if listed.adult {
        diagnostics.exclude("films for adults");
        return None;
    }
    if listed.video {
        diagnostics.exclude("videos that are not films");
        return None;
    }
    let draft =
        Draft::new().set(Key::Title, listed.original_title).set(Key::Tmdb, listed.id.to_string());
    Some(SourceRecord { location, draft })
}

fn film(
    table: &Table,
    known: &mut HashMap<u32, Known>,
    diagnostics: &mut Diagnostics,
) -> Option<SourceRecord> {
    let location = table.location().clone();
    let id = number(table.get("id"), &location, diagnostics)?;
    if table.get("adult").is_some_and(|adult| adult.eq_ignore_ascii_case("true")) {
        diagnostics.exclude("films for adults");
        return None;
    }
    let text = |column| table.get(column).map(str::to_owned);
    let mut of_film = known.remove(&id).unwrap_or_default();
    let mut tags = names(table, "keywords", diagnostics);
    tags.append(&mut of_film.keywords);
    tags.truncate(MAX_KEYWORDS);
    let first = table.get("original_language").map(str::to_owned);
    let languages =
        first.into_iter().chain(listed(table, "spoken_languages", "iso_639_1", diagnostics));
    // 0 stands for a running time that is not known.
    let runtime = table.get("runtime").filter(|minutes| !matches!(*minutes, "0" | "0.0"));
    let overview = text("overview").filter(|text| text != "No overview found.");
    let imdb = table.get("imdb_id").filter(|id| *id != "0");
    let mut draft = Draft::new()
        .set_some(Key::Title, text("title").or_else(|| text("original_title")))
        .set_some(Key::OriginalTitle, text("original_title"))
        .set_column(Key::Released, "release_date", table.get("release_date"))
        .set_some(Key::Runtime, runtime)
        .set_list(Key::Directors, of_film.directors)
        .set_list(Key::Genres, names(table, "genres", diagnostics))
        .set_list(Key::Tags, tags)
        .set_list(Key::Country, names(table, "production_countries", diagnostics))
        .set_list(Key::Language, languages)
        .set_people(Key::Cast, of_film.cast)
        .set_column(Key::Imdb, "imdb_id", imdb)
        .set(Key::Tmdb, id.to_string());
    if let Some(overview) = overview {
        draft = draft
            .set(Key::Synopsis, overview)
            .set(Key::Source, "TMDB")
            .set(Key::Licence, LICENCE)
            .set(Key::LicenceUrl, LICENCE_URL)
            .set(Key::SourceUrl, format!("https://www.themoviedb.org/movie/{id}"));
    }
    Some(SourceRecord { location, draft })
}

fn number(
    text: Option<&str>,
    location: &SourceLocation,
    diagnostics: &mut Diagnostics,
) -> Option<u32> {
    let text = text.unwrap_or_default();
    let number = Scheme::Tmdb.parse(text).and_then(|number| number.parse().ok());
    if number.is_none() {
        diagnostics.skip(location, "not a number", format!("id {text:?} is not a number"));
    }
    number
}

fn names(table: &Table, column: &str, diagnostics: &mut Diagnostics) -> Vec<String> {
    listed(table, column, "name", diagnostics)
}

/// Returns that key of each object in the cell; a cell without objects holds names between commas.
fn listed(table: &Table, column: &str, key: &str, diagnostics: &mut Diagnostics) -> Vec<String> {
    match table.get(column) {
        None => Vec::new(),
        Some(cell) if !cell.starts_with(['[', '{', '(']) => {
            cell.split(", ").map(str::to_owned).collect()
        }
        Some(cell) => {
            let objects = objects(cell, column, table.location(), diagnostics);
            objects.iter().filter_map(|object| object[key].as_str()).map(str::to_owned).collect()
        }
    }
}

fn people(
    table: &Table,
    column: &str,
    wanted: impl Fn(&Value) -> bool,
    diagnostics: &mut Diagnostics,
) -> Vec<CreditName> {
    let cell = table.get(column).unwrap_or("[]");
    let objects = objects(cell, column, table.location(), diagnostics);
    let credit = |object: &Value| {
        let person = PersonName::from(object["name"].as_str()?);
        let character = object["character"].as_str().filter(|name| !name.is_empty());
        Some(CreditName { person, character: character.map(str::to_owned) })
    };
    objects.iter().filter(|object| wanted(object)).filter_map(credit).collect()
}

fn objects(
    cell: &str,
    column: &str,
    location: &SourceLocation,
    diagnostics: &mut Diagnostics,
) -> Vec<Value> {
    let Some(Value::Array(objects)) = literal::read(cell) else {
        diagnostics.fix(location, "not a list", format!("{column} is not a list; left out"));
        return Vec::new();
    };
    objects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_detected_by_their_first_line() {
        for (line, expected) in [
            ("movie_id,title,cast,crew\n", Some(Kind::Credits)),
            ("cast,crew,id\r\n", Some(Kind::Credits)),
            ("id,keywords\n", Some(Kind::Keywords)),
            (
                "budget,genres,homepage,id,keywords,original_language,original_title,overview",
                Some(Kind::Films),
            ),
            (
                r#"{"adult":false,"id":3924,"original_title":"B","popularity":2.4,"video":false}"#,
                Some(Kind::Ids),
            ),
            (r#"{"title":"B","id":"3924"}"#, None),
            ("title,cast", None),
        ] {
            assert_eq!(kind(line.as_bytes()), expected, "{line}");
        }
    }
}
