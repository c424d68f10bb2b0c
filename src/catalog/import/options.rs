//! How an import reads its files and what it may change.

use clap::ValueEnum;
use encoding_rs::Encoding;

use super::mapping::Mapping;
use crate::catalog::record::TextSource;

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Marquee's own: a JSON object on each line
    Jsonl,
    /// IMDb's title.*.tsv and name.basics.tsv
    Imdb,
    /// `MovieLens`: movies.csv with links.csv and tags.csv, movies.dat, u.item
    Movielens,
    /// TMDB: tables of movies with credits and keywords, daily lists of ids
    Tmdb,
    /// omdb.org: `all_movies.csv` and the files beside it
    Omdb,
    /// Any table with a header line
    Csv,
    /// JSON objects, also in a list or in a list within an object
    Json,
    /// XML: an element for each film
    Xml,
    /// Kodi and Jellyfin: a movie.nfo for each film
    Nfo,
}

/// How files are read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Unset: detected for each file.
    pub format: Option<Format>,
    /// Unset: UTF-8, or what the file itself declares.
    pub encoding: Option<&'static Encoding>,
    /// Fields and columns of CSV, JSON and XML, and conditions on them.
    pub mapping: Mapping,
    /// Delimiter of tables; unset: found in the header.
    pub delimiter: Option<u8>,
    /// The `strftime` format of dates other than ISO 8601.
    pub date_format: Option<String>,
    /// Blank values of other formats than Marquee's own clear stored facts, too.
    pub clear_blank: bool,
    /// IMDb's types of titles that count as films.
    pub title_types: Vec<String>,
    /// Films of IMDb with fewer votes are excluded.
    pub min_votes: u32,
    /// The list that `id` values belong to; unset: one for each file.
    pub list: Option<String>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            format: None,
            encoding: None,
            mapping: Mapping::default(),
            delimiter: None,
            date_format: None,
            clear_blank: false,
            title_types: ["movie", "tvMovie"].map(str::to_owned).into(),
            min_votes: 0,
            list: None,
        }
    }
}

/// The options of a whole import.
#[derive(Debug, Clone)]
pub struct Options {
    /// The source of texts that do not name one.
    pub source: String,
    /// The licence of those texts.
    pub licence: String,
    /// Refuse files that hold only people.
    pub require_films: bool,
    /// Remove the movies that the files do not hold.
    pub replace: bool,
    /// Let `replace` remove more than half of the catalogue.
    pub remove_most: bool,
    /// Store nothing.
    pub dry_run: bool,
    pub read: ReadOptions,
}

impl Default for Options {
    fn default() -> Self {
        let TextSource { name, licence, .. } = TextSource::own();
        Self {
            source: name,
            licence,
            require_films: false,
            replace: false,
            remove_most: false,
            dry_run: false,
            read: ReadOptions::default(),
        }
    }
}

/// An option that cannot be meant as it is written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OptionError(pub String);
