//! Lists as tables, told apart by their columns.

use ::csv::{ReaderBuilder, StringRecord};
use chrono::NaiveDate;

use super::{Line, Lists, MAX_LINES, Rating, Refusal, rating, title_of};
use crate::catalog::import;
use crate::catalog::lookup::MovieRef;
use crate::catalog::record::Scheme;

/// First words of the types of IMDb that are no films.
const OTHER_TYPES: [&str; 8] = [
    "tvseries",
    "tvminiseries",
    "tvepisode",
    "tvspecial",
    "videogame",
    "podcastseries",
    "podcastepisode",
    "musicvideo",
];

/// The positions of the columns.
struct Columns {
    title: usize,
    year: Option<usize>,
    imdb: Option<usize>,
    kind: Option<usize>,
    rating: Option<usize>,
    /// Of ten in any file.
    rating_of_ten: Option<usize>,
    /// Only a list of films that were seen has it.
    watched: Option<usize>,
    rated: Option<usize>,
    listed: Option<usize>,
}

/// Adds the lines of a table. `seen` says whether all films were seen, if the file's name tells.
pub fn read(name: &str, text: &str, seen: Option<bool>, lists: &mut Lists) -> Result<(), Refusal> {
    let (text, skipped) = without_preamble(text);
    // Where lines end with CRLF, the reader counts one line short.
    let text = text.replace("\r\n", "\n");
    let delimiter = import::delimiter(text.as_bytes());
    let mut reader =
        ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let header = reader.headers().or(Err(Refusal::NotAList))?.clone();
    if header.iter().all(|name| name.trim().is_empty()) {
        return Err(Refusal::NotAList);
    }
    let Some(columns) = Columns::of(&header) else {
        let names = header.iter().take(20).map(|name| name.chars().take(40).collect());
        return Err(Refusal::NoTitle(names.collect()));
    };
    let mut records = Vec::new();
    for record in reader.into_records() {
        if records.len() + lists.lines.len() >= MAX_LINES {
            return Err(Refusal::TooManyLines);
        }
        match record {
            Ok(record) => records.push(record),
            Err(error) => {
                let line = error.position().map_or(0, ::csv::Position::line) + skipped;
                lists.untitled.push((name.to_owned(), line));
            }
        }
    }
    let max = columns.scale(&records);
    for record in &records {
        let number = record.position().map_or(0, ::csv::Position::line) + skipped;
        let Some((title, year)) = cell(record, Some(columns.title)).and_then(title_of) else {
            lists.untitled.push((name.to_owned(), number));
            continue;
        };
        if columns.is_other(record) {
            lists.others.push(title);
            continue;
        }
        let mut line = columns.line(record, title, year, max, seen);
        line.file = name.to_owned();
        line.number = number;
        lists.lines.push(line);
    }
    Ok(())
}

/// Returns the table of a list that Letterboxd exports, after its description, and the lines before it.
fn without_preamble(text: &str) -> (&str, u64) {
    if !text.starts_with("Letterboxd list export") {
        return (text, 0);
    }
    let mut rest = text;
    let mut skipped = 0;
    while let Some((line, after)) = rest.split_once('\n') {
        if line.starts_with("Position,") {
            return (rest, skipped);
        }
        rest = after;
        skipped += 1;
    }
    (text, 0)
}

fn cell(record: &StringRecord, column: Option<usize>) -> Option<&str> {
    column.and_then(|at| record.get(at)).map(str::trim).filter(|cell| !cell.is_empty())
}

impl Columns {
    fn of(header: &StringRecord) -> Option<Self> {
        let column = |names: &[&str]| {
            let at = |name| header.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
            names.iter().copied().find_map(at)
        };
        Some(Self {
            title: column(&["Name", "Title"])?,
            year: column(&["Year"]),
            imdb: column(&["Const", "imdbID", "imdb"]),
            kind: column(&["Title Type"]),
            rating: column(&["Rating"]),
            rating_of_ten: column(&["Your Rating", "You rated", "Rating10"]),
            watched: column(&["Watched Date", "WatchedDate"]),
            rated: column(&["Date Rated"]),
            listed: column(&["Created", "Date"]),
        })
    }

    /// The highest rating of the column without a scale: five, unless one is higher.
    fn scale(&self, records: &[StringRecord]) -> f64 {
        let ratings = records.iter().filter_map(|record| cell(record, self.rating));
        let numbers = ratings.filter_map(|text| text.replace(',', ".").parse::<f64>().ok());
        if numbers.fold(0.0, f64::max) > 5.0 { 10.0 } else { 5.0 }
    }

    fn is_other(&self, record: &StringRecord) -> bool {
        let Some(kind) = cell(record, self.kind) else { return false };
        let kind: String =
            kind.to_lowercase().chars().filter(|letter| letter.is_alphabetic()).collect();
        OTHER_TYPES.contains(&kind.as_str())
    }

    fn line(
        &self,
        record: &StringRecord,
        title: String,
        title_year: Option<i16>,
        max: f64,
        seen: Option<bool>,
    ) -> Line {
        let five = cell(record, self.rating).filter(|text| *text != "0");
        let ten = cell(record, self.rating_of_ten);
        let rating: Option<Rating> =
            ten.map(|text| rating(text, 10.0)).or_else(|| five.map(|text| rating(text, max)));
        let days = [self.watched, self.rated, self.listed];
        let day = |column| -> Option<NaiveDate> { cell(record, column)?.get(..10)?.parse().ok() };
        let is_diary = self.watched.is_some();
        Line {
            file: String::new(),
            number: 0,
            seen: seen.or((is_diary || rating.is_some()).then_some(true)),
            day: days.into_iter().find_map(day),
            rating,
            film: MovieRef {
                title,
                year: cell(record, self.year).and_then(|year| year.parse().ok()).or(title_year),
                imdb: cell(record, self.imdb).and_then(|imdb| Scheme::Imdb.parse(imdb)),
                ..MovieRef::default()
            },
        }
    }
}
