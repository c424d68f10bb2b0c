//! The films that a visitor opened last.

use serde::Serialize;

use crate::catalog::movies;
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::http::url;
use crate::web::render::format::moment;
use crate::web::visitor::{Mark, Visitor};

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
        href: url::movie(&film.movie.slug),
        when: when(film.movie.id).unwrap_or_default(),
        title: film.movie.title,
        year: film.movie.year,
    });
    Ok(films.collect())
}
