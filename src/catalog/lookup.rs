//! Resolves references to movies in files of other sites, and names movies for such files.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::fold::{fold, sort_title};
use super::record::Scheme;
use crate::db::Connection;
use crate::schema::{movie_identifiers, movies};

/// Schemes of identifiers that other sites export.
const SCHEMES: [Scheme; 3] = [Scheme::Imdb, Scheme::Wikidata, Scheme::Tmdb];

/// A reference to a movie, as found in a file of another site or in a visitor's export.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct MovieRef {
    /// Used only if the title agrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imdb: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wikidata: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tmdb: Option<String>,
}

/// The movies that a reference may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    None,
    One(i32),
    Several(Vec<i32>),
}

impl MovieRef {
    fn identifiers(&self) -> impl Iterator<Item = (Scheme, &str)> {
        let values = [&self.imdb, &self.wikidata, &self.tmdb];
        SCHEMES
            .into_iter()
            .zip(values)
            .filter_map(|(scheme, value)| Some((scheme, value.as_deref()?)))
    }
}

/// A movie that a reference may mean.
struct Candidate {
    id: i32,
    title: String,
    original_title: Option<String>,
    year: Option<i16>,
}

/// Resolves each reference: by identifier, by slug if the title agrees, otherwise by title or original
/// title and year, ignoring case and accents. As catalogs disagree about years, an adjacent year matches
/// if it is unambiguous. Equal references are looked up once.
pub async fn find(conn: &mut Connection, references: &[MovieRef]) -> QueryResult<Vec<Resolved>> {
    let wanted: HashSet<&MovieRef> = references.iter().collect();
    let identified = by_identifier(conn, &wanted).await?;
    let slugs: Vec<&str> = wanted.iter().filter_map(|film| film.slug.as_deref()).collect();
    let keys: HashSet<String> = wanted.iter().map(|film| sort_title(&film.title)).collect();
    let columns = (movies::id, movies::slug, movies::title, movies::original_title, movies::year);
    let named = movies::table
        .filter(movies::sort_title.eq_any(&keys).or(movies::slug.eq_any(slugs)))
        .select(columns)
        .load(conn)
        .await?;
    let mut candidates = Candidates::default();
    candidates.add(named);
    let mut found: HashMap<&MovieRef, Resolved> = HashMap::new();
    for film in &wanted {
        let resolved = match identified_by(film, &identified) {
            Some(id) => Resolved::One(id),
            None => candidates.resolve(film),
        };
        found.insert(*film, resolved);
    }
    // Folded original titles have no index: all of them are read, once.
    if found.values().any(|resolved| *resolved == Resolved::None) {
        let originals = movies::table
            .filter(movies::original_title.is_not_null())
            .select(columns)
            .load(conn)
            .await?;
        let mut candidates = Candidates::default();
        candidates.add(originals);
        for (film, resolved) in &mut found {
            if *resolved == Resolved::None {
                *resolved = candidates.resolve(film);
            }
        }
    }
    Ok(references.iter().map(|film| found[film].clone()).collect())
}

fn identified_by(film: &MovieRef, identified: &HashMap<(String, String), i32>) -> Option<i32> {
    film.identifiers().find_map(|(scheme, value)| {
        identified.get(&(scheme.name().to_owned(), value.to_owned())).copied()
    })
}

/// Loads the movies with these identifiers; of several with the same one, the oldest.
async fn by_identifier(
    conn: &mut Connection,
    references: &HashSet<&MovieRef>,
) -> QueryResult<HashMap<(String, String), i32>> {
    let values = references.iter().flat_map(|film| film.identifiers().map(|(_, value)| value));
    let rows: Vec<(String, String, i32)> = movie_identifiers::table
        .filter(movie_identifiers::value.eq_any(values.collect::<Vec<_>>()))
        .order(movie_identifiers::movie_id.desc())
        .select((movie_identifiers::scheme, movie_identifiers::value, movie_identifiers::movie_id))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|(scheme, value, id)| ((scheme, value), id)).collect())
}

#[derive(Default)]
struct Candidates {
    by_title: HashMap<String, Vec<usize>>,
    by_slug: HashMap<String, usize>,
    all: Vec<Candidate>,
}

type Row = (i32, String, String, Option<String>, Option<i16>);

impl Candidates {
    fn add(&mut self, rows: Vec<Row>) {
        for (id, slug, title, original_title, year) in rows {
            let position = self.all.len();
            let titles = [Some(&title), original_title.as_ref()];
            let keys: HashSet<String> =
                titles.into_iter().flatten().map(|title| sort_title(title)).collect();
            for key in keys {
                self.by_title.entry(key).or_default().push(position);
            }
            self.by_slug.insert(slug, position);
            self.all.push(Candidate { id, title, original_title, year });
        }
    }

