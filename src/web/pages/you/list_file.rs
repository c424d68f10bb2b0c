//! Lists of films that visitors bring from other sites: Letterboxd's CSV files and whole ZIP, IMDb's
//! CSV, and Trakt's JSON.

mod csv;
mod trakt;

use chrono::NaiveDate;

use crate::catalog::import;
use crate::catalog::lookup::MovieRef;
use crate::web::visitor::half_stars;

/// Maximum number of lines in all files of an upload.
pub const MAX_LINES: usize = 10_000;
/// Maximum size of all files of an upload in bytes, after decompression.
const MAX_BYTES: u64 = 8 * 1024 * 1024;
/// Maximum length of a title in characters.
const MAX_TITLE_LENGTH: usize = 500;

/// One line of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The name of the file in an archive, otherwise empty.
    pub file: String,
    /// In the file, from 1.
    pub number: u64,
    pub film: MovieRef,
    pub rating: Option<Rating>,
    /// When the film was listed, watched or rated.
    pub day: Option<NaiveDate>,
    /// Whether the list says that the film was seen; `None` leaves it to the visitor.
    pub seen: Option<bool>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Rating {
    /// 1 to 10 half stars, and whether the file has a value between two of them.
    HalfStars {
        half_stars: i64,
        is_rounded: bool,
    },
    Unreadable(String),
}

/// Everything that was read from an upload.
#[derive(Debug, Default, PartialEq)]
pub struct Lists {
    pub lines: Vec<Line>,
    /// Lines without a title, and damaged ones: the file and the number of the line.
    pub untitled: Vec<(String, u64)>,
    /// Titles of series, episodes and games.
    pub others: Vec<String>,
    /// Files of an archive with films that belong to no list of this site.
    pub separate: Vec<String>,
    /// Other files of an archive without films.
    pub unused: Vec<String>,
}

/// Why nothing was read.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    TooLarge,
    TooManyLines,
    /// A table without a column of titles; its columns.
    NoTitle(Vec<String>),
    NotAList,
}

/// Reads a file, or the files of a ZIP archive.
///
/// # Errors
/// If it is not a list of films, or is too long.
pub fn read(bytes: &[u8]) -> Result<Lists, Refusal> {
    let mut files = import::text_files(bytes, MAX_BYTES).map_err(|error| match error {
        import::TextError::TooLarge => Refusal::TooLarge,
        import::TextError::Unreadable => Refusal::NotAList,
    })?;
    let mut lists = Lists::default();
    // A ZIP of one file is that file.
    if files.len() == 1 {
        let (name, text) = files.swap_remove(0);
        let seen = match Part::of(&name) {
            Part::Films { seen } => seen,
            Part::Separate | Part::Unused => None,
        };
        read_file("", &text, seen, &mut lists)?;
        return Ok(lists);
    }
    let mut is_used = false;
    for (name, text) in files {
        match Part::of(&name) {
            Part::Films { seen } => match read_file(&name, &text, seen, &mut lists) {
                Ok(()) => is_used = true,
                Err(Refusal::TooManyLines) => return Err(Refusal::TooManyLines),
                Err(_) => lists.unused.push(name),
            },
            Part::Separate => lists.separate.push(name),
            Part::Unused => lists.unused.push(name),
        }
    }
    if is_used { Ok(lists) } else { Err(Refusal::NotAList) }
}

fn read_file(name: &str, text: &str, seen: Option<bool>, lists: &mut Lists) -> Result<(), Refusal> {
    let text = text.trim_start_matches('\u{feff}');
    match text.trim_start().starts_with(['[', '{']) {
        true => trakt::read(name, text, lists),
        false => csv::read(name, text, seen, lists),
    }
}

/// The role of a file in the ZIP archives of Letterboxd and Trakt.
enum Part {
    /// `seen` says whether all of its films were seen, if the name tells.
    Films { seen: Option<bool> },
    /// A list that the visitor made, or the films they like. This site has no such lists.
    Separate,
    /// A profile, comments, or entries that the visitor deleted.
    Unused,
}

