//! The contract of `docs/import.md` for the files of IMDb, MovieLens, TMDB and omdb.org.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::diagnostics::Diagnostics;
use super::super::source::{self, ReadOptions};
use super::super::{Batch, validate};
use super::input;
use crate::catalog::record::Rules;

/// A value as a file has it, and as a record stores it; `None` if it must be reported.
type Value = (&'static str, Option<&'static str>);

const ABSENT: Value = ("", Some(""));

/// The films of one import, with the values of each.
#[derive(Debug)]
struct Import {
    files: Vec<(&'static str, String)>,
    films: Vec<Vec<Value>>,
}

fn rows(header: &str, rows: impl Iterator<Item = String>) -> String {
    format!("{header}\n{}", rows.map(|row| row + "\n").collect::<String>())
}

fn years() -> impl Strategy<Value = Value> {
    select(vec![ABSENT, ("1950", Some("1950")), ("12", None), ("soon", None)])
}

fn runtimes() -> impl Strategy<Value = Value> {
    select(vec![ABSENT, ("95", Some("95")), ("9999", None), ("2 Seasons", None)])
}

fn dates() -> impl Strategy<Value = Value> {
    select(vec![
        ABSENT,
        ("1950-03-04", Some("1950-03-04")),
        ("1950-00-00", Some("1950")),
        ("soon", None),
    ])
}

fn imdb() -> impl Strategy<Value = Import> {
    let genres = select(vec![ABSENT, ("Drama", Some("Drama")), ("War", Some("War"))]);
    prop::collection::vec((years(), runtimes(), genres), 1..4).prop_map(|films| {
        let or_null = |value: &Value| if value.0.is_empty() { "\\N" } else { value.0 };
        let lines = (1..).zip(&films).map(|(n, (year, runtime, genre))| {
            let (year, runtime, genre) = (or_null(year), or_null(runtime), or_null(genre));
            format!("tt{n:07}\tmovie\tFilm {n}\tFilm {n}\t0\t{year}\t\\N\t{runtime}\t{genre}")
        });
        let header = "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\t\
                      runtimeMinutes\tgenres";
        Import {
            files: vec![("title.basics.tsv", rows(header, lines))],
            films: films.into_iter().map(|(a, b, c)| vec![a, b, c]).collect(),
        }
    })
}

fn movielens() -> impl Strategy<Value = Import> {
    let year =
        select(vec![ABSENT, (" (1950)", Some("\"year\":1950")), (" (12)", Some("Film (12)"))]);
    let genres = select(vec![
        ("(no genres listed)", Some("")),
        ("Drama", Some("Drama")),
        ("Drama|War", Some("\"Drama\",\"War\"")),
    ]);
    let imdb = select(vec![ABSENT, ("0112682", Some("tt0112682")), ("x7", None)]);
    let tmdb = select(vec![ABSENT, ("902", Some("\"902\"")), ("8.5", None)]);
    prop::collection::vec((year, genres, imdb, tmdb), 1..2).prop_map(|films| {
        let movies = (1..).zip(&films);
        let movies =
            movies.map(|(n, (year, genres, ..))| format!("{n},Film{},{}", year.0, genres.0));
        let links = (1..).zip(&films);
        let links = links.map(|(n, (_, _, imdb, tmdb))| format!("{n},{},{}", imdb.0, tmdb.0));
        Import {
            files: vec![
                ("movies.csv", rows("movieId,title,genres", movies)),
                ("links.csv", rows("movieId,imdbId,tmdbId", links)),
            ],
            films: films.into_iter().map(|(a, b, c, d)| vec![a, b, c, d]).collect(),
        }
    })
}

fn tmdb() -> impl Strategy<Value = Import> {
    let genres = select(vec![
        ABSENT,
        ("\"[{'id': 1, 'name': 'Drama'}]\"", Some("Drama")),
        ("\"[{\"\"id\"\": 1, \"\"name\"\": \"\"War\"\"}]\"", Some("War")),
    ]);
    let language = select(vec![ABSENT, ("ja", Some("\"ja\"")), ("xq", None)]);
    prop::collection::vec((dates(), runtimes(), genres, language), 1..4).prop_map(|films| {
        let lines = (1..).zip(&films).map(|(n, (date, runtime, genres, language))| {
            format!("{n},{},{},Film {n},,Film {n},{},{}", genres.0, language.0, date.0, runtime.0)
        });
        let header =
            "id,genres,original_language,original_title,overview,title,release_date,runtime";
        Import {
            files: vec![("tmdb.csv", rows(header, lines))],
            films: films.into_iter().map(|(a, b, c, d)| vec![a, b, c, d]).collect(),
        }
    })
}

fn omdb() -> impl Strategy<Value = Import> {
    prop::collection::vec(dates(), 1..4).prop_map(|films| {
        let lines = (1..).zip(&films).map(|(n, date)| {
            let date = if date.0.is_empty() { "\\N".to_owned() } else { format!("\"{}\"", date.0) };
            format!("\"{n}\",\"Film {n}\",\\N,{date}")
        });
        Import {
            files: vec![("all_movies.csv", rows("\"id\",\"name\",\"parent_id\",\"date\"", lines))],
            films: films.into_iter().map(|date| vec![date]).collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_value_of_a_database_is_stored_or_reported(
        import in prop_oneof![imdb(), movielens(), tmdb(), omdb()],
    ) {
        let (mut batch, mut diagnostics) = (Batch::default(), Diagnostics::default());
        let inputs = import.files.iter().map(|(name, text)| input(name, text.as_bytes())).collect();
        for mut opened in source::open(inputs, &ReadOptions::default()).unwrap() {
            while let Some(record) = opened.source.next(&mut diagnostics).unwrap() {
                _ = validate(record, &Rules::default(), &mut batch, &mut diagnostics);
            }
        }
        let (problems, excluded, _) = diagnostics.take();
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let count = batch.movies.len() as u64 + excluded.values().sum::<u64>();
        prop_assert_eq!(count, import.films.len() as u64, "{:?}: {:?}", import, problems);
        for ((_, movie), values) in batch.movies.iter().zip(&import.films) {
            let record = serde_json::to_string(movie).unwrap();
            for (value, stored) in values {
                let is_reported = || problems.iter().any(|problem| problem.contains(value));
                let is_kept = stored.map_or_else(is_reported, |stored| record.contains(stored));
                prop_assert!(is_kept, "{:?} in {}: {:?}", value, record, problems);
            }
        }
    }
}
