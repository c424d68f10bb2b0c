//! Which film of the catalogue a record means.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Nullable, SmallInt, Text};
use diesel_async::RunQueryDsl;

use super::record::Film;
use crate::catalog::fold::sort_title;
use crate::db::Connection;

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
            directors: film.directors.iter().map(|person| person.name.clone()).collect(),
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

/// Films of the catalogue that could be meant by these records, the oldest first: of two that fit,
/// the same one is found each time.
pub async fn candidates(
    conn: &mut Connection,
    films: &[Identity],
) -> QueryResult<impl Iterator<Item = (i32, Identity)>> {
    let statement = "WITH wanted AS (
            SELECT * FROM unnest($2, $3, $4) AS wanted (sort_title, title, year)),
        found AS (
            SELECT movie_id AS id FROM movie_identifiers WHERE value = ANY ($1)
            UNION SELECT id FROM wanted JOIN movies USING (sort_title, title, year)
            UNION SELECT id FROM wanted JOIN movies USING (sort_title, title)
                WHERE wanted.year IS NULL AND movies.year IS NULL)
        SELECT id, title, year,
            ARRAY(SELECT scheme FROM movie_identifiers WHERE movie_id = id ORDER BY scheme) AS schemes,
            ARRAY(SELECT value FROM movie_identifiers WHERE movie_id = id ORDER BY scheme) AS values,
            ARRAY(SELECT name FROM movie_directors JOIN directors ON directors.id = director_id
                WHERE movie_id = movies.id) AS directors
        FROM movies WHERE id = ANY (ARRAY(SELECT id FROM found)) ORDER BY id";
    let values = films.iter().flat_map(|film| film.identifiers.values().map(String::as_str));
    let (titles, years): (Vec<&str>, Vec<Option<i16>>) =
        films.iter().map(|film| (film.title.as_str(), film.year)).unzip();
    let sort_titles: Vec<String> = titles.iter().map(|title| sort_title(title)).collect();
    let found: Vec<Candidate> = sql_query(statement)
        .bind::<Array<Text>, _>(values.collect::<Vec<_>>())
        .bind::<Array<Text>, _>(sort_titles)
        .bind::<Array<Text>, _>(titles)
        .bind::<Array<Nullable<SmallInt>>, _>(years)
        .load(conn)
        .await?;
    Ok(found.into_iter().map(|film| {
        let identity = Identity {
            identifiers: film.schemes.into_iter().zip(film.values).collect(),
            title: film.title,
            year: film.year,
            directors: film.directors.into_iter().collect(),
        };
        (film.id, identity)
    }))
}

#[derive(QueryableByName)]
struct Candidate {
    #[diesel(sql_type = Integer)]
    id: i32,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Nullable<SmallInt>)]
    year: Option<i16>,
    #[diesel(sql_type = Array<Text>)]
    schemes: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    values: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    directors: Vec<String>,
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
