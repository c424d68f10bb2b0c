//! A person in a list.

use std::collections::HashMap;

use serde::Serialize;

use crate::catalog::index::FoundPerson;
use crate::catalog::people::{self, PersonSummary};
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
    pub fn list(people: Vec<(PersonSummary, FoundPerson)>, by_name: bool) -> Vec<Self> {
        let mut last = None;
        let person = |(person, found): (PersonSummary, FoundPerson)| {
            let initial = person.sort_name.chars().next().filter(|_| by_name);
            let initial = initial.filter(|initial| last.replace(*initial) != Some(*initial));
            let initial = initial.map(|initial| initial.to_uppercase().collect());
            Self { initial, ..Self::new(person, &found) }
        };
        people.into_iter().map(person).collect()
    }

    fn new(person: PersonSummary, found: &FoundPerson) -> Self {
        Self {
            href: url::person(found.role, &person.slug),
            life: Life::new(&person),
            films: found.movies,
            initial: None,
            name: person.name,
            slug: person.slug,
        }
    }
}

/// Loads the names of people, in the given order.
pub async fn with_names(
    conn: &mut Connection,
    found: Vec<FoundPerson>,
) -> Result<Vec<(PersonSummary, FoundPerson)>> {
    let ids: Vec<i32> = found.iter().map(|person| person.id).collect();
    let mut listed: HashMap<i32, PersonSummary> =
        people::with_ids(conn, &ids).await?.into_iter().map(|one| (one.id, one)).collect();
    Ok(found.into_iter().filter_map(|one| Some((listed.remove(&one.id)?, one))).collect())
}

/// When a person lived and where, as far as it is known.
#[derive(Debug, Serialize)]
pub struct Life {
    pub born: Option<i16>,
    pub died: Option<i16>,
    pub country: Option<String>,
}

impl Life {
    pub fn new(person: &PersonSummary) -> Self {
        let PersonSummary { born, died, country, .. } = person;
        Self { born: *born, died: *died, country: country.clone() }
    }
}
