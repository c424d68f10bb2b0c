//! Films and directors of this index by words.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::{Document, FoundDirector, Index};
use crate::catalog::search::{Films, Found, Reading};

impl Index {
    /// Looks through titles, original titles, directors' names, tags and years.
    pub fn search(&self, query: &str) -> Found {
        self.words.find(query, self)
    }

    /// Adds films of which all the words are told, by their ids: the newest first, after those
    /// found by names. Films that are merely near make room for them.
    pub fn add_told(&self, found: &mut Found, ids: &[i32]) {
        let mut added: Vec<Document> = ids.iter().filter_map(|id| self.document(*id)).collect();
        if found.reading == Reading::Nearest && !added.is_empty() {
            found.films.clear();
            found.by_names = 0;
            found.reading = Reading::AsWritten;
        }
        let known: HashSet<Document> = found.films.iter().copied().collect();
        added.retain(|document| !known.contains(document));
        added.sort_unstable_by_key(|&document| (Reverse(self.years.height(document)), document));
        found.films.extend(added);
    }

    /// Directors that a search of this very index found.
    pub fn found_directors(&self, places: &[u32]) -> impl Iterator<Item = FoundDirector> {
        places.iter().map(|&place| self.directors.found(place))
    }
}

impl Films for Index {
    fn by(&self, director: u32) -> &[Document] {
        self.directors.films.get(director)
    }

    fn tagged(&self, tag: u32) -> impl Iterator<Item = Document> {
        self.tags.0[tag as usize].1.iter()
    }

    fn of_year(&self, year: i16) -> &[Document] {
        self.years.with(year)
    }

    fn newness(&self, film: Document) -> u16 {
        self.years.height(film)
    }
}
