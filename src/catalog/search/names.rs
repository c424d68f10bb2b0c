//! People in a query: ranks those whose names match, and finds the terms that name one person.

use std::ops::Range;

use super::expansion::TermExpansion;
use super::matching::{self, Match, MatchSet, Score};
use super::postings::{Field, Postings};
use super::{MovieFacts, Rank, Search, coverage, sorted, weight};
use crate::catalog::people::Role;

/// The share of a person's rank that the number of movies decides, of the part that is not similarity.
const FAME: f32 = 0.3;

/// The number of movies of the most famous people.
const MOST_MOVIES: f32 = 100.0;

/// Maximum number of terms in a name.
const MAX_TERMS: usize = 4;

/// Adjacent terms that match one person's name.
struct Name {
    terms: Range<usize>,
    /// Movies of the people named by the terms.
    movies: MatchSet,
}

impl Search {
    /// Returns the matches of each term (`sets`), and in place of the terms that name one person those of the
    /// whole name: "john ford" means his movies, before those of some John and some Ford. `people` are the people of each term.
    pub(super) fn grouped(
        &self,
        expansions: &[TermExpansion],
        sets: &[MatchSet],
        people: &[MatchSet],
        movies: &impl MovieFacts,
    ) -> Vec<MatchSet> {
        let mut grouped = Vec::with_capacity(sets.len());
        let mut next = 0;
        for name in self.names(expansions, people, movies) {
            grouped.extend_from_slice(&sets[next..name.terms.start]);
            next = name.terms.end;
            grouped.push(self.whole_name(expansions, sets, name, movies));
        }
        grouped.extend_from_slice(&sets[next..]);
        grouped
    }

    /// Returns the longest names in the query, from left to right.
    fn names(
        &self,
        expansions: &[TermExpansion],
        people: &[MatchSet],
        movies: &impl MovieFacts,
    ) -> Vec<Name> {
        let mut names = Vec::new();
        let mut start = 0;
        while start + 1 < people.len() {
            let first = start;
            let longest = people.len().min(first + MAX_TERMS);
            let ends = (first + 2..=longest).rev();
            let ends = ends.filter(|end| !expansions[first..*end].iter().any(|one| one.optional));
            let mut found = ends.map(|end| (end, matching::matching_all(&people[first..end])));
            let found = found.find(|(_, numbers)| !numbers.is_empty());
            let Some((end, numbers)) = found else {
                start += 1;
                continue;
            };
            let scores = matching::scores(&people[first..end], &numbers, self.person_letters.len());
            let mut matches = Vec::new();
            for (person, score) in numbers.into_iter().zip(scores) {
                for role in Role::ALL {
                    let score = score.score * weight::of_name(role);
                    let credited = movies.movies_of(role, person).iter();
                    matches.extend(credited.map(|movie| Match::outside_titles(*movie, score)));
                }
            }
            names.push(Name { terms: first..end, movies: MatchSet::new(matches, false) });
            start = end;
        }
        names
    }

    /// Returns the movies of the people named by the terms, and those whose titles or tags match the
    /// terms. If others match the terms more often, as "ford wayne" does, they are included.
    fn whole_name(
        &self,
        expansions: &[TermExpansion],
        sets: &[MatchSet],
        name: Name,
        movies: &impl MovieFacts,
    ) -> MatchSet {
        let Name { terms, movies: own } = name;
        let total = self.title_letters.len();
        let combined = |sets: &[MatchSet]| {
            let numbers = matching::matching_all(sets);
            let scores = matching::scores(sets, &numbers, total);
            let combine = |(number, Score { score, letters, original_letters })| Match {
                number,
                score,
                letters,
                original_letters,
            };
            numbers.into_iter().zip(scores).map(combine).collect::<Vec<_>>()
        };
        let titles: Vec<MatchSet> = expansions[terms.clone()]
            .iter()
            .map(|one| self.movie_matches(one, movies, false))
            .collect();
        let mut matches = combined(&titles);
        let apart = combined(&sets[terms]);
        if apart.len() > 2 * own.len() {
            matches.extend(apart);
        }
        matches.extend(own.into_matches());
        MatchSet::new(matches, false)
    }

    /// Ranks the people whose names match all terms: by similarity and number of movies.
    pub(super) fn ranked_people(&self, sets: &[MatchSet], movies: &impl MovieFacts) -> Vec<Rank> {
        let numbers = matching::matching_all(sets);
        let scores = matching::scores(sets, &numbers, self.person_letters.len());
        let key = |(person, score): (u32, Score)| {
            let name = coverage(score.letters, self.person_letters[person as usize]);
            let credits: usize =
                Role::ALL.into_iter().map(|role| movies.movies_of(role, person).len()).sum();
            let credits = u16::try_from(credits).unwrap_or(u16::MAX);
            let fame = (f32::from(credits).ln_1p() / MOST_MOVIES.ln_1p()).min(1.0);
            let name = (1.0 - FAME) * name + FAME * fame;
            Rank::new(score.score, name, credits, person)
        };
        sorted(numbers.into_iter().zip(scores).map(key))
    }

    /// Returns the people in whose names a term is.
    pub(super) fn people(&self, expansion: &TermExpansion) -> MatchSet {
        let mut matches = Vec::new();
        for candidate in &expansion.candidates {
            let postings = Postings::read(&self.postings[candidate.offset..]);
            let people = postings.filter(|(field, _)| *field == Field::Person);
            matches.extend(people.map(|(_, number)| Match {
                number,
                score: candidate.similarity,
                letters: candidate.letters * candidate.similarity,
                original_letters: 0.0,
            }));
        }
        MatchSet::new(matches, false)
    }
}
