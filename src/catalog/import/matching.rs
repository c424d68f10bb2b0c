//! The movie of the catalogue that a record is about. `docs/import.md` states the rules.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Nullable, SmallInt, Text};
use diesel_async::RunQueryDsl;

use super::source::FILE_LIST;
use crate::catalog::fold::sort_title;
use crate::catalog::record::{MovieRecord, Patch, Scheme};
use crate::db::Connection;

/// The facts that identify a movie.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    pub slug: Option<String>,
    /// On other sites.
    pub identifiers: BTreeMap<Scheme, String>,
    /// By the name of the list.
    pub list_ids: BTreeMap<String, String>,
    pub title: String,
    pub year: Option<i16>,
    pub directors: HashSet<String>,
}

/// The result of a search for one movie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    None,
    One(i32),
    /// Title and year fit several movies, and no director decides.
    Several,
}

/// How well two identities fit, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Identifier,
    Slug,
    SameDirectors,
    CommonDirector,
    /// Title and year alone, as one of the two names no director.
    TitleAndYear,
}

const LIST_PREFIX: &str = "id:";

/// Returns the scheme under which the identifier of a list is stored.
pub fn list_scheme(list: &str) -> String {
    format!("{LIST_PREFIX}{list}")
}

/// Returns the list of a stored scheme. Before lists had names, all shared one scheme.
pub fn list_of_scheme(scheme: &str) -> Option<&str> {
    match scheme {
        "id" => Some("earlier imports"),
        scheme => scheme.strip_prefix(LIST_PREFIX),
    }
}

impl Identity {
    pub fn of(record: &MovieRecord) -> Self {
        let identifiers = record.identifiers.iter();
        Self {
            slug: record.slug.clone(),
            identifiers: identifiers
                .filter_map(|(scheme, value)| Some((*scheme, value.as_set()?.clone())))
                .collect(),
            list_ids: record.list_ids.clone(),
            title: record.title.clone(),
            year: record.year.as_set().copied(),
            directors: match &record.directors {
                Patch::Set(people) => people.iter().map(|person| person.name.clone()).collect(),
                Patch::Keep | Patch::Clear => HashSet::new(),
            },
        }
    }

    /// Whether nothing but the title identifies the movie.
    pub fn is_only_title(&self) -> bool {
        self.year.is_none()
            && self.directors.is_empty()
            && self.identifiers.is_empty()
            && self.list_ids.is_empty()
    }

    fn fit(&self, other: &Self) -> Option<Fit> {
        for scheme in Scheme::ALL {
            let both = self.identifiers.get(&scheme).zip(other.identifiers.get(&scheme));
            if let Some((one, another)) = both {
                return (one == another).then_some(Fit::Identifier);
            }
        }
        let common = !self.directors.is_disjoint(&other.directors);
        for (list, id) in &self.list_ids {
            let Some(other_id) = other.list_ids.get(list) else { continue };
            let is_named = !list.starts_with(FILE_LIST);
            let agrees = self.title == other.title || (self.year == other.year && common);
            match id == other_id {
                true if is_named || agrees => return Some(Fit::Identifier),
                false if is_named || (self.year.is_none() && other.year.is_none()) => return None,
                _ => {}
            }
        }
        if self.slug.is_some() && self.slug == other.slug {
            return Some(Fit::Slug);
        }
        if self.title != other.title || self.year != other.year {
            return None;
        }
        if self.directors == other.directors {
            Some(Fit::SameDirectors)
        } else if common {
            Some(Fit::CommonDirector)
        } else if self.directors.is_empty() || other.directors.is_empty() {
            self.year.map(|_| Fit::TitleAndYear)
        } else {
            None
        }
    }
}

