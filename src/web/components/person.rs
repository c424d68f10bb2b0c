//! A director in a list.

use std::collections::HashMap;

use serde::Serialize;

use crate::catalog::directors::{self, DirectorSummary};
use crate::catalog::index::FoundDirector;
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::http::url;

#[derive(Serialize)]
pub struct Person {
    href: String,
    slug: String,
    name: String,
    life: Life,
    films: usize,
    /// The first letter of the name in a list sorted by name, where it differs from the person
    /// before.
    pub initial: Option<String>,
}

impl Person {
    /// Makes a list; one sorted by name gets initials.
    pub fn list(people: Vec<(DirectorSummary, usize)>, by_name: bool) -> Vec<Self> {
        let mut last = None;
        let person = |(director, films): (DirectorSummary, usize)| {
            let initial = director.sort_name.chars().next().filter(|_| by_name);
            let initial = initial.filter(|initial| last.replace(*initial) != Some(*initial));
            let initial = initial.map(|initial| initial.to_uppercase().collect());
            Self { initial, ..Self::new((director, films)) }
        };
        people.into_iter().map(person).collect()
    }

    fn new((director, films): (DirectorSummary, usize)) -> Self {
        Self {
            href: url::director(&director.slug),
            life: Life::new(&director),
            films,
            initial: None,
            name: director.name,
            slug: director.slug,
        }
    }
}

/// Loads the names of directors, in the given order, with the number of their films.
pub async fn with_names(
    conn: &mut Connection,
    found: Vec<FoundDirector>,
) -> Result<Vec<(DirectorSummary, usize)>> {
    let ids: Vec<i32> = found.iter().map(|director| director.id).collect();
    let mut listed: HashMap<i32, DirectorSummary> =
        directors::with_ids(conn, &ids).await?.into_iter().map(|one| (one.id, one)).collect();
    Ok(found.iter().filter_map(|one| Some((listed.remove(&one.id)?, one.movies))).collect())
}

/// When a person lived and where, as far as it is known.
#[derive(Debug, Serialize)]
pub struct Life {
    pub born: Option<i16>,
    pub died: Option<i16>,
    pub country: Option<String>,
}

impl Life {
    pub fn new(director: &DirectorSummary) -> Self {
        let DirectorSummary { born, died, country, .. } = director;
        Self { born: *born, died: *died, country: country.clone() }
    }
}
