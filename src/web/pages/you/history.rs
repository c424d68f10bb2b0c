//! Clears the viewing history.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::web::error::Result;
use crate::web::http::{form, redirect};
use crate::web::visitor::{Mark, Visitor};

#[derive(Deserialize)]
struct HistoryForm {
    /// The film to remove; all films if it is missing.
    film: Option<i32>,
}

pub async fn forget(
    request: HttpRequest,
    mut visitor: Visitor,
    body: web::Bytes,
) -> Result<HttpResponse> {
    let form: HistoryForm = form::parse(&body)?;
    match form.film {
        Some(film) => visitor.mark(Mark::Viewed, film, false)?,
        None => visitor.unmark_all(Mark::Viewed)?,
    }
    Ok(redirect::back(&request, "/you"))
}
