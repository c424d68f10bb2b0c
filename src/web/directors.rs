//! The list of directors and the page of one.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::address::{self, Slug};
use super::card::Card;
use super::movies::SourceLine;
use super::number::counted;
use super::page::Page;
use super::pagination::Pagination;
use super::query::{Query, join};
use super::visitor::Visitor;
use super::{Error, Result, Site};
use crate::catalog::directors::{self, Director, Filter, Listed};
use crate::catalog::movies::{self, Sort};

/// Names are short: a page holds more of them than of films.
const PER_PAGE: u32 = 60;

/// Films on a director's page: more than anybody has made.
const MOST_FILMS: i64 = 500;

#[derive(Serialize)]
struct ListPage {
    count: String,
    initials: Vec<Initial>,
    people: Vec<Person>,
    pagination: Pagination,
}

#[derive(Serialize)]
struct Initial {
    href: String,
    text: String,
    current: bool,
}

/// A director in a list.
#[derive(Serialize)]
pub struct Person {
    href: String,
    slug: String,
    name: String,
    /// "1910–1998, Japan"
    life: String,
    films: String,
}

#[derive(Serialize)]
struct DetailPage {
    name: String,
    life: String,
    biography: Option<String>,
    source: Option<SourceLine>,
    count: String,
    cards: Vec<Card>,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "directors/list.html";
}

impl Page for DetailPage {
    const TEMPLATE: &'static str = "directors/detail.html";
}

pub async fn list(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    let query = Query::parse(request.query_string().as_bytes());
    let conn = &mut site.pool.get().await?;
    let letters = directors::initials(conn).await?;
    let wanted = query.get("letter").map(str::to_lowercase);
    let wanted = wanted.and_then(|wanted| letters.iter().find(|letter| **letter == wanted));
    let initial = wanted.and_then(|letter| letter.chars().next());
    let filter = Filter { initial, ..Filter::default() };
    let total = directors::count(conn, &filter).await?;
    let pagination =
        Pagination::new(request.path(), &query, PER_PAGE, total).map_err(Error::BeyondTheEnd)?;
    let listed = directors::list(conn, &filter, pagination.offset(), pagination.limit()).await?;
    let link = |letter: &String| Initial {
        href: join(request.path(), &format!("letter={}", address::escape(letter))),
        text: letter.to_uppercase(),
        current: wanted == Some(letter),
    };
    let page = ListPage {
        count: counted(total, "director"),
        initials: letters.iter().map(link).collect(),
        people: people(conn, listed).await?,
        pagination,
    };
    site.respond(&visitor, &page)
}

/// Directors with the number of their films.
pub async fn people(conn: &mut crate::db::Connection, listed: Vec<Listed>) -> Result<Vec<Person>> {
    let ids: Vec<i32> = listed.iter().map(|director| director.id).collect();
    let films = directors::film_counts(conn, &ids).await?;
    let person = |director: Listed| Person {
        href: address::director(&director.slug),
        life: life(director.born, director.died, director.country.as_deref()),
        films: counted(films.get(&director.id).copied().unwrap_or(0), "film"),
        name: director.name,
        slug: director.slug,
    };
    Ok(listed.into_iter().map(person).collect())
}

pub async fn detail(site: web::Data<Site>, visitor: Visitor, slug: Slug) -> Result<HttpResponse> {
    let conn = &mut site.pool.get().await?;
    let director = directors::find(conn, &slug.0).await?.ok_or(Error::NotFound)?;
    let source = directors::source(conn, &director).await?;
    let filter = movies::Filter { director_id: Some(director.id), ..movies::Filter::default() };
    let films = movies::list(conn, &filter, Sort::Newest, 0, MOST_FILMS).await?;
    let Director { name, born, died, country, biography, biography_url, .. } = director;
    let page = DetailPage {
        life: life(born, died, country.as_deref()),
        source: source.map(|source| SourceLine::new(source, biography_url)),
        count: counted(i64::try_from(films.len()).unwrap_or(MOST_FILMS), "film"),
        cards: films.into_iter().map(Card::from).collect(),
        name,
        biography,
    };
    site.respond(&visitor, &page)
}

/// "1910–1998, Japan"; what is not known is left out.
pub fn life(born: Option<i16>, died: Option<i16>, country: Option<&str>) -> String {
    let years = match (born, died) {
        (Some(born), Some(died)) => Some(format!("{born}–{died}")),
        (Some(born), None) => Some(format!("born {born}")),
        (None, Some(died)) => Some(format!("died {died}")),
        (None, None) => None,
    };
    let parts: Vec<&str> = years.as_deref().into_iter().chain(country).collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_told_as_far_as_it_is_known() {
        assert_eq!(life(Some(1910), Some(1998), Some("Japan")), "1910–1998, Japan");
        assert_eq!(life(Some(1954), None, None), "born 1954");
        assert_eq!(life(None, None, None), "");
    }
}
