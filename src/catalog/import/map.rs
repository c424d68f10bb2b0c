//! Tables and documents of any origin: a map says which column means what.

pub mod csv;
pub mod json;
pub mod xml;

use anyhow::{Context, bail};

use super::clean;
use super::record::{Draft, OneOrMore, Person};
use super::report::{Notes, Place};

/// Keys of a film, each with the columns that mean it where no map says otherwise: compared
/// without case, spaces, hyphens and underscores.
const KEYS: [(&str, &[&str]); 23] = [
    ("title", &["title", "name", "film", "movie", "filmtitle", "movietitle", "primarytitle"]),
    ("original_title", &["originaltitle", "originalname"]),
    ("year", &["year", "releaseyear", "startyear", "yearofrelease", "titleyear"]),
    ("released", &["released", "releasedate", "initialreleasedate", "date", "premiere"]),
    ("runtime", &["runtime", "runtimeminutes", "duration", "minutes", "length"]),
    ("directors", &["directors", "director", "directedby", "directorname"]),
    ("genres", &["genres", "genre", "listedin"]),
    ("tags", &["tags", "tag", "keywords"]),
    ("country", &["country", "countries", "productioncountries"]),
    ("language", &["language", "languages", "originallanguage"]),
    ("cast", &["cast", "actors", "starring", "stars"]),
    ("synopsis", &["synopsis"]),
    ("plot", &["plot", "overview", "description", "summary"]),
    ("source", &["source"]),
    ("source_url", &["sourceurl"]),
    ("licence", &["licence", "license"]),
    ("licence_url", &["licenceurl", "licenseurl"]),
    ("wikidata", &["wikidata", "wikidataid"]),
    ("imdb", &["imdb", "imdbid", "tconst", "const"]),
    ("tmdb", &["tmdb", "tmdbid"]),
    ("wikipedia", &["wikipedia", "wikipediaurl"]),
    ("movielens", &["movielens", "movielensid"]),
    ("id", &["id"]),
];

/// The keys that hold several values.
const LISTS: [&str; 6] = ["directors", "genres", "tags", "country", "language", "cast"];

/// Which column means what.
#[derive(Debug, Clone, Default)]
pub struct Map {
    /// Key and column; an empty column means none.
    columns: Vec<(&'static str, String)>,
    /// Between the values in one cell. Unset: `|` in tables, nothing in JSON and XML,
    /// which have lists of their own.
    separators: Option<Vec<char>>,
}

/// One record's columns and their values.
pub type Fields = Vec<(String, Vec<String>)>;

impl Map {
    /// Reads `key=column,key=column…`; unset `separators` are the usual ones of the form.
    ///
    /// # Errors
    /// Names what is no key, and the keys there are.
    pub fn new(map: &[String], separators: Option<&str>) -> anyhow::Result<Self> {
        let mut columns = Vec::new();
        for pair in map {
            let (key, column) =
                pair.split_once('=').with_context(|| format!("{pair:?} is not KEY=COLUMN"))?;
            match KEYS.iter().find(|(known, _)| *known == key.trim()) {
                Some((key, _)) => columns.push((*key, column.trim().to_owned())),
                None => {
                    let keys: Vec<&str> = KEYS.iter().map(|(key, _)| *key).collect();
                    bail!("{key:?} is no key; the keys are {}", keys.join(", "));
                }
            }
        }
        Ok(Self { columns, separators: separators.map(|text| text.chars().collect()) })
    }

    pub fn is_given(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Whether one of these columns is a film's title.
    pub fn knows_title<'a>(&self, mut columns: impl Iterator<Item = &'a str>) -> bool {
        columns.any(|column| self.key(column) == Some("title"))
    }

