//! The page of one director.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::catalog::directors::{self, Director};
use crate::catalog::movies;
use crate::web::address::Slug;
use crate::web::card::Card;
use crate::web::directors::life;
use crate::web::movies::detail::SourceLine;
use crate::web::number::counted;
use crate::web::page::Page;
use crate::web::visitor::Visitor;
use crate::web::{Error, Result, Site};

/// Films on a director's page: more than anybody has made.
const MOST_FILMS: i64 = 500;

#[derive(Serialize)]
struct DetailPage {
    name: String,
    life: String,
    biography: Option<String>,
    source: Option<SourceLine>,
    count: String,
    cards: Vec<Card>,
}

impl Page for DetailPage {
    const TEMPLATE: &'static str = "directors/detail.html";
}

pub async fn show(site: web::Data<Site>, visitor: Visitor, slug: Slug) -> Result<HttpResponse> {
    let conn = &mut site.pool.get().await?;
    let director = directors::find(conn, &slug.0).await?.ok_or(Error::NotFound)?;
    let source = directors::source(conn, &director).await?;
    let filter = movies::Filter { director_id: Some(director.id), ..movies::Filter::default() };
    let films = movies::list(conn, &filter, movies::Sort::Newest, 0, MOST_FILMS).await?;
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
