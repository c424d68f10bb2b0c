//! The list of directors, and in `detail` a director's page.

pub mod detail;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::catalog::directors::Sort;
use crate::catalog::index::Index;
use crate::web::components::choice::{Choice, sizes};
use crate::web::components::pagination::Pagination;
use crate::web::components::person::{Person, with_names};
use crate::web::error::{Error, Result};
use crate::web::http::query::{Query, join};
use crate::web::http::url;
use crate::web::movie_query::view::wanted;
use crate::web::render::page::Page;
use crate::web::state::Site;
use crate::web::visitor::Visitor;

#[derive(Serialize)]
struct ListPage {
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
    let sort = if query.get("sort") == Some("films") { Sort::Movies } else { Sort::Name };
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
        initials: index.initials().map(link).collect(),
        letter: letter.map(str::to_owned),
        sorts: vec![
            Choice::new("name", sort == Sort::Name),
            Choice::new("films", sort == Sort::Movies),
        ],
        sizes: sizes(per_page),
        people: Person::list(people, sort == Sort::Name),
        pagination,
    })
}

/// Adds a first letter to the query string `rest`.
fn with_letter(rest: &str, letter: &str) -> String {
    let separator = if rest.is_empty() { "" } else { "&" };
    format!("{rest}{separator}letter={}", url::escape(letter))
}
