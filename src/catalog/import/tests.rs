//! Any bytes in any form: records or an error, in bounded memory.

use std::io::{self, Cursor, Read};

use proptest::prelude::*;

use super::report::Notes;
use super::source::{self, Entry, Format, Reading};
use super::{Input, Map};

pub fn input(name: &str, bytes: &[u8]) -> Input {
    Input { name: name.into(), bytes: Box::new(Cursor::new(bytes.to_vec())) }
}

/// Reads everything; returns how many drafts there were.
fn read(inputs: Vec<Input>, reading: &Reading) -> anyhow::Result<usize> {
    let mut notes = Notes::default();
    let mut count = 0;
    for mut source in source::open(inputs, reading)? {
        while let Some(Entry { place, draft }) = source.next(&mut notes)? {
            _ = draft.record(&place, &mut notes);
            count += 1;
        }
    }
    Ok(count)
}

const FORMATS: [Format; 8] = [
    Format::Jsonl,
    Format::Imdb,
    Format::Movielens,
    Format::Tmdb,
    Format::Omdb,
    Format::Csv,
    Format::Json,
    Format::Xml,
];

/// How a file of each form begins.
const BEGINNINGS: [&str; 16] = [
    "",
    "{\"title\":",
    "[{\"title\":\"A\"},",
    "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\truntimeMinutes\tgenres\n",
    "movieId,title,genres\n1,\"",
    "1::A (1995)::Drama\n",
    "id,genres,original_language,original_title,overview,title\n1,\"[{'id'",
    "{\"adult\":false,\"id\":1,\"original_title\":\"A\",\"popularity\":1,\"video\":false}\n",
    "\"id\",\"name\",\"parent_id\",\"date\"\n",
    "title,year\n",
    "title;director\n",
    "<?xml version=\"1.0\"?><add><doc>",
    "<films><film title=\"A\"><year>",
    "\u{feff}",
    "\u{1f}\u{8b}",
    "BZh9",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_or_refused(
        start in 0..BEGINNINGS.len(),
        format in prop::option::of(0..FORMATS.len()),
        name in prop::sample::select(vec!["a", "a.csv", "all_movies.csv", "movie_links.csv"]),
        text in "[\\[\\]{}<>&;:|,\"'\\\\\t\n\r(0-9)a-zé\u{200f}]{0,200}",
        bytes in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let mut file = BEGINNINGS[start].as_bytes().to_vec();
        file.extend(text.as_bytes());
        file.extend(bytes);
        let format = format.map(|index| FORMATS[index]);
        _ = read(vec![input(name, &file)], &Reading { format, ..Reading::default() });
    }
}

/// A small file of each form.
const FILES: [(&str, &str); 8] = [
    (
        "a.jsonl",
        "{\"title\":\"Ran\",\"year\":1985,\"directors\":[\"Akira Kurosawa\"],\"tags\":[\"war\"]}\n",
    ),
    (
        "title.basics.tsv",
        "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres\ntt0089881\tmovie\tRan\tRan\t0\t1985\t\\N\t162\tAction,Drama\n",
    ),
    ("movies.csv", "movieId,title,genres\n1217,\"Ran (1985)\",Drama|War\n"),
    (
        "tmdb.csv",
        "id,genres,original_language,original_title,overview,title\n11645,\"[{'id': 28, 'name': 'Action'}]\",ja,乱,War.,Ran\n",
    ),
    (
        "all_movies.csv",
        "\"id\",\"name\",\"parent_id\",\"date\"\n\"11645\",\"Ran\",\\N,\"1985-05-31\"\n",
    ),
    ("a.csv", "title;year;director\nRan;1985;Akira Kurosawa\n"),
    ("a.json", "[{\"title\":\"Ran\",\"year\":1985,\"director\":{\"name\":\"Akira Kurosawa\"}}]"),
    ("a.xml", "<films><film><title>Ran</title><year>1985</year></film></films>"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_damaged_file_is_read_or_refused(
        (name, whole) in prop::sample::select(FILES.to_vec()),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize, prop::collection::vec(any::<u8>(), 0..6)), 1..5),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut file = whole.as_bytes().to_vec();
        for (place, length, bytes) in damage {
            let start = place.index(file.len() + 1);
            let end = (start + length).min(file.len());
            file.splice(start..end, bytes);
        }
        _ = read(vec![input(name, &file)], &Reading::default());
        file.truncate(cut.index(file.len() + 1));
        _ = read(vec![input(name, &file)], &Reading::default());
    }
}

#[test]
fn each_whole_file_is_read() {
    for (name, whole) in FILES {
        let count = read(vec![input(name, whole.as_bytes())], &Reading::default());
        assert_eq!(count.unwrap(), 1, "{name}");
    }
}

/// Were any of it kept, this would fill the memory and not end.
#[test]
fn a_record_without_end_is_refused() {
    for format in FORMATS {
        for beginning in BEGINNINGS {
            let bytes = Cursor::new(beginning).chain(io::repeat(b'x'));
            let endless = Input { name: "all_movies.csv".into(), bytes: Box::new(bytes) };
            let reading = Reading { format: Some(format), ..Reading::default() };
            let result = read(vec![endless], &reading);
            assert!(result.is_err(), "{format:?} {beginning:?}: {result:?}");
        }
    }
}

#[test]
fn a_map_reads_any_columns() {
    let map = Map::new(&["title=Label".into(), "directors=By".into()], Some("/")).unwrap();
    let reading = Reading { map, ..Reading::default() };
    let text = b"Label,By\nRan,Akira Kurosawa/Ishiro Honda\n";
    assert_eq!(read(vec![input("any", text)], &reading).unwrap(), 1);
}
