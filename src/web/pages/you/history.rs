//! Clears the viewing history.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::visitor::{Mark, Visitor};

/// Removes `film` from the viewing history, or without one all films.
pub async fn forget(
    request: HttpRequest,
    mut visitor: Visitor,
    body: web::Bytes,
) -> Result<HttpResponse> {
    match Query::parse(&body).get("film") {
        Some(film) => {
            if let Ok(film) = film.parse() {
                visitor.mark(Mark::Viewed, film, false)?;
            }
        }
        None => visitor.unmark_all(Mark::Viewed)?,
    }
    Ok(redirect::back(&request, "/you"))
}
