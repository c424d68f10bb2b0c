//! Trakt's JSON: films watched, rated, or on a list.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Line, Lists, MAX_LINES, Refusal, rating, title_of};
use crate::catalog::lookup::MovieRef;

#[derive(Deserialize)]
struct Entry {
    movie: Option<Titled>,
    show: Option<Titled>,
    rating: Option<f64>,
    watched_at: Option<String>,
    last_watched_at: Option<String>,
    rated_at: Option<String>,
    listed_at: Option<String>,
}

#[derive(Deserialize)]
struct Titled {
    title: String,
    year: Option<i16>,
    #[serde(default)]
    ids: Ids,
}

#[derive(Deserialize, Default)]
struct Ids {
    imdb: Option<String>,
    tmdb: Option<u64>,
}

/// Adds the films of a list.
pub fn read(name: &str, text: &str, lists: &mut Lists) -> Result<(), Refusal> {
    let entries: Vec<Entry> = serde_json::from_str(text).or(Err(Refusal::NotAList))?;
    if entries.len() + lists.lines.len() > MAX_LINES {
        return Err(Refusal::TooManyLines);
    }
    for (number, entry) in (1..).zip(entries) {
        let Some(movie) = entry.movie else {
            match entry.show {
                Some(show) => lists.others.push(show.title.chars().take(200).collect()),
                None => lists.untitled.push((name.to_owned(), number)),
            }
            continue;
        };
        let Some((title, year)) = title_of(&movie.title) else {
            lists.untitled.push((name.to_owned(), number));
            continue;
        };
        let rating = entry.rating.map(|number| rating(&number.to_string(), 10.0));
        let watched = entry.watched_at.or(entry.last_watched_at);
        let is_seen = watched.is_some() || rating.is_some();
        let is_listed = entry.listed_at.is_some();
        let day = |moment: String| -> Option<NaiveDate> { moment.get(..10)?.parse().ok() };
        lists.lines.push(Line {
            file: name.to_owned(),
            number,
            day: [watched, entry.rated_at, entry.listed_at].into_iter().flatten().find_map(day),
            seen: if is_seen { Some(true) } else { is_listed.then_some(false) },
            rating,
            film: MovieRef {
                title,
                year: movie.year.or(year),
                imdb: movie.ids.imdb,
                tmdb: movie.ids.tmdb.map(|id| id.to_string()),
                ..MovieRef::default()
            },
        });
    }
    Ok(())
}
