//! Searches the movies and people of an index.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::{Document, Index};
use crate::catalog::dimension::DimensionId;
use crate::catalog::people::Role;
use crate::catalog::search::{MatchMode, MovieFacts, SearchResults};

impl Index {
    /// Searches titles, original titles, names of people, tags and years.
    pub fn search(&self, query: &str) -> SearchResults {
        self.words.find(query, self)
    }

    /// Appends movies found by full text, newest first, after those found by name. They replace
    /// results of corrected words and of some of the words, unless a title or a person is close to what
    /// was typed.
    pub fn add_fulltext_matches(&self, results: &mut SearchResults, ids: &[i32]) {
        let mut added: Vec<Document> = ids.iter().filter_map(|id| self.document(*id)).collect();
        let is_replaceable =
            results.mode != MatchMode::AsWritten && !results.is_close && results.people.is_empty();
        if is_replaceable && !added.is_empty() {
            results.movies.clear();
            results.name_matches = 0;
            results.mode = MatchMode::AsWritten;
        }
        let known: HashSet<Document> = results.movies.iter().copied().collect();
        added.retain(|movie| !known.contains(movie));
        added.sort_unstable_by_key(|&movie| (Reverse(self.years.height(movie)), movie));
        results.movies.extend(added);
    }
}

impl MovieFacts for Index {
    fn movies_of(&self, role: Role, person: u32) -> &[Document] {
        self.people.credits(role).movies.get(person)
    }

    fn movies_with_tag(&self, tag: u32) -> impl Iterator<Item = Document> {
        self.values(DimensionId::Tag).movies(tag).iter()
    }

    fn movies_of_year(&self, year: i16) -> &[Document] {
        self.years.with(year)
    }

    fn recency(&self, movie: Document) -> u16 {
        self.years.height(movie)
    }
}
