//! The formats that films arrive in. A source reads the files of one format that belong together and
//! yields drafts; everything after that is the same for all.

use std::sync::Arc;

use super::diagnostics::{Diagnostics, SourceLocation};
use super::generic::csv::Csv;
use super::generic::json::{Json, Layout};
use super::generic::xml::{self, Xml};
use super::imdb::{self, Imdb};
use super::input::{self, Content, Input, Opened};
use super::movielens::{self, Movielens};
use super::nfo::NfoFolder;
use super::omdb::{self, Omdb};
pub use super::options::{Format, ReadOptions};
use super::plan::ColumnPlan;
use super::profile::Profile;
use super::tmdb::{self, Tmdb};
use crate::catalog::record::Draft;

pub trait Source {
    /// Returns the next record. What is wrong with single ones goes to the diagnostics.
    ///
    /// # Errors
    /// When the file is damaged or not of this format.
    fn next(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>>;

    /// Returns the columns that were met.
    fn columns(&self) -> Vec<ColumnPlan> {
        Vec::new()
    }
}

/// A record and its position.
pub struct SourceRecord {
    pub location: SourceLocation,
    pub draft: Draft,
}

/// A source with the files that it reads.
pub struct OpenedSource {
    pub source: Box<dyn Source>,
    pub files: Vec<Arc<str>>,
    pub format: Format,
    pub reason: String,
    /// The list that `id` values belong to.
    pub list: Option<String>,
    /// Blank values clear stored facts.
    pub blank_clears: bool,
}

/// Opens every input and returns the sources, in the order in which each first occurs.
///
/// # Errors
/// When a file cannot be read or is of no known format.
pub fn open(inputs: Vec<Input>, options: &ReadOptions) -> anyhow::Result<Vec<OpenedSource>> {
    let mut sources: Vec<OpenedSource> = Vec::new();
    let mut groups: Vec<(Format, String, Vec<Opened>)> = Vec::new();
    for input in inputs {
        let bytes = match input.content {
            Content::Bytes(bytes) => bytes,
            Content::Folder(paths) => {
                let count = paths.len();
                sources.push(OpenedSource {
                    source: Box::new(NfoFolder::new(paths, options)),
                    files: vec![input.name.into()],
                    format: Format::Nfo,
                    reason: format!("a folder with {count} .nfo files of Kodi or Jellyfin"),
                    list: Some("kodi".to_owned()),
                    blank_clears: options.clear_blank,
                });
                continue;
            }
        };
        for file in input::open(&input.name, bytes, options.encoding)? {
            let (format, reason) = match options.format {
                Some(format) => (format, "the format that --format names".to_owned()),
                None => detect(&file, options)?,
            };
            let is_joined =
                matches!(format, Format::Imdb | Format::Movielens | Format::Tmdb | Format::Omdb);
            match groups.iter_mut().find(|(of_group, ..)| is_joined && *of_group == format) {
                Some((.., files)) => files.push(file),
                None => groups.push((format, reason, vec![file])),
            }
        }
    }
    for (format, reason, files) in groups {
        sources.push(open_group(format, reason, files, options)?);
    }
    Ok(sources)
}

fn open_group(
    format: Format,
    reason: String,
    mut files: Vec<Opened>,
    options: &ReadOptions,
) -> anyhow::Result<OpenedSource> {
    let names: Vec<Arc<str>> = files.iter().map(|file| file.name.clone()).collect();
    let mut opened = OpenedSource {
        source: Box::new(Nothing),
        list: options.list.clone().or_else(|| Some(list_name(&names[0]))),
        files: names,
        format,
        reason,
        blank_clears: options.clear_blank || format == Format::Jsonl,
    };
    let profile = match format {
        Format::Imdb => {
            opened.source = Box::new(Imdb::new(files, options)?);
            None
        }
        Format::Movielens => {
            opened.source = Box::new(Movielens::new(files)?);
            None
        }
        Format::Tmdb => {
            opened.source = Box::new(Tmdb::new(files)?);
            None
        }
        Format::Omdb => {
            opened.source = Box::new(Omdb::new(files)?);
            None
        }
        Format::Csv | Format::Json | Format::Jsonl | Format::Xml | Format::Nfo => {
            let file = files.swap_remove(0);
            let (source, profile): (Box<dyn Source>, Profile) = match format {
                Format::Csv => {
                    let csv = Csv::new(file, options)?;
                    let profile = csv.profile().clone();
                    (Box::new(csv), profile)
                }
                Format::Xml | Format::Nfo => {
                    let xml = Xml::new(file, options)?;
                    let profile = xml.profile().clone();
                    (Box::new(xml), profile)
                }
                format => {
                    let json = Json::new(file, options, format == Format::Jsonl)?;
                    let profile = json.profile().clone();
                    (Box::new(json), profile)
                }
            };
            opened.source = source;
            Some(profile)
        }
    };
    if let Some(profile) = profile {
        if !profile.name.is_empty() {
            opened.reason = format!("{}, as {} writes it", opened.reason, profile.name);
        }
        if options.list.is_none()
            && let Some(list) = profile.list
        {
            opened.list = Some(list.to_owned());
        }
    }
    Ok(opened)
}

/// Stands in until a source is open.
struct Nothing;

impl Source for Nothing {
    fn next(&mut self, _: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>> {
        Ok(None)
    }
}

/// The prefix of lists that are only known by the name of their file. Two files may share a name by
/// chance, so these identifiers count only where other facts agree.
pub const FILE_LIST: &str = "file:";

/// Returns the name of a list from that of its file: `file:films` for `x/films.csv.gz`.
fn list_name(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = name.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or(name);
    format!("{FILE_LIST}{stem}")
}

/// Returns the format of a file, by its first bytes and its name, and how it is known.
fn detect(file: &Opened, options: &ReadOptions) -> anyhow::Result<(Format, String)> {
    let (name, head) = (&*file.name, &*file.head);
    let start = head.trim_ascii_start();
    let found = |format, reason: &str| Ok((format, reason.to_owned()));
    if start.is_empty() {
        anyhow::bail!("{name}: the file is empty");
    }
    if !options.mapping.is_given() {
        if imdb::detects(head) {
            return found(Format::Imdb, "IMDb's tables, by their columns");
        }
        if movielens::detects(head) {
            return found(Format::Movielens, "MovieLens, by its first line");
        }
        if tmdb::detects(head) {
            return found(Format::Tmdb, "TMDB's tables or lists, by their columns");
        }
        if omdb::detects(name, head) {
            return found(Format::Omdb, "omdb.org, by the name of the file");
        }
    }
    match start.first() {
        Some(b'<') if xml::is_kodi(start) => found(Format::Nfo, "XML with the element of Kodi"),
        Some(b'<') => found(Format::Xml, "XML, by its first character"),
        Some(b'{') if !options.mapping.is_given() && Layout::of(head).is_own() => {
            found(Format::Jsonl, "JSON lines with Marquee's keys")
        }
        Some(b'[' | b'{') => found(Format::Json, "JSON, by its first character"),
        _ => found(Format::Csv, "a table, as it is neither JSON nor XML"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::import::tests::opened;

    #[test]
    fn formats_are_detected() {
        for (name, head, expected) in [
            ("a", "tconst\ttitleType\tprimaryTitle\n", Format::Imdb),
            ("a.csv", "movieId,title,genres\r\n", Format::Movielens),
            ("a.csv", "\"movieId\";\"title\";\"genres\"\n", Format::Movielens),
            ("a.csv", "movie_id,title,cast,crew\n", Format::Tmdb),
            ("x/all_movies.csv.bz2", "\"id\",\"name\"\n", Format::Omdb),
            ("films.jsonl", "{\"title\":\"A\"}\n", Format::Jsonl),
            ("films.jsonl", "{\"director\":\"A\",\"born\":1900}\n", Format::Jsonl),
            ("films.json", "{\"title\":\"A\",\"rating\":1,\"votes\":2}", Format::Json),
            ("films.json", "[\n{\n\"title\"", Format::Json),
            ("films", "<?xml version=\"1.0\"?>", Format::Xml),
            ("film.nfo", "<?xml version=\"1.0\"?>\n<movie><title>", Format::Nfo),
            ("films.CSV.gz", "Name;Year\n", Format::Csv),
            ("films", "Name|Year\n", Format::Csv),
        ] {
            let file = opened(name, head.as_bytes()).unwrap();
            let format = detect(&file, &ReadOptions::default()).unwrap().0;
            assert_eq!(format, expected, "{name} {head}");
        }
        let empty = opened("a", b" \n").unwrap();
        assert!(detect(&empty, &ReadOptions::default()).is_err());
    }

    #[test]
    fn imported_list_is_named_after_its_file() {
        assert_eq!(list_name("x/films.csv.gz"), "file:films");
        assert_eq!(list_name("standard input"), "file:standard input");
    }
}
