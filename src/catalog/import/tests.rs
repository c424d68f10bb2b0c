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
