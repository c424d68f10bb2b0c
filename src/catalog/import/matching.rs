//! Which film of the catalogue a record means.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::record::Film;
use crate::catalog::directors;
use crate::db::Connection;
use crate::schema::{movie_identifiers, movies};

/// What identifies a film.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// By scheme.
    pub identifiers: HashMap<String, String>,
    pub title: String,
    pub year: Option<i16>,
    pub directors: HashSet<String>,
}

/// Schemes from the most to the least trustworthy: a re-edit has a Wikidata item of its own but
/// often shares the IMDb number, and one article may tell of two films.
const SCHEMES: [&str; 7] = ["wikidata", "imdb", "tmdb", "movielens", "omdb", "wikipedia", "id"];

impl Identity {
    pub fn of(film: &Film) -> Self {
        Self {
            identifiers: film
                .identifiers
                .iter()
                .map(|(s, v)| ((*s).to_owned(), v.clone()))
                .collect(),
            title: film.title.clone(),
            year: film.year,
            directors: film.directors.iter().cloned().collect(),
        }
    }

    /// The most trustworthy scheme that both have decides; without one, title, year and
    /// directors together.
    pub fn is(&self, other: &Self) -> bool {
        for scheme in SCHEMES {
            if let (Some(a), Some(b)) =
                (self.identifiers.get(scheme), other.identifiers.get(scheme))
            {
                return a == b;
            }
        }
        self.title == other.title && self.year == other.year && self.directors == other.directors
    }
}

/// Films of the catalogue that could be meant by these records.
pub async fn candidates(
    conn: &mut Connection,
    films: &[Identity],
) -> anyhow::Result<Vec<(i32, Identity)>> {
    let values: Vec<&str> =
        films.iter().flat_map(|film| film.identifiers.values()).map(String::as_str).collect();
    let mut ids: HashSet<i32> = movie_identifiers::table
        .filter(movie_identifiers::value.eq_any(&values))
        .select(movie_identifiers::movie_id)
        .load::<i32>(conn)
        .await?
        .into_iter()
        .collect();
    let titles: HashSet<&str> = films.iter().map(|film| film.title.as_str()).collect();
    let same_title = movies::table.filter(movies::title.eq_any(titles)).select(movies::id);
    ids.extend(same_title.load::<i32>(conn).await?);

    let ids: Vec<i32> = ids.into_iter().collect();
    let mut found: HashMap<i32, Identity> = movies::table
        .filter(movies::id.eq_any(&ids))
        .select((movies::id, movies::title, movies::year))
        .load::<(i32, String, Option<i16>)>(conn)
        .await?
        .into_iter()
        .map(|(id, title, year)| (id, Identity { title, year, ..Identity::default() }))
        .collect();
    let identifiers = movie_identifiers::table
        .filter(movie_identifiers::movie_id.eq_any(&ids))
        .select((movie_identifiers::movie_id, movie_identifiers::scheme, movie_identifiers::value))
        .load::<(i32, String, String)>(conn)
        .await?;
    for (id, scheme, value) in identifiers {
        found.entry(id).or_default().identifiers.insert(scheme, value);
    }
    for (id, credits) in directors::credits(conn, &ids).await? {
        found.entry(id).or_default().directors = credits.into_iter().map(|c| c.name).collect();
    }
    // The oldest film first: of two that fit, the same one is found each time.
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_unstable_by_key(|(id, _)| *id);
    Ok(found)
}

/// Finds a film among many by any of its identifiers or its title.
#[derive(Default)]
pub struct Index {
    films: Vec<(i32, Identity)>,
    by_mark: HashMap<String, Vec<usize>>,
}

impl Index {
    pub fn add(&mut self, id: i32, film: Identity) {
        for mark in Self::marks(&film) {
            self.by_mark.entry(mark).or_default().push(self.films.len());
        }
        self.films.push((id, film));
    }

    /// The film that `wanted` is; one that shares a trustworthy scheme before one alike by name.
    pub fn find(&self, wanted: &Identity) -> Option<i32> {
        let alike = |mark: &String| self.by_mark.get(mark).into_iter().flatten();
        let marks = Self::marks(wanted);
        let films = marks.iter().flat_map(alike).map(|index| &self.films[*index]);
        films.into_iter().find(|(_, film)| wanted.is(film)).map(|(id, _)| *id)
    }

    fn marks(film: &Identity) -> Vec<String> {
        let by_scheme = SCHEMES.iter().filter_map(|scheme| {
            film.identifiers.get(*scheme).map(|value| format!("{scheme}:{value}"))
        });
        by_scheme.chain([format!("title:{}", film.title)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(title: &str, identifiers: &[(&str, &str)]) -> Identity {
        Identity {
            title: title.to_owned(),
            identifiers: identifiers.iter().map(|(s, v)| ((*s).into(), (*v).into())).collect(),
            ..Identity::default()
        }
    }

    #[test]
    fn the_most_trustworthy_common_scheme_decides() {
        let one = film("A", &[("wikidata", "Q1"), ("imdb", "tt1")]);
        assert!(one.is(&film("B", &[("wikidata", "Q1")])));
        assert!(!one.is(&film("A", &[("wikidata", "Q2"), ("imdb", "tt1")])));
        assert!(one.is(&film("B", &[("imdb", "tt1")])));
        assert!(one.is(&film("A", &[])));
        assert!(!one.is(&film("B", &[])));
    }

    #[test]
    fn an_index_finds_what_is_meant() {
        let mut index = Index::default();
        index.add(1, film("Chaos", &[("wikidata", "Q1")]));
        index.add(2, film("Chaos", &[("wikidata", "Q2")]));
        index.add(3, film("Other", &[]));
        assert_eq!(index.find(&film("Chaos", &[("wikidata", "Q2")])), Some(2));
        assert_eq!(index.find(&film("Chaos", &[("wikidata", "Q3")])), None);
        assert_eq!(index.find(&film("Chaos", &[])), Some(1));
        assert_eq!(index.find(&film("Other", &[("imdb", "tt3")])), Some(3));
    }
}
