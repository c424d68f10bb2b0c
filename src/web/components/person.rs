//! A director in a list.

use std::collections::HashMap;

use serde::Serialize;

use crate::catalog::directors::{self, DirectorSummary};
use crate::catalog::index::FoundDirector;
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::http::url;
use crate::web::render::format::counted;

#[derive(Serialize)]
pub struct Person {
    href: String,
    slug: String,
    name: String,
    /// "1910–1998, Japan"
    life: String,
    films: String,
}

impl Person {
    pub fn new((director, films): (DirectorSummary, usize)) -> Self {
        Self {
            href: url::director(&director.slug),
            life: life(director.born, director.died, director.country.as_deref()),
            films: counted(i64::try_from(films).unwrap_or(i64::MAX), "film"),
            name: director.name,
            slug: director.slug,
        }
    }
}

/// Directors with the number of their films, in the order in which they were found.
pub async fn with_names(
    conn: &mut Connection,
    found: Vec<FoundDirector>,
) -> Result<Vec<(DirectorSummary, usize)>> {
    let ids: Vec<i32> = found.iter().map(|director| director.id).collect();
    let mut listed: HashMap<i32, DirectorSummary> =
        directors::with_ids(conn, &ids).await?.into_iter().map(|one| (one.id, one)).collect();
    Ok(found.iter().filter_map(|one| Some((listed.remove(&one.id)?, one.films))).collect())
}

/// "1910–1998, Japan"; what is not known is left out.
pub fn life(born: Option<i16>, died: Option<i16>, country: Option<&str>) -> String {
    let years = match (born, died) {
        (Some(born), Some(died)) => Some(format!("{born}–{died}")),
        (Some(born), None) => Some(format!("born {born}")),
        (None, Some(died)) => Some(format!("died {died}")),
        (None, None) => None,
    };
    let parts: Vec<&str> = years.as_deref().into_iter().chain(country).collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_told_as_far_as_it_is_known() {
        assert_eq!(life(Some(1910), Some(1998), Some("Japan")), "1910–1998, Japan");
        assert_eq!(life(Some(1954), None, None), "born 1954");
        assert_eq!(life(None, None, None), "");
    }
}
