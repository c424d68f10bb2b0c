//! The list of directors; in `detail` the page of one.

pub mod detail;

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::address;
use super::movies::{Choice, sizes, wanted};
use super::number::counted;
use super::page::Page;
use super::pagination::Pagination;
use super::query::{Query, join};
use super::visitor::Visitor;
use super::{Error, Result, Site};
use crate::catalog::directors::{self, Listed, Sort};
use crate::catalog::index::{FoundDirector, Index};
use crate::db::Connection;

#[derive(Serialize)]
struct ListPage {
    count: String,
    initials: Vec<Initial>,
    letter: Option<String>,
    sorts: Vec<Choice>,
    sizes: Vec<Choice>,
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

impl Page for ListPage {
    const TEMPLATE: &'static str = "directors/list.html";
}

pub async fn list(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    let make = async |index: &Arc<Index>| page(&site, index, &request, &visitor).await;
    site.respond_shared(&request, &visitor, make).await
}

async fn page(
    site: &Site,
    index: &Index,
    request: &HttpRequest,
    visitor: &Visitor,
) -> Result<ListPage> {
    let query = Query::parse(request.query_string().as_bytes());
    let letter = query.get("letter").map(str::to_lowercase);
    let letter = letter.and_then(|wanted| index.initials().find(|letter| *letter == wanted));
    let sort = if query.get("sort") == Some("films") { Sort::Films } else { Sort::Name };
    let per_page = wanted(&query, visitor.preferences()).per_page;
    let list = index.directors(letter, sort);
    let total = list.total();
    let pagination =
        Pagination::new(request.path(), &query, per_page, total).map_err(Error::BeyondTheEnd)?;
    let conn = &mut site.pool.get().await?;
    let people = with_names(conn, list.page(pagination.places())).await?;
    let rest = query.without(&["page", "letter"]);
    let link = |initial: &str| Initial {
        href: join(request.path(), &with_letter(&rest, initial)),
        text: initial.to_uppercase(),
        current: letter == Some(initial),
    };
    Ok(ListPage {
        count: counted(total, "director"),
        initials: index.initials().map(link).collect(),
        letter: letter.map(str::to_owned),
        sorts: vec![
            Choice::new("name", "Family name", sort == Sort::Name),
            Choice::new("films", "Most films", sort == Sort::Films),
        ],
        sizes: sizes(per_page),
        people: people.into_iter().map(Person::new).collect(),
        pagination,
    })
}

/// The query string `rest` with a first letter.
fn with_letter(rest: &str, letter: &str) -> String {
    let separator = if rest.is_empty() { "" } else { "&" };
    format!("{rest}{separator}letter={}", address::escape(letter))
}

/// Directors with the number of their films, in the order in which they were found.
pub async fn with_names(
    conn: &mut Connection,
    found: Vec<FoundDirector>,
) -> Result<Vec<(Listed, usize)>> {
    let ids: Vec<i32> = found.iter().map(|director| director.id).collect();
    let mut listed: HashMap<i32, Listed> =
        directors::with_ids(conn, &ids).await?.into_iter().map(|one| (one.id, one)).collect();
    Ok(found.iter().filter_map(|one| Some((listed.remove(&one.id)?, one.films))).collect())
}

impl Person {
    fn new((director, films): (Listed, usize)) -> Self {
        Self {
            href: address::director(&director.slug),
            life: life(director.born, director.died, director.country.as_deref()),
            films: counted(i64::try_from(films).unwrap_or(i64::MAX), "film"),
            name: director.name,
            slug: director.slug,
        }
    }
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