impl Part {
    fn of(name: &str) -> Self {
        let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
        let folder = folders.rsplit('/').next().unwrap_or_default();
        match (folder, file) {
            ("lists", _) | ("likes", "films.csv") => Self::Separate,
            ("likes" | "deleted" | "orphaned", _) => Self::Unused,
            (_, "watchlist.csv") => Self::Films { seen: Some(false) },
            (_, "watched.csv" | "ratings.csv" | "diary.csv" | "reviews.csv") => {
                Self::Films { seen: Some(true) }
            }
            (_, file) if file.ends_with(".json") => Self::Films { seen: None },
            _ => Self::Unused,
        }
    }
}

/// Returns a title as it can be shown, and the year that stands in brackets after it.
fn title_of(text: &str) -> Option<(String, Option<i16>)> {
    let printable = |letter: &char| !letter.is_control();
    let title: String = text.trim().chars().filter(printable).take(MAX_TITLE_LENGTH).collect();
    let with_year = title.strip_suffix(')').and_then(|title| title.rsplit_once(" ("));
    if let Some((before, year)) = with_year
        && year.len() == 4
        && let Ok(year) = year.parse()
        && !before.trim().is_empty()
    {
        return Some((before.trim().to_owned(), Some(year)));
    }
    (!title.is_empty()).then_some((title, None))
}

/// Reads a rating of up to `max`, in any steps.
fn rating(text: &str, max: f64) -> Rating {
    let number: Option<f64> = text.replace(',', ".").parse().ok();
    let Some(number) = number.filter(|number| *number > 0.0 && *number <= max) else {
        return unreadable(text);
    };
    let stars = number * 5.0 / max;
    let rounded = (stars * 2.0).round().max(1.0) / 2.0;
    match half_stars(rounded) {
        Some(half_stars) => {
            Rating::HalfStars { half_stars, is_rounded: (rounded - stars).abs() > 0.01 }
        }
        None => unreadable(text),
    }
}

