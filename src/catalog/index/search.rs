//! Movies and directors of this index by words.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::{Document, FoundDirector, Index};
use crate::catalog::search::{MatchMode, MovieFacts, SearchResults};

impl Index {
    /// Looks through titles, original titles, directors' names, tags and years.
    pub fn search(&self, query: &str) -> SearchResults {
        self.words.find(query, self)
    }

    /// Adds movies of which all the words are told, by their ids: the newest first, after those
    /// found by names. Movies that are merely near make room for them.
    pub fn add_fulltext_matches(&self, found: &mut SearchResults, ids: &[i32]) {
        let mut added: Vec<Document> = ids.iter().filter_map(|id| self.document(*id)).collect();
        if found.mode == MatchMode::Nearest && !added.is_empty() {
            found.movies.clear();
            found.name_matches = 0;
            found.mode = MatchMode::AsWritten;
        }
        let known: HashSet<Document> = found.movies.iter().copied().collect();
        added.retain(|document| !known.contains(document));
        added.sort_unstable_by_key(|&document| (Reverse(self.years.height(document)), document));
        found.movies.extend(added);
    }

    /// Directors that a search of this very index found.
    pub fn found_directors(&self, places: &[u32]) -> impl Iterator<Item = FoundDirector> {
        places.iter().map(|&place| self.directors.found(place))
    }
}

impl MovieFacts for Index {
    fn movies_of_director(&self, director: u32) -> &[Document] {
        self.directors.films.get(director)
    }

    fn movies_with_tag(&self, tag: u32) -> impl Iterator<Item = Document> {
        self.tags.0[tag as usize].1.iter()
    }

    fn movies_of_year(&self, year: i16) -> &[Document] {
        self.years.with(year)
    }

    fn recency(&self, movie: Document) -> u16 {
        self.years.height(movie)
    }
}
