//! A list of films as a table, put in order by the links in its head.

use serde::Serialize;

use super::card;
use crate::catalog::movies::{CreditedMovie, Sort};
use crate::web::http::url::{self, Link};
use crate::web::movie_query::criteria::Narrowing;
use crate::web::render::format::runtime;
use crate::web::render::placeholder::Hole;
use crate::web::visitor;

#[derive(Debug, Serialize)]
pub struct Table {
    heads: Vec<Head>,
    rows: Vec<Row>,
    /// As a card's.
    context: String,
}

/// The head of a column.
#[derive(Debug, Serialize)]
struct Head {
    text: &'static str,
    class: &'static str,
    /// To the list in the order of this column; the other way round if it is that already.
    href: Option<String>,
    /// `ascending` or `descending` if the list is in this order.
    sorted: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Row {
    slug: String,
    href: String,
    title: String,
    year: Option<i16>,
    runtime: Option<String>,
    directors: Vec<Link>,
    tags: Vec<Link>,
    listed: Hole,
    seen: Hole,
    rating: Hole,
}

impl Table {
    pub fn new(films: Vec<CreditedMovie>, narrowing: &Narrowing, sort: Sort) -> Self {
        let head = |text, class, orders: &[Sort]| {
            let next = orders.iter().find(|order| **order != sort).or(orders.first());
            Head {
                text,
                class,
                href: next.map(|order| narrowing.sorted(visitor::sort_name(*order)).address()),
                sorted: orders.contains(&sort).then_some(match sort {
                    Sort::Newest | Sort::Longest | Sort::Relevance => "descending",
                    Sort::Oldest | Sort::Shortest | Sort::Title => "ascending",
                }),
            }
        };
        Self {
            heads: vec![
                head("Title", "", &[Sort::Title]),
                head("Year", "number", &[Sort::Newest, Sort::Oldest]),
                head("Length", "number", &[Sort::Longest, Sort::Shortest]),
                head("Tags", "table__wide", &[]),
                head("Yours", "", &[]),
            ],
            rows: films.into_iter().map(Row::from).collect(),
            context: narrowing.address_at(""),
        }
    }
}

impl From<CreditedMovie> for Row {
    fn from(film: CreditedMovie) -> Self {
        let CreditedMovie { movie, directors, tags } = film;
        Self {
            href: url::movie(&movie.slug),
            year: movie.year,
            runtime: movie.runtime.map(runtime),
            directors: card::credits(&directors),
            tags: card::tags(&tags),
            listed: Hole::Listed(movie.id),
            seen: Hole::Seen(movie.id),
            rating: Hole::Rating(movie.id),
            title: movie.title,
            slug: movie.slug,
        }
    }
}
