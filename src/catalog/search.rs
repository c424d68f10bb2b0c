//! Finds movies and people by the words of their names, with tolerance for typing errors.
//!
//! A [`Search`] is an inverted index of titles, original titles, names of people and tags. Queries
//! run with increasing [`Fuzziness`] until something matches all terms: as written, with unknown
//! words corrected, with every word corrected. If nothing does, the movies that match some of the
//! terms are returned. `docs/search.md` describes the ranking.

mod builder;
mod dictionary;
mod expansion;
mod highlighter;
mod matching;
mod names;
mod postings;
mod words;

pub use self::builder::{Builder, NumberRemaps};
use self::dictionary::{Candidate, Dictionary};
use self::expansion::{Fuzziness, TermExpansion};
pub use self::highlighter::{Highlighter, Span};
use self::matching::{Match, MatchSet, Score};
use self::postings::{Field, Postings};
use self::words::QueryTerm;
use super::people::Role;

/// Weights of the fields, from 0 to 1.
mod weight {
    use crate::catalog::people::Role;

    pub const TITLE: f32 = 1.0;
    pub const ORIGINAL: f32 = 0.95;
    pub const DIRECTOR: f32 = 0.8;
    pub const ACTOR: f32 = 0.75;
    pub const YEAR: f32 = 0.8;
    pub const TAG: f32 = 0.5;

    /// Returns the weight of a person's movies where several terms match the name.
    pub fn of_name(role: Role) -> f32 {
        match role {
            Role::Director => DIRECTOR + 0.1,
            Role::Actor => ACTOR + 0.1,
        }
    }
}

/// Maximum number of results that match only some of the terms.
const MAX_NEAREST: usize = 24;

/// Terms that match more movies are ignored when no movie matches all terms.
const MAX_CANDIDATES: usize = 20_000;

/// Movie attributes that the ranking needs, supplied by the index.
pub trait MovieFacts {
    /// Returns the movies of a person in a role, ascending.
    fn movies_of(&self, role: Role, person: u32) -> &[u32];
    /// Returns the movies with a tag, ascending.
    fn movies_with_tag(&self, tag: u32) -> impl Iterator<Item = u32>;
    /// Returns the movies of a year, ascending.
    fn movies_of_year(&self, year: i16) -> &[u32];
    /// Returns a rank by year: greater is newer, 0 is unknown.
    fn recency(&self, movie: u32) -> u16;
}

/// An inverted index of the catalog's names.
#[derive(Default, PartialEq)]
pub struct Search {
    dictionary: Dictionary,
    postings: Vec<u8>,
    /// Number of letters of each movie's title, capped at 255.
    title_letters: Vec<u8>,
    original_letters: Vec<u8>,
    person_letters: Vec<u8>,
}

/// The interpretation of a query that led to results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchMode {
    AsWritten,
    /// Typing errors were corrected.
    Corrected,
    /// Nothing matches all terms; the results match some of them.
    Nearest,
}

/// Ranked results, best first.
pub struct SearchResults {
    pub movies: Vec<u32>,
    /// Number of leading movies found by name; the others were found by full text.
    pub name_matches: usize,
    pub people: Vec<u32>,
    /// Whether the first person is a better match than the first movie.
    pub person_first: bool,
    /// Whether the title of the first movie is the query.
    pub is_exact: bool,
    /// Whether the first movie matches most of the query, and the query most of the movie's title.
    pub is_close: bool,
    pub mode: MatchMode,
    pub highlighter: Highlighter,
}

impl SearchResults {
    /// Returns movies that were found without a search of names.
    pub fn unranked(movies: Vec<u32>) -> Self {
        Self {
            name_matches: movies.len(),
            movies,
            people: Vec::new(),
            person_first: false,
            is_exact: false,
            is_close: false,
            mode: MatchMode::AsWritten,
            highlighter: Highlighter::default(),
        }
    }

