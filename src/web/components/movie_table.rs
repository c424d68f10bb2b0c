//! A list of films as a table that its column headings sort.

use serde::Serialize;

use super::card;
use crate::catalog::movies::CreditedMovie;
use crate::catalog::sort::{Direction, Sort};
use crate::web::http::url::{self, Link};
use crate::web::movie_query::MovieQuery;
use crate::web::render::placeholder::Placeholder;

#[derive(Debug, Serialize)]
pub struct MovieTable {
    columns: Vec<Column>,
    rows: Vec<Row>,
    /// Appended to each film's URL, as in a card.
    context: String,
}

#[derive(Debug, Serialize)]
struct Column {
    key: &'static str,
    /// The list sorted by this column, reversed if it is already.
    href: Option<String>,
    /// `ascending` or `descending` if the list is sorted by this column.
    sorted: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Row {
    slug: String,
    href: String,
    title: String,
    year: Option<i16>,
    /// Minutes.
    runtime: Option<i16>,
    directors: Vec<Link>,
    tags: Vec<Link>,
    listed: Placeholder,
    seen: Placeholder,
    rating: Placeholder,
}

impl MovieTable {
    pub fn new(films: Vec<CreditedMovie>, movie_query: &MovieQuery, sort: Sort) -> Self {
        let column = |key, orders: &[Sort]| {
            let next = orders.iter().find(|order| **order != sort).or(orders.first());
            Column {
                key,
                href: next.map(|order| movie_query.sorted(*order).url()),
                sorted: orders.contains(&sort).then_some(match sort.direction() {
                    Direction::Ascending => "ascending",
                    Direction::Descending => "descending",
                }),
            }
        };
        Self {
            columns: vec![
                column("title", &[Sort::Title]),
                column("year", &[Sort::Newest, Sort::Oldest]),
                column("runtime", &[Sort::Longest, Sort::Shortest]),
                column("tags", &[]),
                column("marks", &[]),
            ],
            rows: films.into_iter().map(Row::from).collect(),
            context: movie_query.url_at(""),
        }
    }
}

impl From<CreditedMovie> for Row {
    fn from(film: CreditedMovie) -> Self {
        let CreditedMovie { movie, directors, tags } = film;
        Self {
            href: url::movie(&movie.slug),
            year: movie.year,
            runtime: movie.runtime,
            directors: card::credits(&directors),
            tags: card::tags(&tags),
            listed: Placeholder::Listed(movie.id),
            seen: Placeholder::Seen(movie.id),
            rating: Placeholder::Rating(movie.id),
            title: movie.title,
            slug: movie.slug,
        }
    }
}
