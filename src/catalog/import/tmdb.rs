//! TMDB as it is handed around: the tables of 5,000 films (lists as JSON), of "The Movies Dataset"
//! (lists as Python literals) and of a million (lists with commas), each with credits and keywords
//! beside it; and the daily list of ids.

mod literal;

use std::collections::HashMap;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

use super::bytes::Opened;
use super::clean;
use super::lines::Lines;
use super::record::{Draft, OneOrMore, Person};
use super::report::{Notes, Place};
use super::source::{Entry, Source};
use super::table::{RFC_4180, Table};

/// Names of a cast that are kept.
const CAST: usize = 10;
/// Keywords of a film that are kept.
const KEYWORDS: usize = 10;

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

/// What the other files say of one film.
#[derive(Default)]
struct Known {
    directors: Vec<String>,
    cast: Vec<String>,
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

/// Whether a file that begins so is one of these.
pub fn recognises(head: &[u8]) -> bool {
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
            match kind.with_context(|| format!("{name}: no file of films of TMDB"))? {
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

    /// Reads the files beside the films, once.
    fn known(&mut self, notes: &mut Notes) -> anyhow::Result<HashMap<u32, Known>> {
        let mut known: HashMap<u32, Known> = HashMap::new();
        for mut table in self.credits.drain(..) {
            while table.next(notes)? {
                let id = table.get("movie_id").or_else(|| table.get("id"));
                let Some(id) = number(id, table.place(), notes) else { continue };
                let film = known.entry(id).or_default();
                let director = |person: &Value| person["job"] == "Director";
                film.directors = people(&table, "crew", director, notes);
                film.cast = people(&table, "cast", |_| true, notes);
                film.cast.truncate(CAST);
            }
        }
        for mut table in self.keywords.drain(..) {
            while table.next(notes)? {
                let Some(id) = number(table.get("id"), table.place(), notes) else { continue };
                known.entry(id).or_default().keywords = names(&table, "keywords", notes);
            }
        }
        Ok(known)
    }
}

impl Source for Tmdb {
    fn next(&mut self, notes: &mut Notes) -> anyhow::Result<Option<Entry>> {
        let mut known = match self.known.take() {
            Some(known) => known,
            None => self.known(notes)?,
        };
        let mut entry = None;
        while let (None, Some(films)) = (&entry, self.films.last_mut()) {
            match films {
                Films::Table(table) => match table.next(notes)? {
                    true => entry = film(table, &mut known, notes),
                    false => _ = self.films.pop(),
                },
                Films::Ids(lines) => match lines.next()? {
                    Some(line) => {
                        let listed = serde_json::from_str(line);
                        let place = lines.place().clone();
                        let listed = listed.with_context(|| place.to_string())?;
                        entry = only_listed(listed, place, notes);
                    }
                    None => _ = self.films.pop(),
                },
            }
        }
        self.known = Some(known);
        Ok(entry)
    }
}

/// Name and number are all that the daily list tells.
fn only_listed(listed: Listed, place: Place, notes: &mut Notes) -> Option<Entry> {
    if listed.adult {
        notes.pass_over("films for adults");
        return None;
    }
    if listed.video {
        notes.pass_over("videos that are no films");
        return None;
    }
    let draft = Draft {
        title: Some(listed.original_title),
        tmdb: Some(listed.id.to_string()),
        ..Draft::default()
    };
    Some(Entry { place, draft })
}

fn film(table: &Table, known: &mut HashMap<u32, Known>, notes: &mut Notes) -> Option<Entry> {
    let place = table.place().clone();
    let id = number(table.get("id"), &place, notes)?;
    if table.get("adult").is_some_and(|adult| adult.eq_ignore_ascii_case("true")) {
        notes.pass_over("films for adults");
        return None;
    }
    let text = |column| table.get(column).map(str::to_owned);
    let mut of_film = known.remove(&id).unwrap_or_default();
    let mut tags = names(table, "keywords", notes);
    tags.append(&mut of_film.keywords);
    tags.truncate(KEYWORDS);
    let first = language(table.get("original_language"));
    let spoken = listed(table, "spoken_languages", "iso_639_1", notes);
    let languages = first.into_iter().chain(spoken.iter().filter_map(|code| language(Some(code))));
    let runtime =
        table.get("runtime").and_then(|text| clean::number("runtime", text, &place, notes));
    let overview = text("overview").filter(|text| text != "No overview found.");
    let draft = Draft {
        title: text("title").or_else(|| text("original_title")),
        original_title: text("original_title"),
        released: text("release_date"),
        // 0 is how TMDB writes that nobody knows.
        runtime: runtime.filter(|minutes| *minutes != 0),
        directors: Some(of_film.directors.into_iter().map(Person::from).collect()),
        genres: Some(names(table, "genres", notes)),
        tags: Some(tags),
        country: OneOrMore::More(names(table, "production_countries", notes)),
        language: OneOrMore::More(languages.collect()),
        cast: Some(of_film.cast),
        source: overview.is_some().then(|| "TMDB".to_owned()),
        licence: Some(LICENCE.to_owned()),
        licence_url: Some(LICENCE_URL.to_owned()),
        source_url: Some(format!("https://www.themoviedb.org/movie/{id}")),
        plot: overview,
        imdb: text("imdb_id").filter(|id| id.starts_with("tt")),
        tmdb: Some(id.to_string()),
        ..Draft::default()
    };
    Some(Entry { place, draft })
}

/// TMDB's codes where they are not ISO 639, and none for "no language".
fn language(code: Option<&str>) -> Option<String> {
    match code? {
        "xx" | "null" => None,
        "cn" => Some("yue".to_owned()),
        code if code.len() <= 3 => Some(code.to_owned()),
        _ => None,
    }
}

fn number(text: Option<&str>, place: &Place, notes: &mut Notes) -> Option<u32> {
    let text = text.unwrap_or_default();
    let number = text.parse().ok();
    if number.is_none() {
        notes.skip(place, "no number", format!("id {text:?} is no number"));
    }
    number
}

fn names(table: &Table, column: &str, notes: &mut Notes) -> Vec<String> {
    listed(table, column, "name", notes)
}

/// That key of each object in the cell; a cell without objects holds names with commas between.
fn listed(table: &Table, column: &str, key: &str, notes: &mut Notes) -> Vec<String> {
    match table.get(column) {
        None => Vec::new(),
        Some(cell) if !cell.starts_with(['[', '{', '(']) => {
            cell.split(", ").map(str::to_owned).collect()
        }
        Some(cell) => texts(cell, column, key, |_| true, table.place(), notes),
    }
}

fn people(
    table: &Table,
    column: &str,
    wanted: impl Fn(&Value) -> bool,
    notes: &mut Notes,
) -> Vec<String> {
    let cell = table.get(column).unwrap_or("[]");
    texts(cell, column, "name", wanted, table.place(), notes)
}

fn texts(
    cell: &str,
    column: &str,
    key: &str,
    wanted: impl Fn(&Value) -> bool,
    place: &Place,
    notes: &mut Notes,
) -> Vec<String> {
    let Some(Value::Array(objects)) = literal::read(cell) else {
        notes.mend(place, "no list", format!("{column} is no list and was left out"));
        return Vec::new();
    };
    let texts = objects.iter().filter(|object| wanted(object)).map(|object| &object[key]);
    texts.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_line() {
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
