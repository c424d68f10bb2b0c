//! Lists of films as Letterboxd and IMDb write them: CSV, told apart by the names of the columns.

use std::borrow::Cow;

use chrono::NaiveDate;
use csv::{ReaderBuilder, StringRecord};

use crate::catalog::lookup::MovieRef;

/// One line of such a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Of the file, from 1.
    pub number: u64,
    pub film: MovieRef,
    /// 1 to 5.
    pub stars: Option<i64>,
    /// When the film was marked.
    pub day: Option<NaiveDate>,
}

/// Where each fact stands.
struct Columns {
    title: usize,
    year: Option<usize>,
    imdb: Option<usize>,
    /// Up to 5, in halves.
    rating: Option<usize>,
    /// Up to 10.
    rating_of_ten: Option<usize>,
    day: Option<usize>,
}

/// The lines of a list, and the numbers of those that cannot be read.
///
/// # Errors
/// When this is no such list; says why.
pub fn read(bytes: &[u8]) -> Result<(Vec<Line>, Vec<u64>), &'static str> {
    // Where lines end with CRLF, the reader counts one line short.
    let text = decoded(bytes).replace("\r\n", "\n");
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().ok().and_then(Columns::of);
    let columns = header
        .ok_or("No column of the file is called “Name” or “Title”, so it is no list of films.")?;
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

/// Older exports of IMDb are not in UTF-8 but in Latin-1, whose letters are Unicode's first 256.
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
        let half_stars = |rating: f64| (rating + 0.5).floor();
        let five = cell(self.rating).and_then(|text| text.parse().ok()).map(half_stars);
        let ten = cell(self.rating_of_ten).and_then(|text| text.parse().ok());
        let ten = ten.map(|rating: f64| half_stars(rating / 2.0));
        Some(Line {
            number: record.position().map_or(0, csv::Position::line),
            stars: (1..=5).find(|stars| five.or(ten) == Some(f64::from(*stars))).map(i64::from),
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
        fn any_file_is_a_list_or_refused(
            header in prop::sample::select(vec!["", "Name,Year,Rating\n", "Const,Your Rating,Date Rated,Title\n"]),
            text in "[\",;a-z0-9.\\-\n\r\u{0}é]{0,120}",
            bytes in any::<Vec<u8>>(),
        ) {
            let file = [header.as_bytes(), text.as_bytes(), &bytes[..]].concat();
            if let Ok((lines, _)) = read(&file) {
                prop_assert!(lines.iter().all(|line| line.stars.is_none_or(|stars| (1..=5).contains(&stars))));
            }
        }
    }

    #[test]
    fn the_lists_of_either_site_are_read() {
        let letterboxd = "Date,Name,Year,Letterboxd URI,Rating\r\n\
            2024-01-31,\"Good, Bad \"\"and\"\" Ugly\",1966,https://boxd.it/1,4.5\r\n\
            ,Ran,,,\r\n";
        let (lines, unread) = read(letterboxd.as_bytes()).unwrap();
        assert!(unread.is_empty());
        assert_eq!(lines[0].film.title, "Good, Bad \"and\" Ugly");
        assert_eq!((lines[0].number, lines[0].film.year, lines[0].stars), (2, Some(1966), Some(5)));
        assert_eq!(lines[0].day, NaiveDate::from_ymd_opt(2024, 1, 31));
        assert_eq!((lines[1].number, lines[1].film.year, lines[1].stars), (3, None, None));

        let imdb =
            b"Const,Your Rating,Date Rated,Title,Year\ntt0089881,9,2020-02-03,Am\xe9lie,2001";
        let (lines, _) = read(imdb).unwrap();
        assert_eq!(lines[0].film.imdb.as_deref(), Some("tt0089881"));
        assert_eq!((lines[0].film.title.as_str(), lines[0].stars), ("Amélie", Some(5)));
    }

    #[test]
    fn every_rating_finds_its_stars() {
        let stars = |column: &str, rating: &str| {
            let file = format!("Name,{column}\nx,{rating}");
            read(file.as_bytes()).unwrap().0[0].stars
        };
        for (rating, expected) in [("0.5", 1), ("1", 1), ("1.5", 2), ("3", 3), ("4.5", 5), ("5", 5)]
        {
            assert_eq!(stars("Rating", rating), Some(expected), "{rating}");
        }
        for (rating, expected) in [("1", 1), ("2", 1), ("3", 2), ("8", 4), ("9", 5), ("10", 5)] {
            assert_eq!(stars("Your Rating", rating), Some(expected), "{rating}");
        }
        for odd in ["0", "", "x", "-1", "6", "NaN", "inf", "1e300"] {
            assert_eq!(stars("Rating", odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_no_list_says_so_and_odd_lines_are_counted() {
        for no_list in [&b""[..], b"a,b\n1,2", b"\xff\xfe\x00", b"{}"] {
            assert!(read(no_list).is_err(), "{no_list:?}");
        }
        let (lines, unread) = read(b"Name,Year\nRan,1985\n,1999\n\nToo,1,2,3\n\"open").unwrap();
        assert_eq!(lines.len(), 3);
        assert_eq!(unread, [3]);
    }
}
