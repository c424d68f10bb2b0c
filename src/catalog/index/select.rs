//! The movies of a filter: their number, pages, positions and samples.

use std::borrow::Cow;
use std::ops::Range;

use rand::Rng;
use roaring::RoaringBitmap;

use super::{Document, Filter, Index, count};
use crate::catalog::sort::{Direction, Sort, SortKey};

/// The movies that meet a filter.
pub struct Selection<'a> {
    pub(super) index: &'a Index,
    pub(super) movies: Cow<'a, RoaringBitmap>,
    ranked: Option<&'a [Document]>,
}

impl Index {
    /// Returns the number of movies that are missing only because they are hidden.
    pub fn hidden_count(&self, filter: &Filter) -> i64 {
        if filter.hidden.is_empty() {
            return 0;
        }
        let whole = Filter { hidden: Vec::new(), ..filter.clone() };
        self.select(&whole).total() - self.select(filter).total()
    }

    /// Selects the movies that meet a filter.
    pub fn select<'a>(&'a self, filter: &'a Filter) -> Selection<'a> {
        let movies = self.matching(filter, None);
        Selection { index: self, movies, ranked: filter.ranked.as_deref() }
    }
}

impl<'a> Selection<'a> {
    /// Returns the number of movies.
    pub fn total(&self) -> i64 {
        count(self.movies.len())
    }

    /// Returns the ids of the movies in this range of the sorted list.
    pub fn page(&self, sort: Sort, range: Range<usize>) -> Vec<i32> {
        let Index { years, runtimes, ids, .. } = self.index;
        let set = &self.movies;
        let page = match (sort.key(), self.ranked) {
            (SortKey::Title, _) => self.by_title(range),
            (SortKey::RunningTime, _) => runtimes.page(set, sort.direction(), range),
            (SortKey::Year, _) => years.page(set, sort.direction(), range),
            (SortKey::Rank, Some(ranked)) => {
                let members = ranked.iter().filter(|movie| set.contains(**movie));
                members.skip(range.start).take(range.len()).copied().collect()
            }
            (SortKey::Rank, None) => years.page(set, Direction::Descending, range),
        };
        page.into_iter().map(|movie| ids[movie as usize]).collect()
    }

    /// Returns the position of a movie in the sorted list, or `None` if it is not in the list.
    pub fn position(&self, sort: Sort, id: i32) -> Option<usize> {
        let Index { years, runtimes, .. } = self.index;
        let set = &self.movies;
        let movie = self.index.document(id).filter(|movie| set.contains(*movie))?;
        Some(match (sort.key(), self.ranked) {
            (SortKey::Title, _) => usize::try_from(set.rank(movie)).ok()? - 1,
            (SortKey::RunningTime, _) => runtimes.position(set, sort.direction(), movie),
            (SortKey::Year, _) => years.position(set, sort.direction(), movie),
            (SortKey::Rank, Some(ranked)) => {
                let before = ranked.iter().take_while(|other| **other != movie);
                before.filter(|other| set.contains(**other)).count()
            }
            (SortKey::Rank, None) => years.position(set, Direction::Descending, movie),
        })
    }

    /// Returns the ids of the movies that were inserted last, the newest first.
    pub fn latest(&self, max: usize) -> Vec<i32> {
        let Index { by_id, ids, .. } = self.index;
        let latest = by_id.iter().rev().filter(|movie| self.movies.contains(**movie));
        latest.take(max).map(|&movie| ids[movie as usize]).collect()
    }

    /// Returns the running time of each movie in minutes, in order of title.
    pub fn running_times(&self) -> impl Iterator<Item = Option<i16>> {
        self.movies.iter().map(|movie| self.index.runtimes.number(movie))
    }

    /// Picks a movie at random, each with equal probability.
    pub fn random(&self, random: &mut impl Rng) -> Option<i32> {
        let total = u32::try_from(self.movies.len()).ok().filter(|total| *total > 0)?;
        let movie = self.movies.select(random.random_range(0..total))?;
        Some(self.index.ids[movie as usize])
    }

    pub(super) fn by_title(&self, range: Range<usize>) -> Vec<Document> {
        let first = u32::try_from(range.start).ok();
        let first = first.and_then(|first| self.movies.select(first));
        let from = |first| self.movies.range(first..).take(range.len()).collect();
        first.map_or_else(Vec::new, from)
    }
}
