//! The films of a filter: how many, which stand on a page, one by chance.

use std::borrow::Cow;
use std::ops::Range;

use rand::Rng;
use roaring::RoaringBitmap;

use super::{Document, Filter, Index};
use crate::catalog::movies::Sort;

/// The films that a filter leaves.
pub struct Selection<'a> {
    index: &'a Index,
    documents: Cow<'a, RoaringBitmap>,
    /// By likeness.
    found: Option<&'a [Document]>,
}

impl Index {
    /// How many more films there would be if none were hidden.
    pub fn left_out(&self, filter: &Filter) -> i64 {
        if filter.hidden.is_empty() {
            return 0;
        }
        let whole = Filter { hidden: Vec::new(), ..filter.clone() };
        self.select(&whole).total() - self.select(filter).total()
    }

    pub fn select<'a>(&'a self, filter: &'a Filter) -> Selection<'a> {
        let documents = self.matching(filter, None);
        Selection { index: self, documents, found: filter.found.as_deref() }
    }
}

impl Selection<'_> {
    /// How many films they are.
    pub fn total(&self) -> i64 {
        i64::from(self.count())
    }

    fn count(&self) -> u32 {
        u32::try_from(self.documents.len()).expect("documents are numbered with 32 bits")
    }

    /// The ids of the films at these places of the list.
    pub fn page(&self, sort: Sort, places: Range<usize>) -> Vec<i32> {
        let Index { years, runtimes, ids, .. } = self.index;
        let set = &self.documents;
        let page = match (sort, self.found) {
            (Sort::Title, _) => self.by_title(places),
            (Sort::Shortest, _) => runtimes.page(set, false, places),
            (Sort::Longest, _) => runtimes.page(set, true, places),
            (Sort::Oldest, _) => years.page(set, false, places),
            (Sort::Relevance, Some(found)) => {
                let left = found.iter().filter(|document| set.contains(**document));
                left.skip(places.start).take(places.len()).copied().collect()
            }
            (Sort::Newest | Sort::Relevance, _) => years.page(set, true, places),
        };
        page.into_iter().map(|document| ids[document as usize]).collect()
    }

    /// At which place of the list the film stands, from 0; `None` when it is not in the list.
    pub fn place(&self, sort: Sort, id: i32) -> Option<usize> {
        let Index { years, runtimes, .. } = self.index;
        let set = &self.documents;
        let film = self.index.document(id).filter(|film| set.contains(*film))?;
        Some(match (sort, self.found) {
            (Sort::Title, _) => usize::try_from(set.rank(film)).ok()? - 1,
            (Sort::Shortest, _) => runtimes.place(set, false, film),
            (Sort::Longest, _) => runtimes.place(set, true, film),
            (Sort::Oldest, _) => years.place(set, false, film),
            (Sort::Relevance, Some(found)) => {
                let before = found.iter().take_while(|other| **other != film);
                before.filter(|other| set.contains(**other)).count()
            }
            (Sort::Newest | Sort::Relevance, _) => years.place(set, true, film),
        })
    }

    /// The ids of the films that came last into the catalogue, the last first.
    pub fn latest(&self, most: usize) -> Vec<i32> {
        let Index { by_id, ids, .. } = self.index;
        let latest = by_id.iter().rev().filter(|film| self.documents.contains(**film));
        latest.take(most).map(|&film| ids[film as usize]).collect()
    }

    /// One film, each with the same chance.
    pub fn random(&self, random: &mut impl Rng) -> Option<i32> {
        let total = self.count();
        let document = (total > 0).then(|| self.documents.select(random.random_range(0..total)));
        document.flatten().map(|document| self.index.ids[document as usize])
    }

    fn by_title(&self, places: Range<usize>) -> Vec<Document> {
        let first = u32::try_from(places.start).ok();
        let first = first.and_then(|first| self.documents.select(first));
        let from = |first| self.documents.range(first..).take(places.len()).collect();
        first.map_or_else(Vec::new, from)
    }
}