    fn new(
        movies: Vec<Rank>,
        people: Vec<Rank>,
        mode: MatchMode,
        highlighter: Highlighter,
    ) -> Self {
        let first = |ranks: &[Rank]| ranks.first().map_or(u64::MAX, |rank| rank.distance());
        let person_first = first(&people) < first(&movies);
        let is_exact = first(&movies) <= Rank::MAX_DISTANCE_OF_EXACT;
        let is_close = first(&movies) <= Rank::MAX_DISTANCE_OF_CLOSE;
        let numbers = |ranks: Vec<Rank>| ranks.into_iter().map(Rank::number).collect();
        Self {
            name_matches: movies.len(),
            movies: numbers(movies),
            people: numbers(people),
            person_first,
            is_exact,
            is_close,
            mode,
            highlighter,
        }
    }
}

impl Search {
    /// Runs a query. A query without words has no results.
    pub fn find(&self, query: &str, movies: &impl MovieFacts) -> SearchResults {
        let terms = words::terms(query);
        let is_year = |year| !movies.movies_of_year(year).is_empty();
        let mut expansions = Vec::new();
        let mut sets = Vec::new();
        for fuzziness in Fuzziness::ALL {
            let expanded = self.expand(&terms, fuzziness, is_year);
            if fuzziness != Fuzziness::AsWritten && expanded == expansions {
                continue;
            }
            expansions = expanded;
            sets = expansions.iter().map(|one| self.movie_matches(one, movies, true)).collect();
            let of_names: Vec<MatchSet> = expansions.iter().map(|one| self.people(one)).collect();
            let grouped = self.grouped(&expansions, &sets, &of_names, movies);
            let mut people = self.ranked_people(&of_names, movies);
            let mut found = self.ranked_movies(&grouped, matching::matching_all(&grouped), movies);
            if found.is_empty() && people.is_empty() {
                found = self.ranked_movies(&sets, matching::matching_all(&sets), movies);
            }
            if !found.is_empty() || !people.is_empty() {
                let is_close = |rank: &Rank| rank.distance() <= Rank::MAX_DISTANCE_OF_CLOSE;
                if people.is_empty() && !found.first().is_some_and(is_close) {
                    people = self.similar_people(&terms, movies);
                    people.retain(is_close);
                }
                let mode = match fuzziness {
                    Fuzziness::AsWritten => MatchMode::AsWritten,
                    _ => MatchMode::Corrected,
                };
                let highlighter = Highlighter::new(terms, expansions);
                return SearchResults::new(found, people, mode, highlighter);
            }
        }
        let numbers = matching::matching_any(&sets, MAX_CANDIDATES);
        let mut found = self.ranked_movies(&sets, numbers, movies);
        found.truncate(MAX_NEAREST);
        let highlighter = Highlighter::new(terms, expansions);
        SearchResults::new(found, Vec::new(), MatchMode::Nearest, highlighter)
    }

    /// Ranks the people whose names are similar to several words. The words of two people, or of a
    /// person and a title, are rarely similar to one name.
    fn similar_people(&self, terms: &[QueryTerm], movies: &impl MovieFacts) -> Vec<Rank> {
        if terms.len() < 2 {
            return Vec::new();
        }
        let expansions = self.expand(terms, Fuzziness::EveryWord, |_| false);
        let sets: Vec<MatchSet> = expansions.iter().map(|one| self.people(one)).collect();
        self.ranked_people(&sets, movies)
    }

    fn expand(
        &self,
        terms: &[QueryTerm],
        fuzziness: Fuzziness,
        is_year: impl Fn(i16) -> bool,
    ) -> Vec<TermExpansion> {
        let is_name = |offset| {
            Postings::read(&self.postings[offset..]).any(|(field, _)| field == Field::Person)
        };
        expansion::expand(&self.dictionary, terms, fuzziness, is_year, is_name)
    }

