//! A numeric fact of all movies: the year or the running time.

use std::collections::BTreeMap;
use std::ops::Range;

use roaring::RoaringBitmap;

use super::{Document, Values};
use crate::catalog::adjacency::Adjacency;
use crate::catalog::dimension::NumberRange;
use crate::catalog::sort::Direction;

/// A column of optional numbers, sorted. Movies of equal number are in order of title; movies without
/// a number come last in both directions.
#[derive(PartialEq)]
pub struct NumberColumn {
    /// The distinct numbers, ascending.
    numbers: Vec<i16>,
    /// The rank of each movie: the position of its number in `numbers`, or `unknown`.
    ranks: Vec<u16>,
    /// The movies of each rank.
    movies: Adjacency,
    /// The rank of movies without a number, after all others.
    unknown: u16,
}

impl NumberColumn {
    /// Builds the column from the number of each movie.
    pub fn new(numbers: &[Option<i16>]) -> Self {
        let mut distinct: Vec<i16> = numbers.iter().flatten().copied().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let rank = |number: Option<i16>| {
            number
                .map_or(distinct.len(), |number| distinct.partition_point(|&other| other < number))
        };
        let short = |rank| u16::try_from(rank).expect("there are 65,536 numbers of 16 bits");
        let ranks: Vec<u16> = numbers.iter().map(|number| short(rank(*number))).collect();
        let pairs = (0..).zip(&ranks).map(|(movie, rank)| (u32::from(*rank), movie));
        let movies = Adjacency::new(distinct.len() + 1, pairs);
        Self { ranks, movies, unknown: short(distinct.len()), numbers: distinct }
    }

    /// Returns the number of each movie.
    pub fn numbers(&self) -> impl Iterator<Item = Option<i16>> {
        self.ranks.iter().map(|rank| self.numbers.get(usize::from(*rank)).copied())
    }

    /// Returns the number of a movie.
    pub fn number(&self, movie: Document) -> Option<i16> {
        self.numbers.get(usize::from(self.ranks[movie as usize])).copied()
    }

    /// Groups the movies by a class of their numbers.
    pub fn classes<T: Ord>(&self, class: impl Fn(i16) -> T) -> Values<T> {
        let mut classes: BTreeMap<T, RoaringBitmap> = BTreeMap::new();
        for (rank, number) in (0..).zip(&self.numbers) {
            *classes.entry(class(*number)).or_default() |= self.set(rank);
        }
        Values(classes.into_iter().collect())
    }

    /// Returns the movies with a number in the range.
    pub fn within(&self, range: NumberRange) -> RoaringBitmap {
        let numbers = (0..).zip(&self.numbers).filter(|(_, number)| range.contains(**number));
        numbers.map(|(rank, _)| self.set(rank)).fold(RoaringBitmap::new(), |all, set| all | set)
    }

    /// Returns the movies with this number, in order of title.
    pub fn with(&self, number: i16) -> &[Document] {
        let rank = self.numbers.binary_search(&number).ok().and_then(|rank| rank.try_into().ok());
        rank.map_or(&[], |rank| self.movies.get(rank))
    }

    /// Returns a rank that grows with the number; 0 without a number.
    pub fn height(&self, movie: Document) -> u16 {
        let rank = self.ranks[movie as usize];
        if rank == self.unknown { 0 } else { rank + 1 }
    }

    /// Returns a page of `set`, in order of number. For the whole catalog, only the movies of the
    /// page are visited.
    pub fn page(
        &self,
        set: &RoaringBitmap,
        direction: Direction,
        range: Range<usize>,
    ) -> Vec<Document> {
        let whole = self.is_whole(set);
        let sizes = if whole { Vec::new() } else { self.sizes(set) };
        let mut page = Vec::new();
        let mut skip = range.start;
        for rank in self.ranks_in(direction) {
            let movies = self.movies.get(rank);
            let size = if whole { movies.len() } else { sizes[rank as usize] };
            if skip >= size {
                skip -= size;
                continue;
            }
            let missing = range.len() - page.len();
            if whole {
                page.extend(movies[skip..].iter().take(missing));
            } else {
                let members = movies.iter().filter(|movie| set.contains(**movie));
                page.extend(members.skip(skip).take(missing));
            }
            if page.len() == range.len() {
                break;
            }
            skip = 0;
        }
        page
    }

    /// Returns the position of a movie in `set`, in order of number.
    pub fn position(&self, set: &RoaringBitmap, direction: Direction, movie: Document) -> usize {
        let own = u32::from(self.ranks[movie as usize]);
        let before = self.ranks_in(direction).take_while(|rank| *rank != own);
        let before: usize = if self.is_whole(set) {
            before.map(|rank| self.movies.get(rank).len()).sum()
        } else {
            let sizes = self.sizes(set);
            before.map(|rank| sizes[rank as usize]).sum()
        };
        let peers = self.movies.get(own).iter().take_while(|peer| **peer != movie);
        before + peers.filter(|peer| set.contains(**peer)).count()
    }

    fn set(&self, rank: u32) -> RoaringBitmap {
        let movies = self.movies.get(rank).iter().copied();
        RoaringBitmap::from_sorted_iter(movies).expect("movies of one rank are ascending")
    }

    fn is_whole(&self, set: &RoaringBitmap) -> bool {
        set.len() == self.ranks.len() as u64
    }

    /// Returns all ranks in sort order, the unknown rank last.
    fn ranks_in(&self, direction: Direction) -> impl Iterator<Item = u32> {
        let last = u32::from(self.unknown);
        let known = (0..last).map(move |at| match direction {
            Direction::Ascending => at,
            Direction::Descending => last - 1 - at,
        });
        known.chain([last])
    }

    /// Counts the movies of `set` by rank.
    fn sizes(&self, set: &RoaringBitmap) -> Vec<usize> {
        let mut sizes = vec![0; usize::from(self.unknown) + 1];
        for movie in set {
            sizes[usize::from(self.ranks[movie as usize])] += 1;
        }
        sizes
    }
}
