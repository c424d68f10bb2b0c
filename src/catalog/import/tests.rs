//! Any bytes in any format: records or an error, in bounded memory.

mod database_forms;

use std::io::{self, Cursor, Read};

use proptest::prelude::*;

use super::diagnostics::Diagnostics;
use super::input::{self, Input, Opened};
use super::source::{self, Format, ReadOptions};
use super::{Batch, Mapping, validate};
use crate::catalog::record::Rules;

pub fn input(name: &str, bytes: &[u8]) -> Input {
    Input::new(name, Cursor::new(bytes.to_vec()))
}

/// Opens one file.
pub fn opened(name: &str, bytes: &[u8]) -> anyhow::Result<Opened> {
    let files = input::open(name, Box::new(Cursor::new(bytes.to_vec())), None)?;
    Ok(files.into_iter().next().unwrap())
}

/// Reads everything; returns the number of usable records.
fn read(inputs: Vec<Input>, options: &ReadOptions) -> anyhow::Result<usize> {
    let mut diagnostics = Diagnostics::default();
    let (mut count, mut batch) = (0, Batch::default());
    let rules = Rules { list: Some("list".to_owned()), ..Rules::default() };
    for mut opened in source::open(inputs, options)? {
        while let Some(record) = opened.source.next(&mut diagnostics)? {
            count += usize::from(validate(record, &rules, &mut batch, &mut diagnostics));
        }
    }
    Ok(count)
}

const FORMATS: [Format; 9] = [
    Format::Jsonl,
    Format::Imdb,
    Format::Movielens,
    Format::Tmdb,
    Format::Omdb,
    Format::Csv,
    Format::Json,
    Format::Xml,
    Format::Nfo,
];

/// The beginning of a file of each format.
const BEGINNINGS: [&str; 18] = [
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
    "<movie><title>A</title>",
    "{\"films\":[{\"title\":\"A\"},",
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
        _ = read(vec![input(name, &file)], &ReadOptions { format, ..ReadOptions::default() });
    }
}

/// A small file of each format.
const FILES: [(&str, &str); 10] = [
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
    ("movie.nfo", "<movie><title>Ran</title><year>1985</year></movie>"),
    ("b.json", "{\"total\":1,\"films\":[{\"title\":\"Ran\",\"year\":1985}]}"),
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
        for (position, length, bytes) in damage {
            let start = position.index(file.len() + 1);
            let end = (start + length).min(file.len());
            file.splice(start..end, bytes);
        }
        _ = read(vec![input(name, &file)], &ReadOptions::default());
        file.truncate(cut.index(file.len() + 1));
        _ = read(vec![input(name, &file)], &ReadOptions::default());
    }
}

#[test]
fn valid_files_are_read() {
    for (name, whole) in FILES {
        let count = read(vec![input(name, whole.as_bytes())], &ReadOptions::default());
        assert_eq!(count.unwrap(), 1, "{name}");
    }
}

/// A reader that kept any of it would fill the memory and not end.
#[test]
fn unterminated_record_is_refused() {
    for format in FORMATS {
        for beginning in BEGINNINGS {
            let bytes = Cursor::new(beginning).chain(io::repeat(b'x'));
            let endless = Input::new("all_movies.csv", bytes);
            let options = ReadOptions { format: Some(format), ..ReadOptions::default() };
            let result = read(vec![endless], &options);
            assert!(result.is_err(), "{format:?} {beginning:?}: {result:?}");
        }
    }
}

#[test]
fn map_option_reads_any_columns() {
    let map = ["title=Label".to_owned(), "directors=By".to_owned()];
    let mapping = Mapping::new(&map, Some("/"), &[]).unwrap();
    let reading = ReadOptions { mapping, ..ReadOptions::default() };
    let text = b"Label,By\nRan,Akira Kurosawa/Ishiro Honda\n";
    assert_eq!(read(vec![input("any", text)], &reading).unwrap(), 1);
}