/// Loads the movies that these records may be about, the oldest first: of two that fit, the same one is
/// found each time.
pub async fn candidates(
    conn: &mut Connection,
    records: &[Identity],
) -> QueryResult<impl Iterator<Item = (i32, Identity)>> {
    let statement = "WITH wanted AS (
            SELECT * FROM unnest($2, $3, $4) AS wanted (sort_title, title, year)),
        found AS (
            SELECT movie_id AS id FROM movie_identifiers WHERE value = ANY ($1)
            UNION SELECT id FROM movies WHERE slug = ANY ($5)
            UNION SELECT id FROM wanted JOIN movies USING (sort_title, title, year)
            UNION SELECT id FROM wanted JOIN movies USING (sort_title, title)
                WHERE wanted.year IS NULL AND movies.year IS NULL)
        SELECT id, slug, title, year,
            ARRAY(SELECT scheme FROM movie_identifiers WHERE movie_id = id ORDER BY scheme) AS schemes,
            ARRAY(SELECT value FROM movie_identifiers WHERE movie_id = id ORDER BY scheme) AS values,
            ARRAY(SELECT name FROM credits JOIN people ON people.id = person_id
                WHERE movie_id = movies.id AND role = 'director') AS directors
        FROM movies WHERE id = ANY (ARRAY(SELECT id FROM found)) ORDER BY id";
    let values = records.iter().flat_map(|record| {
        record.identifiers.values().chain(record.list_ids.values()).map(String::as_str)
    });
    let (titles, years): (Vec<&str>, Vec<Option<i16>>) =
        records.iter().map(|record| (record.title.as_str(), record.year)).unzip();
    let sort_titles: Vec<String> = titles.iter().map(|title| sort_title(title)).collect();
    let slugs: Vec<&str> = records.iter().filter_map(|record| record.slug.as_deref()).collect();
    let found: Vec<Candidate> = sql_query(statement)
        .bind::<Array<Text>, _>(values.collect::<Vec<_>>())
        .bind::<Array<Text>, _>(sort_titles)
        .bind::<Array<Text>, _>(titles)
        .bind::<Array<Nullable<SmallInt>>, _>(years)
        .bind::<Array<Text>, _>(slugs)
        .load(conn)
        .await?;
    Ok(found.into_iter().map(|movie| {
        let (mut identifiers, mut list_ids) = (BTreeMap::new(), BTreeMap::new());
        for (scheme, value) in movie.schemes.into_iter().zip(movie.values) {
            if let Some(scheme) = Scheme::from_name(&scheme) {
                identifiers.insert(scheme, value);
            } else if let Some(list) = list_of_scheme(&scheme) {
                list_ids.insert(list.to_owned(), value);
            }
        }
        let identity = Identity {
            slug: Some(movie.slug),
            identifiers,
            list_ids,
            title: movie.title,
            year: movie.year,
            directors: movie.directors.into_iter().collect(),
        };
        (movie.id, identity)
    }))
}

#[derive(QueryableByName)]
struct Candidate {
    #[diesel(sql_type = Integer)]
    id: i32,
    #[diesel(sql_type = Text)]
    slug: String,
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

/// Finds a movie among many by any of its identifiers, its slug or its title.
#[derive(Default)]
pub struct Index {
    movies: Vec<(i32, Identity)>,
    by_mark: HashMap<String, Vec<usize>>,
}

impl Index {
    pub fn add(&mut self, id: i32, movie: Identity) {
        for mark in Self::marks(&movie) {
            self.by_mark.entry(mark).or_default().push(self.movies.len());
        }
        self.movies.push((id, movie));
    }

    /// Returns the movie that a record is about: the best fit, of equals the oldest.
    pub fn find(&self, record: &Identity) -> Match {
        let mut best: Option<(Fit, usize)> = None;
        let mut ties = 0;
        let mut seen: HashSet<usize> = HashSet::new();
        let marks = Self::marks(record);
        let found = marks.iter().flat_map(|mark| self.by_mark.get(mark).into_iter().flatten());
        for index in found.filter(|index| seen.insert(**index)) {
            let Some(fit) = record.fit(&self.movies[*index].1) else { continue };
            match best {
                Some((known, _)) if known < fit => {}
                Some((known, first)) if known == fit => {
                    ties += 1;
                    best = Some((fit, first.min(*index)));
                }
                _ => {
                    ties = 0;
                    best = Some((fit, *index));
                }
            }
        }
        match best {
            None => Match::None,
            Some((Fit::TitleAndYear, _)) if ties > 0 => Match::Several,
            Some((_, index)) => Match::One(self.movies[index].0),
        }
    }

