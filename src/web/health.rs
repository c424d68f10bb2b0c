//! For the operator's monitoring: neither touches a session.

use actix_web::{HttpResponse, web};

use super::{Result, Site};
use crate::catalog::movies;

/// The program runs.
pub async fn alive() -> HttpResponse {
    answer("alive\n")
}

/// The program can serve pages: the database answers and has the tables.
pub async fn ready(site: web::Data<Site>) -> Result<HttpResponse> {
    let conn = &mut site.pool.get().await?;
    movies::find(conn, "").await?;
    Ok(answer("ready\n"))
}

fn answer(text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(text)
}
