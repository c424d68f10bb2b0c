//! The visitor's watchlist, and the films marked as seen.

use std::cmp::Reverse;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::catalog::index::{Filter, Index};
use crate::catalog::movie_summary::{self, MovieSummary};
use crate::catalog::movies::{self, CreditedMovie, Sort};
use crate::catalog::read_pool::ReadPool;
use crate::db::Connection;
use crate::web::components::card::{self, Card};
use crate::web::components::choice::{Choice, sizes};
use crate::web::components::pagination::Pagination;
use crate::web::error::Result;
use crate::web::http::query::{Parameter, Query};
use crate::web::http::url::{self, Link};
use crate::web::movie_query::parameters::{self, PAGE, PER_PAGE};
use crate::web::movie_query::view::effective_preferences;
use crate::web::render::page::Page;
use crate::web::render::page_context::PageContext;
use crate::web::render::placeholder::Placeholder;
use crate::web::render::renderer::PageRequest;
use crate::web::visitor::{Mark, Marks, Visitor};

/// Orders of such a list by their names in URLs, the default first.
const ORDERS: [&str; 7] = ["added", "rating", "title", "newest", "oldest", "shortest", "longest"];

/// Films that an empty list suggests.
const SUGGESTIONS: usize = 6;

#[derive(Serialize)]
struct MyListPage {
    /// `watchlist` or `seen`.
    list: &'static str,
    path: &'static str,
    /// The total running time in minutes.
    minutes: i64,
    /// The running time of a film is unknown.
    is_minimum: bool,
    /// Films of the list that are no longer in the catalogue.
    missing: usize,
    orders: Vec<Choice>,
    sizes: Vec<Choice>,
    /// The films of the page as cards, or all films as rows.
    cards: Vec<Card>,
    rows: Vec<Row>,
    pagination: Pagination,
    table_href: String,
    cards_href: String,
    /// The film that has just been marked as seen and so removed from the watchlist.
    removed: Option<Removed>,
    /// When the list is deleted unless the visitor comes back.
    kept_until: Option<DateTime<Utc>>,
    /// Films to start an empty list with.
    suggestions: Vec<Card>,
}

#[derive(Serialize)]
struct Row {
    slug: String,
    href: String,
    title: String,
    year: Option<i16>,
    directors: Vec<Link>,
    /// Minutes.
    runtime: Option<i16>,
    marked_on: Option<NaiveDate>,
    rating: Placeholder,
}

#[derive(Serialize)]
struct Removed {
    title: String,
    href: String,
    listed: i64,
}

impl Page for MyListPage {
    const TEMPLATE: &'static str = "my_lists.html";
}

const PARAMETERS: [Parameter; 6] = [
    Parameter::one("sort", |text| ORDERS.contains(&text).then(|| text.to_owned())),
    PER_PAGE,
    Parameter::one("view", |text| (text == "table").then(|| text.to_owned())),
    Parameter::one("removed", parameters::slug),
    Parameter::one("listed", |text| Some(text.parse::<i64>().ok()?.to_string())),
    PAGE,
];

pub async fn watchlist(page: PageRequest, reads: web::Data<ReadPool>) -> Result<HttpResponse> {
    show(&page, &reads, Mark::Listed).await
}

pub async fn seen(page: PageRequest, reads: web::Data<ReadPool>) -> Result<HttpResponse> {
    show(&page, &reads, Mark::Seen).await
}

async fn show(page: &PageRequest, reads: &ReadPool, mark: Mark) -> Result<HttpResponse> {
    let visitor = &page.visitor;
    visitor.require_session()?;
    visitor.extend_session();
    let PageContext { index, path, query, preferences, .. } = &page.context(&[&PARAMETERS]);
    let conn = &mut reads.get().await?;
    let removed = removed(conn, visitor, query).await?;
    let query = query.without(&["removed", "listed"]);
    let order = query.get("sort").and_then(|order| ORDERS.iter().find(|name| **name == order));
    let order = *order.unwrap_or(&ORDERS[0]);
    let ids: Vec<i32> = visitor.marks().films(mark).into_iter().map(|(film, _)| film).collect();

    let mut films = movie_summary::list(conn, &ids).await?;
    let missing = ids.len() - films.len();
    let minutes = films.iter().filter_map(|film| film.runtime).map(i64::from).sum();
    let is_minimum = films.iter().any(|film| film.runtime.is_none());
    sort(&mut films, order, visitor.marks());
    let ids: Vec<i32> = films.into_iter().map(|film| film.id).collect();
    let total = i64::try_from(ids.len()).unwrap_or_default();
    let per_page = effective_preferences(&query, *preferences).per_page;
    let pagination = Pagination::new(path, &query, per_page, total)?;
    let as_table = query.get("view") == Some("table");
    let shown = if as_table { &ids[..] } else { page_of(&ids, &pagination) };
    let films = movies::with_ids(conn, shown).await?;

    let (cards, rows) = if as_table {
        (Vec::new(), films.into_iter().map(|film| Row::new(film, visitor, mark)).collect())
    } else {
        (films.into_iter().map(Card::from).collect(), Vec::new())
    };
    let suggestions = match ids.is_empty() {
        true => suggestions(conn, index, visitor.marks()).await?,
        false => Vec::new(),
    };
    let (list, path) = match mark {
        Mark::Seen => ("seen", "/seen"),
        _ => ("watchlist", "/watchlist"),
    };
    let sorted = Query::default().with("sort", order);
    let list = MyListPage {
        list,
        path,
        minutes,
        is_minimum,
        missing,
        orders: ORDERS.into_iter().map(|name| Choice::new(name, name == order)).collect(),
        sizes: sizes(per_page),
        cards,
        rows,
        pagination,
        cards_href: sorted.at(path),
        table_href: sorted.with("view", "table").at(path),
        removed,
        kept_until: visitor.expires_at(),
        suggestions,
    };
    page.respond(&list).await
}