    /// Returns the movies that match a term, with or without those of people.
    fn movie_matches(
        &self,
        expansion: &TermExpansion,
        movies: &impl MovieFacts,
        with_people: bool,
    ) -> MatchSet {
        let mut matches = Vec::new();
        for candidate in &expansion.candidates {
            self.add_movie_matches(candidate, movies, with_people, &mut matches);
        }
        for pair in &expansion.pairs {
            let match_sets = pair.each_ref().map(|candidate| {
                let mut matches = Vec::new();
                self.add_movie_matches(candidate, movies, with_people, &mut matches);
                MatchSet::new(matches, false)
            });
            let both = matching::matching_all(&match_sets);
            let scores = matching::scores(&match_sets, &both, self.title_letters.len());
            matches.extend(both.into_iter().zip(scores).map(|(number, score)| Match {
                number,
                score: score.score,
                letters: score.letters,
                original_letters: score.original_letters,
            }));
        }
        if let Some(year) = expansion.year {
            let of_year = movies.movies_of_year(year).iter();
            matches.extend(of_year.map(|movie| Match::outside_titles(*movie, weight::YEAR)));
        }
        MatchSet::new(matches, expansion.optional)
    }

    fn add_movie_matches(
        &self,
        candidate: &Candidate,
        movies: &impl MovieFacts,
        with_people: bool,
        matches: &mut Vec<Match>,
    ) {
        let Candidate { offset, similarity, letters, .. } = *candidate;
        let letters = letters * similarity;
        for (field, number) in Postings::read(&self.postings[offset..]) {
            match field {
                Field::Title => {
                    let score = similarity * weight::TITLE;
                    matches.push(Match { number, score, letters, original_letters: 0.0 });
                }
                Field::Original => {
                    let score = similarity * weight::ORIGINAL;
                    matches.push(Match { number, score, letters: 0.0, original_letters: letters });
                }
                // Fields are in order.
                Field::Person if !with_people => break,
                Field::Person => {
                    for (role, weight) in
                        [(Role::Director, weight::DIRECTOR), (Role::Actor, weight::ACTOR)]
                    {
                        let credited = movies.movies_of(role, number).iter();
                        let score = similarity * weight;
                        matches.extend(credited.map(|movie| Match::outside_titles(*movie, score)));
                    }
                }
                Field::Tag => {
                    let score = similarity * weight::TAG;
                    let tagged = movies.movies_with_tag(number);
                    matches.extend(tagged.map(|movie| Match::outside_titles(movie, score)));
                }
            }
        }
    }

    /// Ranks movies by score and by the share of the title that the terms cover; ties by year,
    /// newest first.
    fn ranked_movies(
        &self,
        match_sets: &[MatchSet],
        numbers: Vec<u32>,
        movies: &impl MovieFacts,
    ) -> Vec<Rank> {
        let scores = matching::scores(match_sets, &numbers, self.title_letters.len());
        let key = |(movie, score): (u32, Score)| {
            let title = coverage(score.letters, self.title_letters[movie as usize]);
            let original = coverage(score.original_letters, self.original_letters[movie as usize]);
            let title = title.max(weight::ORIGINAL * original);
            Rank::new(score.score, title, movies.recency(movie), movie)
        };
        sorted(numbers.into_iter().zip(scores).map(key))
    }
}

/// Returns the share of a name's letters that the terms cover, from 0 to 1.
fn coverage(letters: f32, of: u8) -> f32 {
    (letters / f32::from(of.max(1))).min(1.0)
}

/// A sort key in one integer: similarity in thousandths (descending), precedence (descending),
/// number (ascending).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(u64);

impl Rank {
    /// Maximum distance of a movie whose title is the query, but for rounding.
    const MAX_DISTANCE_OF_EXACT: u64 = u16::MAX as u64 - 995;

    /// Maximum distance of a movie or person that is close to the query.
    const MAX_DISTANCE_OF_CLOSE: u64 = u16::MAX as u64 - 725;

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
    fn new(score: f32, coverage: f32, precedence: u16, number: u32) -> Self {
        let similarity = (500.0 * (score + coverage)) as u16;
        let behind = u64::from(u16::MAX - similarity) << 16 | u64::from(u16::MAX - precedence);
        Self(behind << 32 | u64::from(number))
    }

    /// Returns the dissimilarity to the query in thousandths.
    fn distance(self) -> u64 {
        self.0 >> 48
    }

    fn number(self) -> u32 {
        u32::try_from(self.0 & u64::from(u32::MAX)).expect("32 bits are left")
    }
}

fn sorted(ranks: impl Iterator<Item = Rank>) -> Vec<Rank> {
    let mut ranks: Vec<Rank> = ranks.collect();
    ranks.sort_unstable();
    ranks
}
