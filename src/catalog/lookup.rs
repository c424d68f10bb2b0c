//! Finding the films that another site's list means.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::fold;
use crate::db::Connection;
use crate::schema::{movie_identifiers, movies};

const IMDB: &str = "imdb";

/// A film as another site names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    pub title: String,
    pub year: Option<i16>,
    /// `tt0089881`
    pub imdb: Option<String>,
}

/// The id of each film that the catalogue has: by its IMDb identifier, else by title or original
/// title and year. Catalogues disagree about years: where none fits, the next one or the one
/// before will do, if only one film has it.
pub async fn find(conn: &mut Connection, wanted: &[Wanted]) -> QueryResult<Vec<Option<i32>>> {
    let identifiers = wanted.iter().filter_map(|film| film.imdb.as_deref());
    let by_imdb: HashMap<String, i32> = movie_identifiers::table
        .filter(movie_identifiers::scheme.eq(IMDB))
        .filter(movie_identifiers::value.eq_any(identifiers.collect::<Vec<_>>()))
        .order(movie_identifiers::movie_id.desc())
        .select((movie_identifiers::value, movie_identifiers::movie_id))
        .load::<(String, i32)>(conn)
        .await?
        .into_iter()
        .collect();
    let keys: Vec<String> = wanted.iter().map(|film| fold::sort_title(&film.title)).collect();
    let by_title = movies::table
        .filter(movies::sort_title.eq_any(&keys))
        .select((movies::sort_title, movies::year, movies::id))
        .load(conn)
        .await?;
    let originals: Vec<&str> = wanted.iter().map(|film| film.title.as_str()).collect();
    let by_original = movies::table
        .filter(movies::original_title.assume_not_null().eq_any(originals))
        .select((movies::original_title.assume_not_null(), movies::year, movies::id))
        .load(conn)
        .await?;
    let (by_title, by_original) = (grouped(by_title), grouped(by_original));
    let found = wanted.iter().zip(&keys).map(|(film, key)| {
        let by_imdb = film.imdb.as_ref().and_then(|imdb| by_imdb.get(imdb)).copied();
        by_imdb
            .or_else(|| of_year(by_title.get(key)?, film.year))
            .or_else(|| of_year(by_original.get(&film.title)?, film.year))
    });
    Ok(found.collect())
}

/// The IMDb identifiers of these films.
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

/// Of two films with the same title and year the one that was there first.
fn of_year(films: &Films, wanted: Option<i16>) -> Option<i32> {
    let Some(wanted) = wanted else { return only(films.iter()) };
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
    fn a_year_may_be_off_by_one_where_that_leaves_no_doubt() {
        let films = vec![(Some(1950), 7), (Some(1950), 3), (Some(1961), 4), (None, 5)];
        assert_eq!(of_year(&films, Some(1950)), Some(3));
        assert_eq!(of_year(&films, Some(1960)), Some(4));
        assert_eq!(of_year(&films, Some(1951)), None);
        assert_eq!(of_year(&films, Some(1980)), None);
        assert_eq!(of_year(&films, None), None);
        assert_eq!(of_year(&films[3..].to_vec(), None), Some(5));
    }
}
