//! Reports of pages that the browser loaded ahead of time, and shows only now.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::catalog::movies;
use crate::catalog::read_pool::ReadPool;
use crate::web::error::{Error, Result};
use crate::web::http::url::Slug;
use crate::web::visitor::Visitor;

#[derive(Deserialize)]
pub struct ViewForm {
    /// The path of the page.
    page: String,
}

/// Counts a page as its own response would have, if it had been shown at once.
pub async fn record(
    reads: web::Data<ReadPool>,
    request: HttpRequest,
    form: web::Form<ViewForm>,
) -> Result<HttpResponse> {
    let path = form.page.as_str();
    match request.resource_map().match_pattern(path).as_deref() {
        Some(
            "/movies"
            | "/movies/tags/{slug}"
            | "/movies/decades/{slug}"
            | "/movies/countries/{slug}",
        ) => {
            Visitor::counting_visit(&request).await?;
        }
        Some("/movies/{slug}") => {
            let slug =
                path.strip_prefix("/movies/").and_then(Slug::decode).ok_or(Error::NotFound)?;
            let conn = &mut reads.get().await?;
            let film = movies::id(conn, &slug.0).await?.ok_or(Error::NotFound)?;
            Visitor::open(&request).await?.view(film)?;
        }
        _ => return Err(Error::NotFound),
    }
    Ok(HttpResponse::NoContent().finish())
}