fn unreadable(text: &str) -> Rating {
    Rating::Unreadable(text.chars().take(20).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_file_is_a_list_or_refused(
            header in prop::sample::select(vec![
                "", "Name,Year,Rating\n", "Const,Your Rating,Date Rated,Title\n",
                "Letterboxd list export v7\n", "[{\"movie\":", "PK\u{3}\u{4}",
            ]),
            text in "[\",;a-z0-9.\\-\n\r\u{0}é{}\\[\\]:]{0,120}",
            bytes in any::<Vec<u8>>(),
        ) {
            let file = [header.as_bytes(), text.as_bytes(), &bytes[..]].concat();
            if let Ok(lists) = read(&file) {
                let stars = lists.lines.iter().filter_map(|line| match line.rating {
                    Some(Rating::HalfStars { half_stars, .. }) => Some(half_stars),
                    _ => None,
                });
                for stars in stars {
                    prop_assert!((1..=10).contains(&stars));
                }
            }
        }
    }

    fn lines(file: &str) -> Vec<Line> {
        read(file.as_bytes()).unwrap().lines
    }

    fn half(half_stars: i64) -> Option<Rating> {
        Some(Rating::HalfStars { half_stars, is_rounded: false })
    }

    fn day(day: &str) -> Option<NaiveDate> {
        Some(day.parse().unwrap())
    }

    #[test]
    fn letterboxds_lists_are_read() {
        let diary = lines(
            "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\r\n\
             2024-01-31,\"Good, \"\"Bad\"\"\",1966,https://boxd.it/1,4.5,,,2024-01-30\r\n\
             2024-02-01,Dawn,,,,,,\r\n",
        );
        assert_eq!(diary[0].film.title, "Good, \"Bad\"");
        assert_eq!((diary[0].number, diary[0].film.year), (2, Some(1966)));
        assert_eq!((diary[0].rating.clone(), diary[0].day), (half(9), day("2024-01-30")));
        assert_eq!(
            (diary[1].number, diary[1].seen, diary[1].day),
            (3, Some(true), day("2024-02-01"))
        );
        let list = lines(
            "Letterboxd list export v7\nDate,Name,Tags,URL,Description\n2024-01-01,My list,,,\n\n\
             Position,Name,Year,URL,Description\n1,Dawn,1950,https://boxd.it/a,\n",
        );
        assert_eq!((list.len(), list[0].number, list[0].film.year), (1, 6, Some(1950)));
    }

    #[test]
    fn imdbs_lists_are_read_with_any_delimiter() {
        let text = "Position,Const,Created,Title,Title Type,Year,Your Rating,Date Rated\n\
            1,tt0000001,2024-02-06,Dawn,Movie,1950,,\n\
            2,tt0000002,2024-02-07,Dusk,TV Series,1951,9,2024-03-01\n\
            3,tt0000003,2024-02-08,Noon,Movie,1952,9,2024-03-02\n";
        for text in [text.to_owned(), text.replace(',', ";"), text.replace(',', "\t")] {
            let lists = read(text.as_bytes()).unwrap();
            assert_eq!(lists.others, ["Dusk"]);
            assert_eq!((lists.lines[0].day, lists.lines[0].seen), (day("2024-02-06"), None));
            assert_eq!(lists.lines[1].film.imdb.as_deref(), Some("tt0000003"));
            assert_eq!((lists.lines[1].day, lists.lines[1].seen), (day("2024-03-02"), Some(true)));
            assert_eq!(lists.lines[1].rating, half(9));
        }
        let old = b"const,You rated,Title,Year\ntt0000001,8,Am\xe9lie,2001\n";
        let line = &read(old).unwrap().lines[0];
        assert_eq!((line.film.title.as_str(), line.rating.clone()), ("Amélie", half(8)));
        let utf_16: Vec<u8> = "Name\nDawn\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf_16).unwrap().lines[0].film.title, "Dawn");
    }

    #[test]
    fn trakts_lists_are_read() {
        let lists = read(
            br#"[{"last_watched_at":"2024-02-03T20:00:00.000Z","movie":{"title":"Dawn","year":1950,"ids":{"imdb":"tt1"}}},
                {"rated_at":"2024-02-04T20:00:00.000Z","rating":7,"movie":{"title":"Noon","year":1952,"ids":{"tmdb":7}}},
                {"listed_at":"2024-02-05T20:00:00.000Z","movie":{"title":"Dusk"}},
                {"plays":1,"show":{"title":"Series"}}]"#,
        )
        .unwrap();
        let facts: Vec<_> =
            lists.lines.iter().map(|line| (line.seen, line.rating.clone())).collect();
        assert_eq!(facts, [(Some(true), None), (Some(true), half(7)), (Some(false), None)]);
        assert_eq!(lists.lines[1].film.tmdb.as_deref(), Some("7"));
        assert_eq!(lists.others, ["Series"]);
    }

    #[test]
    fn ratings_are_read_in_their_scale() {
        let of = |text: &str| lines(text).into_iter().map(|line| line.rating).collect::<Vec<_>>();
        assert_eq!(of("Name,Rating\nA,\"4,5\"\nB,3\nC,0.5\n"), [half(9), half(6), half(1)]);
        assert_eq!(of("Name,Rating\nA,4\nB,9\n"), [half(4), half(9)]);
        assert_eq!(
            of("Name,Rating\nA,good\nB,\n"),
            [Some(Rating::Unreadable("good".to_owned())), None]
        );
    }

    #[test]
    fn ratings_between_half_stars_are_rounded_and_reported() {
        let rating = lines("Name,Rating\nA,3.7\n").swap_remove(0).rating;
        assert_eq!(rating, Some(Rating::HalfStars { half_stars: 7, is_rounded: true }));
    }

    #[test]
    fn a_year_after_the_title_is_that_of_the_film() {
        let line = &lines("Name\nDawn (1950)\n")[0];
        assert_eq!((line.film.title.as_str(), line.film.year), ("Dawn", Some(1950)));
    }

    #[test]
    fn other_and_endless_files_are_refused() {
        assert_eq!(read(b"a,b\n1,2\n"), Err(Refusal::NoTitle(vec!["a".into(), "b".into()])));
        assert_eq!(read(b"%PDF-1.7"), Err(Refusal::NotAList));
        let long = format!("Name\n{}", "x\n".repeat(MAX_LINES + 2));
        assert_eq!(read(long.as_bytes()), Err(Refusal::TooManyLines));
        let blank = format!("Name{}\n{}", ",".repeat(10), ",\n".repeat(100_000));
        assert_eq!(read(blank.as_bytes()), Err(Refusal::TooManyLines));
    }
}
