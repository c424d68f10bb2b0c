//! Directors in order of name or of number of movies.

use std::ops::Range;

use roaring::RoaringBitmap;

use super::{Document, Index, as_u32, position};
use crate::catalog::adjacency::Adjacency;
use crate::catalog::directors::Sort;

/// All directors with their credits. As most directors have few movies, lists are smaller than
/// bitmaps.
#[derive(PartialEq)]
pub struct Directors {
    /// Ids, in order of name.
    pub(super) ids: Vec<i32>,
    /// Positions in `ids`, in order of id.
    pub(super) by_id: Vec<u32>,
    /// Positions in `ids`, by descending number of movies.
    pub(super) by_movies: Vec<u32>,
    /// Number of directors with movies.
    pub(super) credited: usize,
    /// First letters of the sort names, each with its range of positions.
    initials: Vec<(String, Range<u32>)>,
    /// Positions of directors with a biography.
    pub(super) has_biography: RoaringBitmap,
    /// Movies of each director.
    pub(super) movies: Adjacency,
    /// Directors of each movie.
    pub(super) of: Adjacency,
}

/// A director with the number of movies.
pub struct FoundDirector {
    pub id: i32,
    pub movies: usize,
}

/// A sorted list of directors.
pub struct DirectorList<'a> {
    directors: &'a Directors,
    /// Positions of the directors with the chosen initial.
    positions: Range<u32>,
    sort: Sort,
}

impl Directors {
    /// Builds the directors from pairs of a movie and a director's position, and from the initials of
    /// all sort names.
    pub(super) fn new(
        ids: Vec<i32>,
        by_id: Vec<u32>,
        has_biography: RoaringBitmap,
        initials: &[Option<char>],
        movies: usize,
        credits: &[(Document, u32)],
    ) -> Self {
        let credits = Adjacency::new(movies, credits.iter().copied());
        // Transposing sorts the items.
        let movies_of = credits.transposed(ids.len());
        let of = movies_of.transposed(movies);
        let all = 0..as_u32(ids.len());
        let most = all.clone().map(|at| movies_of.len(at)).max().unwrap_or(0);
        let fewer = all.map(|at| (most - movies_of.len(at), at));
        let by_movies = Adjacency::new(most as usize + 1, fewer).items;
        let credited = by_movies.partition_point(|&at| movies_of.len(at) > 0);
        Self {
            initials: ranges(initials),
            ids,
            by_id,
            by_movies,
            credited,
            has_biography,
            movies: movies_of,
            of,
        }
    }

    /// Returns the first letter of each sort name, where there is one.
    pub(super) fn initials(&self) -> impl Iterator<Item = Option<char>> {
        let mut ranges = self.initials.iter().peekable();
        self.all().map(move |position| {
            while ranges.next_if(|(_, range)| range.end <= position).is_some() {}
            let (initial, _) = ranges.peek().filter(|(_, range)| range.start <= position)?;
            initial.chars().next()
        })
    }

    /// Returns the position of the director with this id.
    pub(in crate::catalog) fn position(&self, id: i32) -> Option<u32> {
        position(&self.ids, &self.by_id, id)
    }

    /// Returns the id of the director at this position.
    pub(in crate::catalog) fn id(&self, position: u32) -> i32 {
        self.ids[position as usize]
    }

    /// Returns the number of directors.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn found(&self, position: u32) -> FoundDirector {
        FoundDirector { id: self.id(position), movies: self.movies.get(position).len() }
    }

    fn all(&self) -> Range<u32> {
        0..as_u32(self.ids.len())
    }
}

/// Groups the sort names by initial. Names without a letter precede all others and have no range.
fn ranges(initials: &[Option<char>]) -> Vec<(String, Range<u32>)> {
    let mut ranges: Vec<(String, Range<u32>)> = Vec::new();
    for (position, initial) in (0..).zip(initials) {
        let Some(initial) = initial.map(String::from) else { continue };
        match ranges.last_mut().filter(|(last, _)| *last == initial) {
            Some((_, range)) => range.end = position + 1,
            None => ranges.push((initial, position..position + 1)),
        }
    }
    ranges
}

impl Index {
    /// Returns the ids of all directors, in order of name.
    pub fn director_ids(&self) -> impl Iterator<Item = i32> {
        self.directors.ids.iter().copied()
    }

    /// Returns the initials of all sort names, in order; scripts other than Latin come last.
    pub fn initials(&self) -> impl Iterator<Item = &str> {
        self.directors.initials.iter().map(|(letter, _)| letter.as_str())
    }

    /// Returns all directors, or those with an initial of [`Index::initials`].
    pub fn directors(&self, initial: Option<&str>, sort: Sort) -> DirectorList<'_> {
        let directors = &self.directors;
        let positions = match initial {
            None => directors.all(),
            Some(letter) => {
                let found = directors.initials.iter().find(|(initial, _)| initial == letter);
                found.map_or(0..0, |(_, range)| range.clone())
            }
        };
        DirectorList { directors, positions, sort }
    }

    /// Returns the id of the `nth` director with a biography, in order of name, wrapping around.
    pub fn nth_with_biography(&self, nth: u32) -> Option<i32> {
        let Directors { has_biography, ids, .. } = &self.directors;
        super::nth(has_biography, nth).map(|position| ids[position as usize])
    }
}

impl DirectorList<'_> {
    /// Returns the number of directors.
    pub fn total(&self) -> i64 {
        self.positions.len().try_into().unwrap_or(i64::MAX)
    }

    /// Returns the directors in this range of the list.
    pub fn page(&self, range: Range<usize>) -> Vec<FoundDirector> {
        let Self { directors, positions, sort } = self;
        let found = |position| directors.found(position);
        match sort {
            Sort::Name => {
                positions.clone().skip(range.start).take(range.len()).map(found).collect()
            }
            Sort::Movies => {
                let of_letter = directors.by_movies.iter().filter(|at| positions.contains(at));
                of_letter.skip(range.start).take(range.len()).copied().map(found).collect()
            }
        }
    }
}