    fn marks(movie: &Identity) -> Vec<String> {
        let identifiers =
            movie.identifiers.iter().map(|(scheme, value)| format!("{}:{value}", scheme.name()));
        let lists = movie.list_ids.iter().map(|(list, id)| format!("{LIST_PREFIX}{list}:{id}"));
        let slug = movie.slug.iter().map(|slug| format!("slug:{slug}"));
        let title = [format!("title:{}", movie.title)];
        identifiers.chain(lists).chain(slug).chain(title).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn movie(title: &str, identifiers: &[(Scheme, &str)]) -> Identity {
        Identity {
            title: title.to_owned(),
            identifiers: identifiers.iter().map(|(s, v)| (*s, (*v).into())).collect(),
            ..Identity::default()
        }
    }

    fn listed(title: &str, list: &str, id: &str) -> Identity {
        let list_ids = BTreeMap::from([(list.to_owned(), id.to_owned())]);
        Identity { list_ids, ..movie(title, &[]) }
    }

    fn of(title: &str, year: i16, directors: &[&str]) -> Identity {
        let directors = directors.iter().map(|name| (*name).to_owned()).collect();
        Identity { year: Some(year), directors, ..movie(title, &[]) }
    }

    fn fits(one: &Identity, other: &Identity) -> bool {
        assert_eq!(one.fit(other), other.fit(one));
        one.fit(other).is_some()
    }

    #[test]
    fn most_trusted_shared_identifier_decides() {
        let one = movie("A", &[(Scheme::Wikidata, "Q1"), (Scheme::Imdb, "tt1")]);
        assert!(fits(&one, &movie("B", &[(Scheme::Wikidata, "Q1")])));
        assert!(!fits(&one, &movie("A", &[(Scheme::Wikidata, "Q2"), (Scheme::Imdb, "tt1")])));
        assert!(fits(&one, &movie("B", &[(Scheme::Imdb, "tt1")])));
        assert!(fits(&one, &movie("A", &[])));
        assert!(!fits(&one, &movie("B", &[])));
    }

    #[test]
    fn identifier_patterns_match_their_source() {
        assert!(fits(&listed("A", "club", "1"), &listed("B", "club", "1")));
        assert!(!fits(&listed("A", "club", "1"), &listed("A", "club", "2")));
        assert!(!fits(&listed("A", "club", "1"), &listed("B", "other", "1")));
        // Two files may share a name by chance.
        assert!(!fits(&listed("A", "file:films", "1"), &listed("B", "file:films", "1")));
        assert!(fits(&listed("A", "file:films", "1"), &listed("A", "file:films", "1")));
        assert!(!fits(&listed("A", "file:films", "1"), &listed("A", "file:films", "2")));
    }

    #[test]
    fn directors_decide_between_films_of_one_title_and_year() {
        assert!(fits(&of("A", 2000, &["X", "Y"]), &of("A", 2000, &["X"])));
        assert!(!fits(&of("A", 2000, &["X"]), &of("A", 2000, &["Y"])));
        assert!(fits(&of("A", 2000, &["X"]), &of("A", 2000, &[])));
        assert!(!fits(&of("A", 2000, &["X"]), &of("A", 2001, &["X"])));
        assert!(!fits(&movie("A", &[]), &of("A", 2001, &[])));
    }

    #[test]
    fn index_finds_the_closest_word() {
        let mut index = Index::default();
        index.add(1, movie("Chaos", &[(Scheme::Wikidata, "Q1")]));
        index.add(2, movie("Chaos", &[(Scheme::Wikidata, "Q2")]));
        index.add(3, Identity { slug: Some("other".into()), ..movie("Other", &[]) });
        index.add(4, of("Dawn", 2000, &["X"]));
        index.add(5, of("Dawn", 2000, &["Y"]));
        let find = |movie: &Identity| index.find(movie);
        assert_eq!(find(&movie("Chaos", &[(Scheme::Wikidata, "Q2")])), Match::One(2));
        assert_eq!(find(&movie("Chaos", &[(Scheme::Wikidata, "Q3")])), Match::None);
        assert_eq!(find(&movie("Chaos", &[])), Match::One(1));
        assert_eq!(find(&movie("Other", &[(Scheme::Imdb, "tt3")])), Match::One(3));
        let renamed = Identity { slug: Some("other".into()), ..movie("Another", &[]) };
        assert_eq!(find(&renamed), Match::One(3));
        assert_eq!(find(&of("Dawn", 2000, &["Y"])), Match::One(5));
        assert_eq!(find(&of("Dawn", 2000, &[])), Match::Several);
    }
}
