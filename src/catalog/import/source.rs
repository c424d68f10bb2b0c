//! The forms that films arrive in. A source reads the files of one form that belong together and
//! yields drafts; what happens with them is the same for all.

use clap::ValueEnum;
use encoding_rs::Encoding;

use super::Input;
use super::bytes::{self, Opened};
use super::imdb::{self, Imdb};
use super::json_lines::JsonLines;
use super::map::Map;
use super::map::csv::Csv;
use super::map::json::Json;
use super::map::xml::Xml;
use super::movielens::{self, Movielens};
use super::omdb::{self, Omdb};
use super::record::Draft;
use super::report::{Notes, Place};
use super::tmdb::{self, Tmdb};

pub trait Source {
    /// The next record. What is wrong with single ones goes to the notes.
    ///
    /// # Errors
    /// When the file is damaged or not of this form.
    fn next(&mut self, notes: &mut Notes) -> anyhow::Result<Option<Entry>>;
}

/// A record and where it stands.
pub struct Entry {
    pub place: Place,
    pub draft: Draft,
}

/// A form of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Marquee's own: a JSON object on each line
    Jsonl,
    /// IMDb's title.*.tsv and name.basics.tsv
    Imdb,
    /// MovieLens: movies.csv with links.csv and tags.csv, movies.dat, u.item
    Movielens,
    /// TMDB: tables of movies with credits and keywords, daily lists of ids
    Tmdb,
    /// omdb.org: `all_movies.csv` and the files beside it
    Omdb,
    /// Any table with a header line
    Csv,
    /// A list of JSON objects
    Json,
    /// XML: an element for each film
    Xml,
}

/// How files are to be read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Unset: each file shows its own.
    pub format: Option<Format>,
    /// Unset: UTF-8, or what the file says of itself.
    pub encoding: Option<&'static Encoding>,
    /// Which columns mean what in CSV, JSON and XML.
    pub map: Map,
    /// IMDb's kinds of titles that count as films.
    pub title_types: Vec<String>,
    /// Films of IMDb with fewer votes are passed over.
    pub min_votes: u32,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            format: None,
            encoding: None,
            map: Map::default(),
            title_types: ["movie", "tvMovie"].map(str::to_owned).into(),
            min_votes: 0,
        }
    }
}

/// The sources in these files, in the order in which each first occurs.
pub fn open(inputs: Vec<Input>, reading: &Reading) -> anyhow::Result<Vec<Box<dyn Source>>> {
    let mut groups: Vec<(Format, Vec<Opened>)> = Vec::new();
    for input in inputs {
        let file = bytes::open(input, reading.encoding)?;
        let format = match reading.format {
            Some(format) => format,
            None => recognise(&file, reading),
        };
        match groups.iter_mut().find(|(of_group, _)| *of_group == format) {
            Some((_, files)) => files.push(file),
            None => groups.push((format, vec![file])),
        }
    }
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    for (format, files) in groups {
        match format {
            Format::Imdb => sources.push(Box::new(Imdb::new(files, reading)?)),
            Format::Movielens => sources.push(Box::new(Movielens::new(files)?)),
            Format::Tmdb => sources.push(Box::new(Tmdb::new(files)?)),
            Format::Omdb => sources.push(Box::new(Omdb::new(files)?)),
            single => {
                for file in files {
                    sources.push(alone(single, file, reading.map.clone())?);
                }
            }
        }
    }
    Ok(sources)
}

/// Of a form in which each file stands for itself.
fn alone(format: Format, file: Opened, map: Map) -> anyhow::Result<Box<dyn Source>> {
    Ok(match format {
        Format::Csv => Box::new(Csv::new(file, map)?),
        Format::Json => Box::new(Json::new(file, map)),
        Format::Xml => Box::new(Xml::new(file, map)),
        _ => Box::new(JsonLines::new(file)),
    })
}

/// What a file is, by its first bytes and its name.
fn recognise(file: &Opened, reading: &Reading) -> Format {
    let (name, head) = (&*file.name, &*file.head);
    let start = head.trim_ascii_start();
    if !reading.map.is_given() {
        if imdb::recognises(head) {
            return Format::Imdb;
        }
        if movielens::recognises(head) {
            return Format::Movielens;
        }
        if tmdb::recognises(head) {
            return Format::Tmdb;
        }
        if omdb::recognises(name, head) {
            return Format::Omdb;
        }
        let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if line.starts_with(b"{") && line.trim_ascii_end().ends_with(b"}") {
            return Format::Jsonl;
        }
    }
    match start.first() {
        Some(b'<') => Format::Xml,
        Some(b'[' | b'{') => Format::Json,
        _ if has_ending(name, &["csv", "tsv", "txt"]) || reading.map.is_given() => Format::Csv,
        _ => Format::Jsonl,
    }
}

/// Before the ending of a packed file.
fn has_ending(name: &str, endings: &[&str]) -> bool {
    let name = name.to_lowercase();
    let name = [".gz", ".bz2"].iter().find_map(|packed| name.strip_suffix(packed)).unwrap_or(&name);
    endings.iter().any(|ending| name.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::import::tests::input;

    #[test]
    fn forms_are_recognised() {
        for (name, head, expected) in [
            ("a", "tconst\ttitleType\tprimaryTitle\n", Format::Imdb),
            ("a.csv", "movieId,title,genres\r\n", Format::Movielens),
            ("a.csv", "movie_id,title,cast,crew\n", Format::Tmdb),
            ("x/all_movies.csv.bz2", "\"id\",\"name\"\n", Format::Omdb),
            ("films.jsonl", "{\"title\":\"A\"}\n", Format::Jsonl),
            ("films.json", "\n{\n\"title\"", Format::Json),
            ("films.json", "[\n{\n\"title\"", Format::Json),
            ("films", "<?xml version=\"1.0\"?>", Format::Xml),
            ("films.CSV.gz", "Name;Year\n", Format::Csv),
            ("empty", "", Format::Jsonl),
        ] {
            let file = bytes::open(input(name, head.as_bytes()), None).unwrap();
            assert_eq!(recognise(&file, &Reading::default()), expected, "{name} {head}");
        }
    }
}
