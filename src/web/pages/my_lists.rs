//! The visitor's watchlist, and the films marked as seen.

use std::cmp::Reverse;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::catalog::index::{Filter, Index};
use crate::catalog::movies::{self, CreditedMovie};
use crate::catalog::read_pool::ReadPool;
use crate::catalog::sort::Sort;
use crate::db::Connection;
use crate::web::components::card::{self, Card};
use crate::web::components::choice::{Choice, sizes, sorts};
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

/// Sort orders of such a list, the default first.
const ORDERS: [Sort; 2 + Sort::ALL.len()] = [
    Sort::Added,
    Sort::Rating,
    Sort::Newest,
    Sort::Oldest,
    Sort::Title,
    Sort::Shortest,
    Sort::Longest,
];

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
    Parameter::one("sort", |text| parse_order(text).map(|sort| sort.name().to_owned())),
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
    let order = query.get("sort").and_then(parse_order).unwrap_or(Sort::Added);
    let ids: Vec<i32> = visitor.marks().films(mark).into_iter().map(|(film, _)| film).collect();

    let mut filter = Filter::ranked(index.documents(&ids));
    if order == Sort::Rating {
        filter = by_rating(index, &filter, visitor.marks());
    }
    let selection = index.select(&filter);
    let total = selection.total();
    let missing = ids.len() - selection.running_times().count();
    let minutes = selection.running_times().flatten().map(i64::from).sum();
    let is_minimum = selection.running_times().any(|minutes| minutes.is_none());
    let per_page = effective_preferences(&query, *preferences).per_page;
    let pagination = Pagination::new(path, &query, per_page, total)?;
    let as_table = query.get("view") == Some("table");
    let range = if as_table { 0..ids.len() } else { pagination.places() };
    let films = movies::with_ids(conn, &selection.page(order, range)).await?;

    let (cards, rows) = if as_table {
        (Vec::new(), films.into_iter().map(|film| Row::new(film, visitor, mark)).collect())
    } else {
        (Card::grid(films.into_iter().map(Card::from)), Vec::new())
    };
    let suggestions = match total == 0 {
        true => suggestions(conn, index, visitor.marks()).await?,
        false => Vec::new(),
    };
    let (list, path) = match mark {
        Mark::Seen => ("seen", "/seen"),
        _ => ("watchlist", "/watchlist"),
    };
    let sorted = Query::default().with("sort", order.name());
    let list = MyListPage {
        list,
        path,
        minutes,
        is_minimum,
        missing,
        orders: sorts(ORDERS, order),
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

fn parse_order(name: &str) -> Option<Sort> {
    ORDERS.into_iter().find(|sort| sort.name() == name)
}

/// Ranks the films of a list by the visitor's rating. Films without a rating come last; ties are broken
/// by title.
fn by_rating(index: &Index, list: &Filter, marks: &Marks) -> Filter {
    let mut ids = index.select(list).page(Sort::Title, 0..index.len());
    ids.sort_by_key(|film| Reverse(marks.get(Mark::Rating, *film)));
    Filter::ranked(index.documents(&ids))
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
