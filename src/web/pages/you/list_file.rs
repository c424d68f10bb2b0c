//! Reads the CSV lists of Letterboxd and IMDb, which differ in the names of their columns.

use std::borrow::Cow;

use chrono::NaiveDate;
use csv::{ReaderBuilder, StringRecord};

use crate::catalog::lookup::MovieRef;
use crate::web::visitor::half_stars;

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// In the file, from 1.
    pub number: u64,
    pub film: MovieRef,
    /// 1 to 10.
    pub half_stars: Option<i64>,
    /// When the film was marked.
    pub day: Option<NaiveDate>,
}

/// The positions of the columns.
struct Columns {
    title: usize,
    year: Option<usize>,
    imdb: Option<usize>,
    /// Up to 5 stars.
    rating: Option<usize>,
    /// Up to 10 points.
    rating_of_ten: Option<usize>,
    day: Option<usize>,
}

/// The file has no column with titles.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAList;

/// Reads the lines of a list, and the numbers of those without a title or with broken CSV.
///
/// # Errors
/// If the file is not such a list.
pub fn read(bytes: &[u8]) -> Result<(Vec<Line>, Vec<u64>), NotAList> {
    // The reader miscounts lines that end with CRLF.
    let text = decoded(bytes).replace("\r\n", "\n");
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().ok().and_then(Columns::of);
    let columns = header.ok_or(NotAList)?;
    let mut lines = Vec::new();
    let mut unread = Vec::new();
    for record in reader.into_records() {
        match record {
            Ok(record) => match columns.line(&record) {
                Some(line) => lines.push(line),
                None => unread.push(record.position().map_or(0, csv::Position::line)),
            },
            Err(error) => unread.push(error.position().map_or(0, csv::Position::line)),
        }
    }
    Ok((lines, unread))
}

/// Decodes UTF-8, or Latin-1, which older IMDb exports use. Its letters are Unicode's first 256.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
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
            imdb: column(&["Const", "imdbID"]),
            rating: column(&["Rating"]),
            rating_of_ten: column(&["Your Rating", "Rating10"]),
            day: column(&["Watched Date", "WatchedDate", "Date Rated", "Created", "Date"]),
        })
    }

    fn line(&self, record: &StringRecord) -> Option<Line> {
        let cell = |at: Option<usize>| {
            at.and_then(|at| record.get(at)).map(str::trim).filter(|cell| !cell.is_empty())
        };
        let printable = |letter: &char| !letter.is_control();
        let title: String = cell(Some(self.title))?.chars().filter(printable).take(500).collect();
        let number = |at| cell(at).and_then(|text| text.parse::<f64>().ok());
        let five = number(self.rating).and_then(half_stars);
        let ten = number(self.rating_of_ten).and_then(|points| half_stars(points / 2.0));
        Some(Line {
            number: record.position().map_or(0, csv::Position::line),
            half_stars: five.or(ten),
            day: cell(self.day).and_then(|day| day.get(..10)?.parse().ok()),
            film: MovieRef {
                title,
                year: cell(self.year).and_then(|year| year.parse().ok()),
                imdb: cell(self.imdb).map(str::to_owned),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_file_is_read_or_refused(
            header in prop::sample::select(vec!["", "Name,Year,Rating\n", "Const,Your Rating,Date Rated,Title\n"]),
            text in "[\",;a-z0-9.\\-\n\r\u{0}é]{0,120}",
            bytes in any::<Vec<u8>>(),
        ) {
            let file = [header.as_bytes(), text.as_bytes(), &bytes[..]].concat();
            if let Ok((lines, _)) = read(&file) {
                let valid = |rating| (1..=10).contains(&rating);
                prop_assert!(lines.iter().all(|line| line.half_stars.is_none_or(valid)));
            }
        }
    }

    #[test]
    fn letterboxd_and_imdb_lists_are_read() {
        let letterboxd = "Date,Name,Year,Letterboxd URI,Rating\r\n\
            2024-01-31,\"Good, Bad \"\"and\"\" Ugly\",1966,https://boxd.it/1,4.5\r\n\
            ,Ran,,,\r\n";
        let (lines, unread) = read(letterboxd.as_bytes()).unwrap();
        assert!(unread.is_empty());
        assert_eq!(lines[0].film.title, "Good, Bad \"and\" Ugly");
        assert_eq!(
            (lines[0].number, lines[0].film.year, lines[0].half_stars),
            (2, Some(1966), Some(9))
        );
        assert_eq!(lines[0].day, NaiveDate::from_ymd_opt(2024, 1, 31));
        assert_eq!((lines[1].number, lines[1].film.year, lines[1].half_stars), (3, None, None));

        let imdb =
            b"Const,Your Rating,Date Rated,Title,Year\ntt0089881,9,2020-02-03,Am\xe9lie,2001";
        let (lines, _) = read(imdb).unwrap();
        assert_eq!(lines[0].film.imdb.as_deref(), Some("tt0089881"));
        assert_eq!((lines[0].film.title.as_str(), lines[0].half_stars), ("Amélie", Some(9)));
    }

    #[test]
    fn ratings_convert_to_half_stars() {
        let stars = |column: &str, rating: &str| {
            let file = format!("Name,{column}\nx,{rating}");
            read(file.as_bytes()).unwrap().0[0].half_stars
        };
        for (rating, expected) in [("0.5", 1), ("1", 2), ("1.5", 3), ("3", 6), ("4.5", 9)] {
            assert_eq!(stars("Rating", rating), Some(expected), "{rating}");
        }
        for (rating, expected) in [("1", 1), ("2", 2), ("3", 3), ("9", 9), ("10", 10)] {
            assert_eq!(stars("Your Rating", rating), Some(expected), "{rating}");
        }
        for odd in ["0", "", "x", "-1", "6", "3.3", "NaN", "inf", "1e300"] {
            assert_eq!(stars("Rating", odd), None, "{odd}");
        }
    }

    #[test]
    fn other_file_is_an_error_and_unreadable_lines_are_reported() {
        for no_list in [&b""[..], b"a,b\n1,2", b"\xff\xfe\x00", b"{}"] {
            assert!(read(no_list).is_err(), "{no_list:?}");
        }
        let (lines, unread) = read(b"Name,Year\nRan,1985\n,1999\n\nToo,1,2,3\n\"open").unwrap();
        assert_eq!(lines.len(), 3);
        assert_eq!(unread, [3]);
    }
}
