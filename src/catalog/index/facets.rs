//! The number of movies that a list would contain with each further value.

use std::cmp::Reverse;
use std::ops::Range;

use roaring::RoaringBitmap;

use super::{Credits, Filter, Index, Values, count};
use crate::catalog::dimension::{DimensionId, Value, ValueRef};

/// The values of one dimension in a list, the most frequent first; ties in natural order.
pub struct Facet {
    /// Positions of values, with the number of movies that choosing each would leave.
    pub values: Vec<(u32, i64)>,
    /// Number of values in the list, of which `values` may be a part.
    pub distinct: usize,
}

impl Index {
    /// Counts the values of a dimension and returns those in `range`. In a cumulative dimension a
    /// value adds to the chosen ones, in any other it replaces them.
    pub fn facet(&self, filter: &Filter, dimension: DimensionId, range: Range<usize>) -> Facet {
        let set = &self.matching(filter, Some(dimension));
        if let Some(role) = dimension.role() {
            return self.people_facet(self.people.credits(role), set, range);
        }
        let mut counts: Vec<(u32, i64)> = self.counts(self.values(dimension), set).collect();
        if dimension.is_cumulative() {
            let of_dimension = filter.conditions.iter().filter(|one| one.dimension == dimension);
            let chosen: Vec<&ValueRef> =
                of_dimension.filter(|one| !one.is_excluded).flat_map(|one| &one.values).collect();
            counts.retain(|(position, _)| !chosen.contains(&&ValueRef::Position(*position)));
        }
        counts.sort_by_key(|(_, movies)| Reverse(*movies));
        let distinct = counts.len();
        let values = counts.into_iter().skip(range.start).take(range.len()).collect();
        Facet { values, distinct }
    }

    /// Returns all values of a dimension with their number of movies, in natural order. People are
    /// not included.
    pub fn value_counts(&self, dimension: DimensionId) -> impl Iterator<Item = (&Value, i64)> {
        let values = self.values(dimension);
        self.counts(values, &self.all).map(|(position, movies)| (values.get(position), movies))
    }

    fn counts(&self, values: &Values, set: &RoaringBitmap) -> impl Iterator<Item = (u32, i64)> {
        let whole = self.is_whole(set);
        let movies = move |having: &RoaringBitmap| {
            count(if whole { having.len() } else { having.intersection_len(set) })
        };
        let counted = (0..).zip(&values.0).map(move |(at, (_, having))| (at, movies(having)));
        counted.filter(|(_, movies)| *movies > 0)
    }

    fn people_facet(&self, credits: &Credits, set: &RoaringBitmap, range: Range<usize>) -> Facet {
        let Credits { by_movies, credited, movies, of, .. } = credits;
        if self.is_whole(set) {
            let shown = by_movies[..*credited].iter().skip(range.start).take(range.len());
            let values = shown.map(|at| (*at, movies.len(*at).into())).collect();
            return Facet { values, distinct: *credited };
        }
        let mut counts = vec![0; self.people.len()];
        for document in set {
            for position in of.get(document) {
                counts[*position as usize] += 1;
            }
        }
        let counted = (0..).zip(counts).filter(|(_, movies)| *movies > 0);
        let mut most: Vec<(Reverse<u32>, u32)> =
            counted.map(|(position, movies)| (Reverse(movies), position)).collect();
        let distinct = most.len();
        if range.end < distinct {
            most.select_nth_unstable(range.end);
            most.truncate(range.end);
        }
        most.sort_unstable();
        let shown = most.into_iter().skip(range.start);
        let values = shown.map(|(Reverse(movies), at)| (at, movies.into())).collect();
        Facet { values, distinct }
    }
}
