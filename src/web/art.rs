//! A film's generated poster as a file.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

use super::address::Slug;
use super::card;
use super::{Error, Result, Site};
use crate::catalog::movies;

pub async fn poster(site: web::Data<Site>, slug: Slug) -> Result<HttpResponse> {
    let conn = &mut site.pool.get().await?;
    let film = movies::find(conn, &slug.0).await?.ok_or(Error::NotFound)?;
    let directors: Vec<&str> = film.directors.iter().map(|credit| credit.name.as_str()).collect();
    let by = (!directors.is_empty()).then(|| directors.join(", "));
    let svg = card::poster(&film).file_svg(&film.movie.title, film.movie.year, by.as_deref());
    // An SVG opened by itself is a document: it may do nothing but draw.
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/svg+xml"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .insert_header((CACHE_CONTROL, "public, max-age=86400"))
        .body(svg))
}