    /// What a column means.
    pub fn key(&self, column: &str) -> Option<&'static str> {
        if let Some((key, _)) = self.columns.iter().find(|(_, mapped)| mapped == column) {
            return Some(key);
        }
        let letters: String = column
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '_'))
            .flat_map(char::to_lowercase)
            .collect();
        let mapped = |key| self.columns.iter().any(|(mapped, _)| *mapped == key);
        KEYS.iter()
            .find(|(key, names)| names.contains(&letters.as_str()) && !mapped(*key))
            .map(|(key, _)| *key)
    }

    /// The record of these fields; of two columns that mean the same the first that holds
    /// something counts.
    fn draft(&self, fields: &Fields, usual: &[char], place: &Place, notes: &mut Notes) -> Draft {
        let separators = self.separators.as_deref().unwrap_or(usual);
        let mut draft = Draft::default();
        let mut set: Vec<&str> = Vec::new();
        for (column, values) in fields {
            let Some(key) = self.key(column).filter(|key| !set.contains(key)) else { continue };
            let values: Vec<String> = match LISTS.contains(&key) {
                true => values
                    .iter()
                    .flat_map(|value| value.split(separators))
                    .map(|value| value.trim().to_owned())
                    .filter(|value| !value.is_empty())
                    .collect(),
                false => values.iter().filter(|value| !value.trim().is_empty()).cloned().collect(),
            };
            if !values.is_empty() {
                set.push(key);
                fill(&mut draft, key, values, place, notes);
            }
        }
        draft
    }
}

/// `values` is not empty; a key that holds one value takes the first.
fn fill(
    draft: &mut Draft,
    key: &'static str,
    mut values: Vec<String>,
    place: &Place,
    notes: &mut Notes,
) {
    let text = |values: &mut Vec<String>| Some(values.swap_remove(0));
    match key {
        "title" => draft.title = text(&mut values),
        "original_title" => draft.original_title = text(&mut values),
        "year" => draft.year = clean::number(key, year(&values[0]), place, notes),
        "released" => draft.released = text(&mut values),
        "runtime" => draft.runtime = clean::number(key, minutes(&values[0]), place, notes),
        "directors" => draft.directors = Some(values.into_iter().map(Person::from).collect()),
        "genres" => draft.genres = Some(values),
        "tags" => draft.tags = Some(values),
        "country" => draft.country = OneOrMore::More(values),
        "language" => draft.language = OneOrMore::More(values),
        "cast" => draft.cast = Some(values),
        "synopsis" => draft.synopsis = text(&mut values),
        "plot" => draft.plot = text(&mut values),
        "source" => draft.source = text(&mut values),
        "source_url" => draft.source_url = text(&mut values),
        "licence" => draft.licence = text(&mut values),
        "licence_url" => draft.licence_url = text(&mut values),
        "wikidata" => draft.wikidata = text(&mut values),
        "imdb" => draft.imdb = text(&mut values),
        "tmdb" => draft.tmdb = text(&mut values),
        "wikipedia" => draft.wikipedia = text(&mut values),
        "movielens" => draft.movielens = text(&mut values),
        _ => draft.id = text(&mut values),
    }
}

/// The year of a date or of a span of years.
fn year(text: &str) -> &str {
    let text = text.trim();
    match text.split_once(['-', '–', '/']) {
        Some((year, _)) if year.len() == 4 => year,
        _ => text,
    }
}

/// Without "min" behind it.
fn minutes(text: &str) -> &str {
    text.trim().trim_end_matches(|c: char| c.is_alphabetic() || c == '.' || c == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_a_map_or_by_their_usual_names() {
        let map = Map::new(&["title=Label".into(), "plot=".into()], None).unwrap();
        assert_eq!(map.key("Label"), Some("title"));
        assert_eq!(map.key("Title"), None, "the map has another column for it");
        assert_eq!(map.key("Release Date"), Some("released"));
        assert_eq!(map.key("directed_by"), Some("directors"));
        assert_eq!(map.key("overview"), None, "switched off");
        assert_eq!(map.key("budget"), None);
        assert!(Map::new(&["titel=x".into()], None).unwrap_err().to_string().contains("keys are"));
    }

    #[test]
    fn years_and_minutes_are_found() {
        assert_eq!(
            (year("1999-05-01"), year("2006–2007"), year(" 1999 ")),
            ("1999", "2006", "1999")
        );
        assert_eq!((minutes("95 min."), minutes("95"), minutes("95 minutes")), ("95", "95", "95"));
    }
}
