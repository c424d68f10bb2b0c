//! The catalogue in `data/`: as a visitor finds it, and as its editors must keep it.

use std::collections::HashSet;
use std::fs;

use marquee::catalog::demo;
use serde_json::Value;

use crate::support::{TestApp, connect};

fn records() -> Vec<(String, Value)> {
    let mut records = Vec::new();
    for entry in fs::read_dir("data").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
                let place = format!("{}:{}", path.display(), number + 1);
                records.push((place, serde_json::from_str(line).unwrap()));
            }
        }
    }
    records
}

fn words(value: &Value) -> usize {
    value.as_str().unwrap().split_whitespace().count()
}

#[actix_web::test]
async fn demo_catalog_is_loaded_once_into_an_empty_site() {
    let app = TestApp::spawn().await;
    let mut conn = connect(&app.database).await;

    let summary = demo::load_into_empty(&mut conn).await.unwrap().unwrap();

    assert!(summary.movies.added >= 500, "{summary}");
    assert_eq!((summary.total_skipped(), summary.total_fixed()), (0, 0));
    assert!(app.count("people WHERE biography IS NOT NULL").await >= 200);
    assert_eq!(app.get("/movies").await.status, 200);
    assert!(demo::load_into_empty(&mut conn).await.unwrap().is_none());
}

#[test]
fn demo_records_are_complete_and_unique() {
    let mut films = HashSet::new();
    let mut directors = HashSet::new();
    let mut credited = HashSet::new();
    for (place, record) in records() {
        if let Some(name) = record["director"].as_str() {
            assert!(directors.insert(name.to_owned()), "{place}: {name} again");
            assert!((30..=65).contains(&words(&record["biography"])), "{place}");
            assert!(record["sort_name"].is_string(), "{place}");
            continue;
        }
        let title = record["title"].as_str().unwrap().to_owned();
        let year = record["year"].as_i64().unwrap();
        assert!(films.insert((title, year)), "{place}: again");
        assert!((30..=65).contains(&words(&record["synopsis"])), "{place}");
        assert!(record["tags"].as_array().unwrap().len() >= 2, "{place}");
        assert!(!record["country"].as_array().unwrap().is_empty(), "{place}");
        let names = record["directors"].as_array().unwrap();
        assert!(!names.is_empty(), "{place}");
        credited.extend(names.iter().map(|name| name.as_str().unwrap().to_owned()));
    }
    assert!(films.len() >= 500 && directors.len() >= 200);
    let unknown: Vec<_> = directors.difference(&credited).collect();
    assert!(unknown.is_empty(), "directors without a film: {unknown:?}");
}

#[test]
fn demo_catalog_spans_decades_and_continents() {
    let records = records();
    let films = || records.iter().map(|(_, record)| record).filter(|r| r["title"].is_string());
    let decades: HashSet<i64> = films().map(|film| film["year"].as_i64().unwrap() / 10).collect();
    assert!((189..=202).all(|decade| decades.contains(&decade)), "{decades:?}");
    let countries: HashSet<&str> = films()
        .flat_map(|film| film["country"].as_array().unwrap())
        .map(|country| country.as_str().unwrap())
        .collect();
    for country in ["Senegal", "Brazil", "United States", "Japan", "France", "Australia"] {
        assert!(countries.contains(country), "{country}");
    }
}
