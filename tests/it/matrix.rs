//! Properties of every route, list and form, checked over tables instead of single pages.

mod forms;
mod headers;
mod hiding;
mod isolation;
mod lists;
mod paging;
pub mod routes;

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{Response, TestApp, number};

/// `count` films that share a tag, a decade, a country, a language, a director and an actor, each with
/// a second director of its own: every list of films holds them all, and `/directors?letter=b` has as
/// many.
pub fn films(count: u16) -> String {
    let mut lines = String::from(
        "{\"director\":\"Ann Other\",\"biography\":\"A life.\",\"source\":\"A book\",\"licence\":\"CC0\"}\n",
    );
    for n in 1..=count {
        _ = writeln!(
            lines,
            "{{\"title\":\"Film {n}\",\"year\":{},\"runtime\":{},\"tags\":[\"drama\"],\
             \"directors\":[\"Ann Other\",\"Zed B{n}\"],\"cast\":[\"Cy Actor\"],\
             \"country\":[\"France\"],\"language\":[\"fr\"],\"synopsis\":\"A plot.\"}}",
            1950 + n % 10,
            100 + n % 15,
        );
    }
    lines
}

/// Lists of films by criteria: they follow every list preference and hide films seen.
const MOVIE_LISTS: [&str; 9] = [
    "/movies",
    "/movies/tags/drama",
    "/movies/decades/1950s",
    "/movies/countries/france",
    "/movies?tag=drama&decade=1950s",
    "/movies?director=ann-other",
    "/movies?actor=cy-actor",
    "/movies?language=fr",
    "/movies?q=film",
];

/// The other lists in pages.
const OTHER_LISTS: [&str; 4] = ["/search?q=film", "/watchlist", "/seen", "/directors?letter=b"];

fn paged_lists() -> impl Iterator<Item = &'static str> {
    MOVIE_LISTS.into_iter().chain(OTHER_LISTS)
}

/// The address with one more parameter.
fn with(path: &str, parameter: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{parameter}")
}

/// Slugs of the films or directors in a list, in their order.
fn items(page: &Response) -> Vec<String> {
    let list = "section[data-page-size]";
    let mut items = page.attributes(&format!("{list} [data-movie]"), "data-movie");
    items.extend(page.attributes(&format!("{list} [data-director]"), "data-director"));
    items
}

/// A visitor who has every film on the watchlist and among those seen.
async fn mark_every_film(app: &TestApp) {
    app.get("/movies").await;
    let films = number(&app.database, "SELECT count(*) AS number FROM movies").await;
    let ids = "SELECT coalesce(jsonb_agg(id), '[]')::text AS text FROM movies";
    let ids: Vec<i32> = serde_json::from_str(&app.text(ids).await).unwrap();
    assert_eq!(i64::try_from(ids.len()).unwrap(), films);
    let marks = ids.iter().flat_map(|id| {
        [(format!("listed:{id}"), json!(1_000 + id)), (format!("seen:{id}"), json!(1_000 + id))]
    });
    let mut session: serde_json::Map<String, Value> = marks.collect();
    session.insert("num_visits".into(), json!(1));
    app.replace_session(&session.into()).await;
}
