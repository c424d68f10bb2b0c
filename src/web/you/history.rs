//! The films that a visitor opened last.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::moment;
use crate::catalog::movies;
use crate::db::Connection;
use crate::web::query::Query;
use crate::web::visitor::{Mark, Visitor};
use crate::web::{Result, address, redirect};

#[derive(Serialize)]
pub struct Viewed {
    id: i32,
    href: String,
    title: String,
    year: Option<i16>,
    when: String,
}

/// The last first.
pub async fn list(conn: &mut Connection, visitor: &Visitor) -> Result<Vec<Viewed>> {
    let viewed = visitor.marks().films(Mark::Viewed);
    let ids: Vec<i32> = viewed.iter().map(|(film, _)| *film).collect();
    let films = movies::with_ids(conn, &ids).await?;
    let when = |id| viewed.iter().find(|(film, _)| *film == id).map(|(_, at)| moment(*at));
    let films = films.into_iter().map(|film| Viewed {
        id: film.movie.id,
        href: address::movie(&film.movie.slug),
        when: when(film.movie.id).unwrap_or_default(),
        title: film.movie.title,
        year: film.movie.year,
    });
    Ok(films.collect())
}

/// Forgets that `film` was opened, or every film when there is none.
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