    fn resolve(&self, film: &MovieRef) -> Resolved {
        let slug = film.slug.as_ref().and_then(|slug| self.by_slug.get(slug));
        if let Some(candidate) = slug.map(|position| &self.all[*position])
            && candidate.has_title(&film.title)
        {
            return Resolved::One(candidate.id);
        }
        let positions = self.by_title.get(&sort_title(&film.title)).map_or(&[][..], Vec::as_slice);
        let named: Vec<&Candidate> =
            positions.iter().map(|position| &self.all[*position]).collect();
        of_year(&named, film.year)
    }
}

impl Candidate {
    fn has_title(&self, title: &str) -> bool {
        let folded = fold(title);
        let titles = [Some(&self.title), self.original_title.as_ref()];
        titles.into_iter().flatten().any(|own| fold(own) == folded)
    }
}

fn of_year(films: &[&Candidate], wanted: Option<i16>) -> Resolved {
    let ids = |films: Vec<&&Candidate>| match films.as_slice() {
        [] => Resolved::None,
        [film] => Resolved::One(film.id),
        films => Resolved::Several(films.iter().map(|film| film.id).collect()),
    };
    let Some(wanted) = wanted else { return ids(films.iter().collect()) };
    let exact: Vec<&&Candidate> = films.iter().filter(|film| film.year == Some(wanted)).collect();
    if !exact.is_empty() {
        return ids(exact);
    }
    let is_near = |year: Option<i16>| year.is_some_and(|year| year.abs_diff(wanted) == 1);
    ids(films.iter().filter(|film| is_near(film.year)).collect())
}

/// Loads references to the movies with these ids, by which another catalog can resolve them.
pub async fn references(
    conn: &mut Connection,
    ids: &[i32],
) -> QueryResult<BTreeMap<i32, MovieRef>> {
    let rows: Vec<(i32, String, String, Option<i16>)> = movies::table
        .filter(movies::id.eq_any(ids))
        .select((movies::id, movies::slug, movies::title, movies::year))
        .load(conn)
        .await?;
    let mut references: BTreeMap<i32, MovieRef> = rows
        .into_iter()
        .map(|(id, slug, title, year)| {
            (id, MovieRef { slug: Some(slug), title, year, ..MovieRef::default() })
        })
        .collect();
    for scheme in SCHEMES {
        for (id, value) in identifiers(conn, scheme, ids).await? {
            let Some(film) = references.get_mut(&id) else { continue };
            match scheme {
                Scheme::Imdb => film.imdb = Some(value),
                Scheme::Wikidata => film.wikidata = Some(value),
                _ => film.tmdb = Some(value),
            }
        }
    }
    Ok(references)
}

/// Loads the IMDb identifiers of the movies with these ids.
pub async fn imdb(conn: &mut Connection, ids: &[i32]) -> QueryResult<HashMap<i32, String>> {
    identifiers(conn, Scheme::Imdb, ids).await
}

async fn identifiers(
    conn: &mut Connection,
    scheme: Scheme,
    ids: &[i32],
) -> QueryResult<HashMap<i32, String>> {
    let found = movie_identifiers::table
        .filter(movie_identifiers::scheme.eq(scheme.name()))
        .filter(movie_identifiers::movie_id.eq_any(ids))
        .select((movie_identifiers::movie_id, movie_identifiers::value))
        .load::<(i32, String)>(conn)
        .await?;
    Ok(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(films: &[(i32, &str, &str, Option<i16>)]) -> Candidates {
        let mut candidates = Candidates::default();
        candidates.add(
            films
                .iter()
                .map(|(id, slug, title, year)| (*id, (*slug).into(), (*title).into(), None, *year))
                .collect(),
        );
        candidates
    }

    fn film(title: &str, year: Option<i16>) -> MovieRef {
        MovieRef { title: title.to_owned(), year, ..MovieRef::default() }
    }

    #[test]
    fn adjacent_year_matches_if_unambiguous() {
        let films = [
            (7, "a", "Dawn", Some(1950)),
            (3, "b", "Dawn", Some(1950)),
            (4, "c", "Dawn", Some(1961)),
            (5, "d", "Dawn", None),
        ];
        let found = |year| candidates(&films).resolve(&film("The dawn", year));
        assert_eq!(found(Some(1950)), Resolved::Several(vec![7, 3]));
        assert_eq!(found(Some(1960)), Resolved::One(4));
        assert_eq!(found(Some(1951)), Resolved::Several(vec![7, 3]));
        assert_eq!(found(Some(1980)), Resolved::None);
        assert_eq!(found(None), Resolved::Several(vec![7, 3, 4, 5]));
    }

    #[test]
    fn slug_matches_only_if_the_title_agrees() {
        let films = [(1, "dawn", "Dawn", Some(1950)), (2, "other", "Other", Some(1951))];
        let found = |slug: &str, title: &str, year| {
            let film = MovieRef { slug: Some(slug.to_owned()), ..film(title, year) };
            candidates(&films).resolve(&film)
        };
        assert_eq!(found("dawn", "Dawn", Some(1999)), Resolved::One(1));
        assert_eq!(found("dawn", "Other", Some(1951)), Resolved::One(2));
        assert_eq!(found("dawn", "Third", None), Resolved::None);
    }
}
