//! The page of one director.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::catalog::directors::{self, Director};
use crate::catalog::index::Filter;
use crate::catalog::movies::{self, Sort};
use crate::web::address::Slug;
use crate::web::card::Card;
use crate::web::directors::life;
use crate::web::hidden::{self, Hidden};
use crate::web::movies::detail::SourceLine;
use crate::web::number::counted;
use crate::web::page::Page;
use crate::web::query::Query;
use crate::web::visitor::Visitor;
use crate::web::{Error, Result, Site};

/// Films on a director's page: more than anybody has made.
const MOST_FILMS: usize = 500;

#[derive(Serialize)]
struct DetailPage {
    name: String,
    life: String,
    biography: Option<String>,
    source: Option<SourceLine>,
    count: String,
    cards: Vec<Card>,
    hidden: Option<Hidden>,
}

impl Page for DetailPage {
    const TEMPLATE: &'static str = "directors/detail.html";
}

pub async fn show(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
    slug: Slug,
) -> Result<HttpResponse> {
    let query = Query::parse(request.query_string().as_bytes());
    let index = site.catalogue.current();
    let conn = &mut site.pool.get().await?;
    let director = directors::find(conn, &slug.0).await?.ok_or(Error::NotFound)?;
    let source = directors::source(conn, &director).await?;
    let hidden = hidden::films(&visitor, &query);
    let filter = Filter { director: Some(director.id), hidden, ..Filter::default() };
    let films = index.select(&filter).page(Sort::Newest, 0..MOST_FILMS);
    let films = movies::with_ids(conn, &films).await?;
    let Director { name, born, died, country, biography, biography_url, .. } = director;
    let page = DetailPage {
        life: life(born, died, country.as_deref()),
        source: source.map(|source| SourceLine::new(source, biography_url)),
        count: counted(index.select(&filter).total(), "film"),
        hidden: Hidden::new(&visitor, request.path(), &query, index.left_out(&filter)),
        cards: films.into_iter().map(Card::from).collect(),
        name,
        biography,
    };
    site.respond(&visitor, &page)
}
