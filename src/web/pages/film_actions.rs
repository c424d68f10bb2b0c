//! The buttons that put a film on the watchlist, mark it as seen, or rate it.
//!
//! Each button sends the state that it showed, and the answer is the other one: pressed twice, or
//! in two tabs, it does what it said. One form serves all buttons of a page, so that a list of
//! films stays light.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::catalog::movies;
use crate::web::error::{Error, Result};
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::http::url::{self, Slug};
use crate::web::state::Site;
use crate::web::visitor::{Mark, Visitor};

pub async fn watchlist(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
    slug: Slug,
    body: web::Bytes,
) -> Result<HttpResponse> {
    toggle(&site, &request, visitor, &slug, &body, Mark::Listed).await
}

pub async fn seen(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
    slug: Slug,
    body: web::Bytes,
) -> Result<HttpResponse> {
    toggle(&site, &request, visitor, &slug, &body, Mark::Seen).await
}

async fn toggle(
    site: &Site,
    request: &HttpRequest,
    mut visitor: Visitor,
    slug: &Slug,
    body: &[u8],
    mark: Mark,
) -> Result<HttpResponse> {
    let film = film(site, slug).await?;
    let pressed = Query::parse(body).get("pressed") == Some("true");
    visitor.mark(mark, film, !pressed)?;
    Ok(redirect::back(request, &url::movie(&slug.0)))
}

/// 1 to 5 stars; anything else takes the rating back.
pub async fn rating(
    site: web::Data<Site>,
    request: HttpRequest,
    mut visitor: Visitor,
    slug: Slug,
    body: web::Bytes,
) -> Result<HttpResponse> {
    let film = film(&site, &slug).await?;
    let stars = Query::parse(&body).get("stars").and_then(|stars| stars.parse().ok());
    visitor.rate(film, stars.filter(|stars| (1..=5).contains(stars)))?;
    Ok(redirect::back(&request, &url::movie(&slug.0)))
}

async fn film(site: &Site, slug: &Slug) -> Result<i32> {
    let conn = &mut site.pool.get().await?;
    movies::id(conn, &slug.0).await?.ok_or(Error::NotFound)
}
