//! Recently viewed films.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::catalog::movies;
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::http::url;
use crate::web::visitor::{Mark, Visitor};

#[derive(Serialize)]
pub struct Viewed {
    id: i32,
    href: String,
    title: String,
    year: Option<i16>,
    viewed_at: Option<DateTime<Utc>>,
}

/// Loads the recently viewed films, the latest first.
pub async fn list(conn: &mut Connection, visitor: &Visitor) -> Result<Vec<Viewed>> {
    let viewed = visitor.marks().films(Mark::Viewed);
    let ids: Vec<i32> = viewed.iter().map(|(film, _)| *film).collect();
    let films = movies::with_ids(conn, &ids).await?;
    let viewed_at = |id| {
        let (_, seconds) = viewed.iter().find(|(film, _)| *film == id)?;
        DateTime::from_timestamp(*seconds, 0)
    };
    let films = films.into_iter().map(|film| Viewed {
        id: film.movie.id,
        href: url::movie(&film.movie.slug),
        viewed_at: viewed_at(film.movie.id),
        title: film.movie.title,
        year: film.movie.year,
    });
    Ok(films.collect())
}
