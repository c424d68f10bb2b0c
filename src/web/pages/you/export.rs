//! Exports all data stored about the visitor as JSON. Films are identified by slug, title, year and
//! identifiers, as the numbers of films differ between databases.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalog::lookup::{self, MovieRef};
use crate::catalog::read_pool::ReadPool;
use crate::db::Connection;
use crate::sessions::Data;
use crate::web::error::Result;
use crate::web::http::cache_policy::CachePolicy;
use crate::web::visitor::{Kind, Mark, Visitor};

/// The key of the films in an export. The other keys are those of the session.
pub const FILMS: &str = "films";

/// A film with its marks.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ExportedFilm {
    #[serde(flatten)]
    pub film: MovieRef,
    #[serde(default, flatten)]
    pub marks: BTreeMap<String, Value>,
}

impl ExportedFilm {
    /// Returns the valid marks.
    pub fn marks(&self) -> impl Iterator<Item = (Mark, i64)> {
        Mark::ALL.into_iter().filter_map(|mark| {
            // Any number makes a valid key.
            let (mark, _, value) = Mark::parse(&mark.key(1), self.marks.get(mark.name())?)?;
            Some((mark, value))
        })
    }
}

/// Exports all stored values as a JSON object.
pub async fn export(reads: web::Data<ReadPool>, visitor: Visitor) -> Result<HttpResponse> {
    visitor.require_session()?;
    let conn = &mut reads.get().await?;
    let record = named(conn, visitor.record()).await?;
    Ok(HttpResponse::Ok()
        .insert_header(CachePolicy::PrivateNoStore)
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"marquee.json\""))
        .json(record))
}

/// Replaces marks on numbers of films by films with marks. Films that are no longer in the catalog keep
/// their numbers.
async fn named(conn: &mut Connection, record: Data) -> Result<Data> {
    let ids: BTreeSet<i32> = record
        .iter()
        .filter_map(|(key, value)| match Kind::of(key, value) {
            Kind::Mark(_, movie, _) => Some(movie),
            _ => None,
        })
        .collect();
    let ids: Vec<i32> = ids.into_iter().collect();
    let mut films: BTreeMap<i32, ExportedFilm> = lookup::references(conn, &ids)
        .await?
        .into_iter()
        .map(|(id, film)| (id, ExportedFilm { film, marks: BTreeMap::new() }))
        .collect();
    let mut named = Data::new();
    for (key, value) in record {
        let mark = match Kind::of(&key, &value) {
            Kind::Mark(mark, movie, _) => films.get_mut(&movie).map(|film| (film, mark)),
            _ => None,
        };
        match mark {
            Some((film, mark)) => _ = film.marks.insert(mark.name().to_owned(), value),
            None => _ = named.insert(key, value),
        }
    }
    if !films.is_empty() {
        let films: Vec<ExportedFilm> = films.into_values().collect();
        let films = serde_json::to_value(films).map_err(anyhow::Error::from)?;
        named.insert(FILMS.to_owned(), films);
    }
    Ok(named)
}
