//! A random film of a list.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::catalog::movies;
use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::http::{redirect, url};
use crate::web::movie_query::criteria::Narrowing;
use crate::web::movie_query::hidden;
use crate::web::state::Site;
use crate::web::visitor::Visitor;

/// Redirects to a random film of the list with the same query, or to the list if it is empty.
pub async fn show(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    let query = Query::parse(request.query_string().as_bytes());
    let index = site.catalog.current();
    let conn = &mut site.pool.get().await?;
    let narrowing = Narrowing::read(conn, &index, &query, None).await?;
    let filter = narrowing.filter(hidden::films(&visitor, &query));
    let mut target = narrowing.address();
    if let Some(id) = index.select(&filter).random(&mut rand::rng())
        && let Some(slug) = movies::slug(conn, id).await?
    {
        target = url::movie(&slug);
    }
    let mut response = redirect::to(&target);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
