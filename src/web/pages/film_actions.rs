//! The buttons that put a film on the watchlist, mark it as seen, or rate it.
//!
//! A button sends the state that it shows, so that pressing it twice, or in two tabs, changes
//! nothing more. One form per page serves all buttons. Scripts ask for JSON and get the film's new
//! marks; without JavaScript the response redirects back to the page.

use actix_web::http::header::{ACCEPT, CACHE_CONTROL};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::catalog::movies;
use crate::web::error::{Error, Result};
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::http::url::{self, Slug};
use crate::web::state::Site;
use crate::web::visitor::{self, Mark, Visitor};

/// A film's marks after a change.
#[derive(Serialize)]
struct FilmState {
    watchlist: bool,
    seen: bool,
    /// Stars.
    rating: Option<f64>,
    watchlist_count: usize,
    /// Set if the film was removed from the watchlist because it was marked as seen.
    undo: Option<Undo>,
}

/// What the form that undoes the removal sends.
#[derive(Serialize)]
struct Undo {
    /// When the film was added to the watchlist, in seconds since 1970.
    listed: i64,
}

pub async fn watchlist(
    site: web::Data<Site>,
    request: HttpRequest,
    mut visitor: Visitor,
    slug: Slug,
    body: web::Bytes,
) -> Result<HttpResponse> {
    let film = film(&site, &slug).await?;
    let pressed = Query::parse(&body).get("pressed") == Some("true");
    visitor.mark(Mark::Listed, film, !pressed)?;
    Ok(respond(&request, &visitor, &slug, film, None))
}

/// Marks a film as seen or not, or undoes the mark and puts the film back on the watchlist.
pub async fn seen(
    site: web::Data<Site>,
    request: HttpRequest,
    mut visitor: Visitor,
    slug: Slug,
    body: web::Bytes,
) -> Result<HttpResponse> {
    let film = film(&site, &slug).await?;
    let form = Query::parse(&body);
    let mut removed = None;
    if let Some(listed) = form.get("undo").and_then(|listed| listed.parse().ok()) {
        visitor.undo_seen(film, listed)?;
    } else if form.get("pressed") == Some("true") {
        visitor.mark(Mark::Seen, film, false)?;
    } else {
        removed = visitor.mark_seen(film)?;
    }
    Ok(respond(&request, &visitor, &slug, film, removed))
}

/// Rates a film with 0.5 to 5 `stars` in steps of a half; 0 removes the rating.
pub async fn rating(
    site: web::Data<Site>,
    request: HttpRequest,
    mut visitor: Visitor,
    slug: Slug,
    body: web::Bytes,
) -> Result<HttpResponse> {
    let film = film(&site, &slug).await?;
    let stars: Option<f64> = Query::parse(&body).get("stars").and_then(|stars| stars.parse().ok());
    let removed = visitor.rate(film, stars.and_then(visitor::half_stars))?;
    Ok(respond(&request, &visitor, &slug, film, removed))
}

async fn film(site: &Site, slug: &Slug) -> Result<i32> {
    let conn = &mut site.pool.get().await?;
    movies::id(conn, &slug.0).await?.ok_or(Error::NotFound)
}

/// `removed` is when the film was added to the watchlist, if it has just been removed from it.
fn respond(
    request: &HttpRequest,
    visitor: &Visitor,
    slug: &Slug,
    film: i32,
    removed: Option<i64>,
) -> HttpResponse {
    let accept = request.headers().get(ACCEPT);
    if accept.is_some_and(|accept| accept == "application/json") {
        let marks = visitor.marks();
        return HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(FilmState {
            watchlist: marks.has(Mark::Listed, film),
            seen: marks.has(Mark::Seen, film),
            rating: marks.get(Mark::Rating, film).map(visitor::stars),
            watchlist_count: marks.count(Mark::Listed),
            undo: removed.map(|listed| Undo { listed }),
        });
    }
    match redirect::previous_page(request) {
        Some(page) if is_watchlist(page) => redirect::to(&watchlist_with_undo(page, slug, removed)),
        _ => redirect::back(request, &url::movie(&slug.0)),
    }
}

fn is_watchlist(page: &str) -> bool {
    page.split('?').next() == Some("/watchlist")
}

/// Returns the watchlist's URL with what it needs to offer an undo.
fn watchlist_with_undo(page: &str, slug: &Slug, removed: Option<i64>) -> String {
    let query = page.split_once('?').map_or("", |(_, query)| query);
    let query = Query::parse(query.as_bytes()).without(&["removed", "listed"]);
    let mut query = form_urlencoded::Serializer::new(query);
    if let Some(listed) = removed {
        query.append_pair("removed", &slug.0).append_pair("listed", &listed.to_string());
    }
    crate::web::http::query::join("/watchlist", &query.finish())
}
