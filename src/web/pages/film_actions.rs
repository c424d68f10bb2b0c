//! The buttons that put a film on the watchlist, mark it as seen, or rate it.
//!
//! A button sends the state that it shows, so that pressing it twice, or in two tabs, changes
//! nothing more. One form per page serves all buttons. Scripts ask for JSON and get the film's new
//! marks; without JavaScript the response redirects back to the page.

use actix_web::http::header::ACCEPT;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use crate::catalog::movies;
use crate::catalog::read_pool::ReadPool;
use crate::web::error::{Error, Result};
use crate::web::http::cache_policy::CachePolicy;
use crate::web::http::query::Query;
use crate::web::http::url::{self, Slug};
use crate::web::http::{form, redirect};
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

/// The values of the form that undoes the removal.
#[derive(Serialize)]
struct Undo {
    /// When the film was added to the watchlist, in seconds since 1970.
    listed: i64,
}

/// The form of the watchlist button.
#[derive(Deserialize)]
struct WatchlistForm {
    /// The state that the button shows.
    #[serde(default)]
    pressed: bool,
}

/// The form of the button that marks a film as seen.
#[derive(Deserialize)]
struct SeenForm {
    /// The state that the button shows.
    #[serde(default)]
    pressed: bool,
    /// When the film was added to the watchlist, to undo its removal.
    undo: Option<i64>,
}

#[derive(Deserialize)]
struct RatingForm {
    stars: Stars,
}

/// A rating in half stars; `None` removes it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
struct Stars(Option<i64>);

impl TryFrom<f64> for Stars {
    type Error = &'static str;

    fn try_from(stars: f64) -> Result<Self, &'static str> {
        match visitor::half_stars(stars) {
            Some(half_stars) => Ok(Self(Some(half_stars))),
            None if stars == 0.0 => Ok(Self(None)),
            None => Err("field `stars`: expected a number from 0 to 5 in steps of 0.5"),
        }
    }
}

pub async fn watchlist(
    reads: web::Data<ReadPool>,
    request: HttpRequest,
    mut visitor: Visitor,
    slug: Slug,
    body: web::Bytes,
) -> Result<HttpResponse> {
    let film = film(&reads, &slug).await?;
    let form: WatchlistForm = form::parse(&body)?;
    visitor.mark(Mark::Listed, film, !form.pressed)?;
    Ok(respond(&request, &visitor, &slug, film, None))
}

/// Marks a film as seen or not, or undoes the mark and puts the film back on the watchlist.
pub async fn seen(
    reads: web::Data<ReadPool>,
    request: HttpRequest,
    mut visitor: Visitor,
    slug: Slug,
    body: web::Bytes,
) -> Result<HttpResponse> {
    let film = film(&reads, &slug).await?;
    let form: SeenForm = form::parse(&body)?;
    let mut removed = None;
    if let Some(listed) = form.undo {
        visitor.undo_seen(film, listed)?;
    } else if form.pressed {
        visitor.mark(Mark::Seen, film, false)?;
    } else {
        removed = visitor.mark_seen(film)?;
    }
    Ok(respond(&request, &visitor, &slug, film, removed))
}

/// Rates a film with 0.5 to 5 `stars` in steps of a half; 0 removes the rating.
pub async fn rating(
    reads: web::Data<ReadPool>,
    request: HttpRequest,
    mut visitor: Visitor,
    slug: Slug,
    body: web::Bytes,
) -> Result<HttpResponse> {
    let film = film(&reads, &slug).await?;
    let form: RatingForm = form::parse(&body)?;
    let removed = visitor.rate(film, form.stars.0)?;
    Ok(respond(&request, &visitor, &slug, film, removed))
}

async fn film(reads: &ReadPool, slug: &Slug) -> Result<i32> {
    let conn = &mut reads.get().await?;
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
        let mut response = HttpResponse::Ok();
        response.insert_header(CachePolicy::NoStore).insert_header(redirect::DISCARD_LOADED_AHEAD);
        return response.json(FilmState {
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

/// Returns the watchlist's URL, with the film and time for an undo if one was removed.
fn watchlist_with_undo(page: &str, slug: &Slug, removed: Option<i64>) -> String {
    let query = page.split_once('?').map_or("", |(_, query)| query);
    let mut query = Query::parse(query.as_bytes()).without(&["removed", "listed"]);
    if let Some(listed) = removed {
        query = query.with("removed", &slug.0).with("listed", listed);
    }
    query.at("/watchlist")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_half_stars_up_to_five() {
        assert_eq!(Stars::try_from(0.0), Ok(Stars(None)));
        assert_eq!(Stars::try_from(4.5), Ok(Stars(Some(9))));
        for invalid in [-1.0, 0.3, 5.5, f64::NAN, f64::INFINITY] {
            assert!(Stars::try_from(invalid).is_err(), "{invalid}");
        }
    }
}