/// A film with a value for some fields, among them values that cannot be stored.
#[derive(Debug, Clone)]
struct Written {
    title: String,
    fields: Vec<(&'static str, String)>,
}

fn written() -> impl Strategy<Value = Written> {
    let field = |name: &'static str, values: &'static [&'static str]| {
        prop::option::of(prop::sample::select(values))
            .prop_map(move |value| Some((name, value?.to_owned())))
    };
    let fields = (
        field("year", &["1950", "(1951)", "1952-03", "12", "soon"]),
        field("runtime", &["95", "1h 35m", "2 Seasons", "0"]),
        field("director", &["Ann Lee", "Various", "Bo Ek"]),
        field("country", &["USA", "Italy", "Ruritania"]),
        field("language", &["en", "Japanese", "Elvish"]),
        field("imdb", &["tt0000007", "8.8", "https://www.imdb.com/title/tt0000008/"]),
        field("released", &["1950-03-04", "03/04/1950", "never"]),
        field("weather", &["fine", "rain"]),
    );
    ("[A-Z][a-z]{2,8}", fields).prop_map(|(title, (a, b, c, d, e, f, g, h))| {
        let fields = [a, b, c, d, e, f, g, h].into_iter().flatten().collect();
        Written { title, fields }
    })
}

/// The values as a record stores them, where that differs.
fn is_stored(value: &str, record: &str) -> bool {
    let stored = match value {
        "(1951)" => "1951",
        "1952-03" => "1952",
        "1h 35m" => "95",
        "USA" => "United States",
        "Japanese" => "\"ja\"",
        "https://www.imdb.com/title/tt0000008/" => "tt0000008",
        value => value,
    };
    record.contains(stored)
}

/// Writes films in every generic format.
fn files(films: &[Written]) -> Vec<(&'static str, String)> {
    let mut columns: Vec<&str> =
        films.iter().flat_map(|film| film.fields.iter().map(|f| f.0)).collect();
    columns.sort_unstable();
    columns.dedup();
    let value = |film: &Written, column: &str| {
        film.fields.iter().find(|field| field.0 == column).map(|field| field.1.clone())
    };
    let table = |delimiter: &str, columns: &[&str]| {
        let mut text = format!("title{delimiter}{}\n", columns.join(delimiter));
        for film in films {
            let cells: Vec<String> =
                columns.iter().map(|column| value(film, column).unwrap_or_default()).collect();
            text += &format!("{}{delimiter}{}\n", film.title, cells.join(delimiter));
        }
        text
    };
    let objects: Vec<String> = films
        .iter()
        .map(|film| {
            let mut object = serde_json::Map::new();
            object.insert("title".to_owned(), film.title.clone().into());
            object.extend(film.fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone().into())));
            serde_json::Value::Object(object).to_string()
        })
        .collect();
    let element = |film: &Written| {
        let fields = film.fields.iter().map(|(name, value)| format!("<{name}>{value}</{name}>"));
        format!("<movie><title>{}</title>{}</movie>", film.title, fields.collect::<String>())
    };
    let elements: String = films.iter().map(element).collect();
    let reversed: Vec<&str> = columns.iter().rev().copied().collect();
    vec![
        ("list.csv", table(",", &columns)),
        ("reversed.csv", table(",", &reversed)),
        ("list.tsv", table("\t", &columns)),
        ("semicolons.csv", table(";", &columns)),
        ("list.json", format!("[{}]", objects.join(","))),
        ("wrapped.json", format!("{{\"count\":1,\"films\":[{}]}}", objects.join(","))),
        ("lines.json", objects.join("\n")),
        ("list.xml", format!("<r><films>{elements}</films></r>")),
        ("videodb.xml", format!("<videodb>{elements}</videodb>")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The contract of `docs/import.md`: every record is taken or skipped, every value is stored or
    /// reported, and neither the format nor the order of columns matters.
    #[test]
    fn values_are_stored_or_reported(films in prop::collection::vec(written(), 1..4)) {
        let mut first: Option<Vec<String>> = None;
        for (name, text) in files(&films) {
            let options = ReadOptions::default();
            let (mut batch, mut diagnostics) = (Batch::default(), Diagnostics::default());
            for mut opened in source::open(vec![input(name, text.as_bytes())], &options).unwrap() {
                while let Some(record) = opened.source.next(&mut diagnostics).unwrap() {
                    _ = validate(record, &Rules::default(), &mut batch, &mut diagnostics);
                }
            }
            let (problems, excluded, skipped) = diagnostics.take();
            prop_assert_eq!(batch.movies.len(), films.len(), "{}", name);
            prop_assert!(excluded.is_empty() && skipped == 0);
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            let mut records = Vec::new();
            for (film, (_, movie)) in films.iter().zip(&batch.movies) {
                let record = serde_json::to_string(movie).unwrap();
                for (field, value) in &film.fields {
                    let is_reported = problems.iter().any(|problem| match *field {
                        "weather" => problem.contains("weather"),
                        _ => problem.contains(&format!("{value:?}")),
                    });
                    prop_assert!(
                        is_stored(value, &record) || is_reported,
                        "{}: {} {:?} is neither in {} nor in {:?}", name, field, value, record, problems
                    );
                }
                records.push(record);
            }
            let same = first.get_or_insert_with(|| records.clone());
            prop_assert_eq!(&*same, &records, "{}", name);
        }
    }
}
