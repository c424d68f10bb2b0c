//! A random film of a list.

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};

use crate::catalog::movies;
use crate::catalog::read_pool::ReadPool;
use crate::web::error::Result;
use crate::web::http::cache_policy::CachePolicy;
use crate::web::http::url;
use crate::web::movie_query::MovieQuery;
use crate::web::movie_query::parameters::{CRITERIA, VIEW};
use crate::web::render::renderer::PageRequest;

/// Redirects to a random film of the list with the same query, or to the list if it is empty.
pub async fn show(page: PageRequest, reads: web::Data<ReadPool>) -> Result<HttpResponse> {
    let context = page.context(&[&CRITERIA, &VIEW]);
    let conn = &mut reads.get().await?;
    let movie_query = MovieQuery::parse(conn, &context.index, &context.query, None).await?;
    let filter = movie_query.filter(context.hidden.ids().to_vec());
    let mut target = movie_query.url();
    if let Some(id) = context.index.select(&filter).random(&mut rand::rng())
        && let Some(slug) = movies::slug(conn, id).await?
    {
        target = url::movie(&slug);
    }
    let mut response = HttpResponse::SeeOther();
    Ok(response.insert_header((LOCATION, target)).insert_header(CachePolicy::NoStore).finish())
}
