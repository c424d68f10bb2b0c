//! Films and directors of this index by the words of their names.

use super::{Document, Index};
use crate::catalog::search::{Films, Found};

impl Index {
    /// Looks through titles, original titles, directors' names, tags and years. The films found
    /// are what [`super::Filter::found`] takes; the directors are for [`Index::directors_at`].
    pub fn search(&self, query: &str) -> Found {
        self.words.find(query, self)
    }

    /// The ids of directors that a search of this very index found.
    pub fn directors_at(&self, places: &[u32]) -> Vec<i32> {
        places.iter().map(|place| self.directors.ids[*place as usize]).collect()
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