/// Reads the film that the page offers to put back on the watchlist.
async fn removed(
    conn: &mut Connection,
    visitor: &Visitor,
    query: &Query<'_>,
) -> Result<Option<Removed>> {
    let listed = query.get("listed").and_then(|listed| listed.parse().ok());
    let (Some(slug), Some(listed)) = (query.get("removed"), listed) else { return Ok(None) };
    let Some(CreditedMovie { movie, .. }) = movies::find(conn, slug).await? else {
        return Ok(None);
    };
    let marks = visitor.marks();
    let is_removed = marks.has(Mark::Seen, movie.id) && !marks.has(Mark::Listed, movie.id);
    let href = url::movie(&movie.slug);
    Ok(is_removed.then_some(Removed { title: movie.title, href, listed }))
}

async fn suggestions(conn: &mut Connection, index: &Index, marks: &Marks) -> Result<Vec<Card>> {
    let known = Mark::ALL.into_iter().flat_map(|mark| marks.films(mark));
    let filter = Filter { hidden: known.map(|(film, _)| film).collect(), ..Filter::default() };
    let ids = index.select(&filter).page(Sort::Newest, 0..SUGGESTIONS);
    Ok(movies::with_ids(conn, &ids).await?.into_iter().map(Card::from).collect())
}

fn page_of<'a>(ids: &'a [i32], pagination: &Pagination) -> &'a [i32] {
    let positions = pagination.places();
    let start = positions.start.min(ids.len());
    &ids[start..positions.end.min(ids.len())]
}

/// Sorts films that are in order of addition. Films without the fact come last; ties are broken by
/// title and id.
fn sort(films: &mut [MovieSummary], order: &str, marks: &Marks) {
    type Key<'a> = (bool, Reverse<i64>, i64, &'a str, i32);
    fn key<'a>(film: &'a MovieSummary, fact: Option<impl Into<i64>>, descending: bool) -> Key<'a> {
        let fact = fact.map(Into::into);
        let number = fact.unwrap_or_default();
        let (falling, rising) = if descending { (number, 0) } else { (0, number) };
        (fact.is_none(), Reverse(falling), rising, &film.sort_title, film.id)
    }
    let rating = |film: &MovieSummary| marks.get(Mark::Rating, film.id);
    films.sort_by(|a, b| match order {
        "rating" => key(a, rating(a), true).cmp(&key(b, rating(b), true)),
        "title" => key(a, Some(0), false).cmp(&key(b, Some(0), false)),
        "newest" => key(a, a.year, true).cmp(&key(b, b.year, true)),
        "oldest" => key(a, a.year, false).cmp(&key(b, b.year, false)),
        "shortest" => key(a, a.runtime, false).cmp(&key(b, b.runtime, false)),
        "longest" => key(a, a.runtime, true).cmp(&key(b, b.runtime, true)),
        _ => std::cmp::Ordering::Equal,
    });
}

impl Row {
    fn new(film: CreditedMovie, visitor: &Visitor, mark: Mark) -> Self {
        let id = film.movie.id;
        let marked_at = visitor.marks().get(mark, id);
        let marked_at = marked_at.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        Self {
            href: url::movie(&film.movie.slug),
            year: film.movie.year,
            directors: card::credits(&film.directors),
            runtime: film.movie.runtime,
            marked_on: marked_at.map(|time| time.date_naive()),
            rating: Placeholder::Rating(id),
            title: film.movie.title,
            slug: film.movie.slug,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    fn film(id: i32, title: &str, year: Option<i16>, runtime: Option<i16>) -> MovieSummary {
        MovieSummary { id, sort_title: title.to_owned(), year, runtime }
    }

    #[test]
    fn every_order_is_total_and_puts_unknown_facts_last() {
        let films = [
            film(1, "b", Some(1950), None),
            film(2, "a", None, Some(100)),
            film(3, "c", Some(1950), Some(90)),
            film(4, "a", Some(2000), Some(100)),
        ];
        let mut marks = Marks::default();
        marks.insert(Mark::Rating, 3, 7);
        marks.insert(Mark::Rating, 1, 8);
        for (order, expected) in [
            ("added", [1, 2, 3, 4]),
            ("rating", [1, 3, 2, 4]),
            ("title", [2, 4, 1, 3]),
            ("newest", [4, 1, 3, 2]),
            ("oldest", [1, 3, 4, 2]),
            ("shortest", [3, 2, 4, 1]),
            ("longest", [2, 4, 3, 1]),
        ] {
            let mut films = films.clone();
            sort(&mut films, order, &marks);
            assert_eq!(films.map(|film| film.id), expected, "{order}");
        }
    }

    #[test]
    fn template_reads_only_fields_of_the_page() {
        assert_complete(&MyListPage {
            list: "watchlist",
            path: "/watchlist",
            minutes: 0,
            is_minimum: false,
            missing: 0,
            orders: vec![],
            sizes: vec![],
            cards: vec![],
            rows: vec![],
            pagination: Pagination::new("/watchlist", &Query::parse(b""), 24, 0).unwrap(),
            table_href: String::new(),
            cards_href: String::new(),
            removed: None,
            kept_until: None,
            suggestions: vec![],
        });
    }
}
