//! Search over films and directors.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::card::Card;
use super::directors::{Person, people};
use super::movies::wanted;
use super::number::counted;
use super::page::Page;
use super::pagination::Pagination;
use super::query::Query;
use super::visitor::Visitor;
use super::{Error, Result, Site};
use crate::catalog::directors;
use crate::catalog::movies::{self, Filter};
use crate::catalog::search::Words;

/// Directors shown above the films.
const MOST_PEOPLE: i64 = 6;

#[derive(Serialize)]
struct SearchPage {
    q: String,
    searched: bool,
    count: String,
    people: Vec<Person>,
    cards: Vec<Card>,
    pagination: Pagination,
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "search.html";
}

pub async fn show(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    let query = Query::parse(request.query_string().as_bytes());
    let q: String = query.get("q").unwrap_or_default().trim().chars().take(200).collect();
    let words = Words::parse(&q);
    let searched = !words.is_empty();
    let per_page = wanted(&query, visitor.preferences()).per_page;
    let conn = &mut site.pool.get().await?;

    let filter = Filter { words: words.clone(), ..Filter::default() };
    let total = if searched { movies::count(conn, &filter).await? } else { 0 };
    let pagination =
        Pagination::new(request.path(), &query, per_page, total).map_err(Error::BeyondTheEnd)?;
    let (offset, limit) = (pagination.offset(), pagination.limit());
    let mut films = Vec::new();
    let mut found = Vec::new();
    if searched {
        films = movies::list(conn, &filter, movies::Sort::Likeness, offset, limit).await?;
        if pagination.number == 1 {
            let filter = directors::Filter { words, ..directors::Filter::default() };
            found = directors::list(conn, &filter, directors::Sort::Name, 0, MOST_PEOPLE).await?;
        }
    }
    let page = SearchPage {
        q,
        searched,
        count: counted(total, "film"),
        people: people(conn, found).await?,
        cards: films.into_iter().map(Card::from).collect(),
        pagination,
    };
    site.respond(&visitor, &page)
}
