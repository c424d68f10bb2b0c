//! Resolves references to movies in files of other sites.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::fold;
use crate::db::Connection;
use crate::schema::{movie_identifiers, movies};

const IMDB: &str = "imdb";

/// A reference to a movie, as found in a list of another site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MovieRef {
    pub title: String,
    pub year: Option<i16>,
    /// IMDb title identifier: `tt0089881`.
    pub imdb: Option<String>,
}

/// Resolves each reference to the id of a movie: by IMDb identifier, otherwise by title or original
/// title and year. As catalogs disagree about years, an adjacent year matches if it is unambiguous.
pub async fn find(conn: &mut Connection, references: &[MovieRef]) -> QueryResult<Vec<Option<i32>>> {
    let identifiers = references.iter().filter_map(|film| film.imdb.as_deref());
    let by_imdb: HashMap<String, i32> = movie_identifiers::table
        .filter(movie_identifiers::scheme.eq(IMDB))
        .filter(movie_identifiers::value.eq_any(identifiers.collect::<Vec<_>>()))
        .order(movie_identifiers::movie_id.desc())
        .select((movie_identifiers::value, movie_identifiers::movie_id))
        .load::<(String, i32)>(conn)
        .await?
        .into_iter()
        .collect();
    let keys: Vec<String> = references.iter().map(|film| fold::sort_title(&film.title)).collect();
    let by_title = movies::table
        .filter(movies::sort_title.eq_any(&keys))
        .select((movies::sort_title, movies::year, movies::id))
        .load(conn)
        .await?;
    let originals: Vec<&str> = references.iter().map(|film| film.title.as_str()).collect();
    let by_original = movies::table
        .filter(movies::original_title.assume_not_null().eq_any(originals))
        .select((movies::original_title.assume_not_null(), movies::year, movies::id))
        .load(conn)
        .await?;
    let (by_title, by_original) = (grouped(by_title), grouped(by_original));
    let found = references.iter().zip(&keys).map(|(film, key)| {
        let by_imdb = film.imdb.as_ref().and_then(|imdb| by_imdb.get(imdb)).copied();
        by_imdb
            .or_else(|| of_year(by_title.get(key)?, film.year))
            .or_else(|| of_year(by_original.get(&film.title)?, film.year))
    });
    Ok(found.collect())
}

/// Loads the IMDb identifiers of the movies with these ids.
pub async fn imdb(conn: &mut Connection, ids: &[i32]) -> QueryResult<HashMap<i32, String>> {
    let found = movie_identifiers::table
        .filter(movie_identifiers::scheme.eq(IMDB))
        .filter(movie_identifiers::movie_id.eq_any(ids))
        .select((movie_identifiers::movie_id, movie_identifiers::value))
        .load::<(i32, String)>(conn)
        .await?;
    Ok(found.into_iter().collect())
}

type Films = Vec<(Option<i16>, i32)>;

fn grouped(films: Vec<(String, Option<i16>, i32)>) -> HashMap<String, Films> {
    let mut groups: HashMap<String, Films> = HashMap::new();
    for (title, year, id) in films {
        groups.entry(title).or_default().push((year, id));
    }
    groups
}

/// Returns the movie of that year; of several, the one with the lowest id.
fn of_year(films: &Films, year: Option<i16>) -> Option<i32> {
    let Some(wanted) = year else { return only(films.iter()) };
    let exact = films.iter().filter(|(year, _)| *year == Some(wanted)).map(|(_, id)| *id).min();
    let near = |year: &Option<i16>| year.is_some_and(|year| year.abs_diff(wanted) == 1);
    exact.or_else(|| only(films.iter().filter(|(year, _)| near(year))))
}

fn only<'a>(mut films: impl Iterator<Item = &'a (Option<i16>, i32)>) -> Option<i32> {
    let (_, id) = films.next()?;
    films.next().is_none().then_some(*id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjacent_year_matches_if_unambiguous() {
        let films = vec![(Some(1950), 7), (Some(1950), 3), (Some(1961), 4), (None, 5)];
        assert_eq!(of_year(&films, Some(1950)), Some(3));
        assert_eq!(of_year(&films, Some(1960)), Some(4));
        assert_eq!(of_year(&films, Some(1951)), None);
        assert_eq!(of_year(&films, Some(1980)), None);
        assert_eq!(of_year(&films, None), None);
        assert_eq!(of_year(&films[3..].to_vec(), None), Some(5));
    }
}
