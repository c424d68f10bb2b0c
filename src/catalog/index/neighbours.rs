//! The values that the list of one value leads to.

use roaring::RoaringBitmap;

use super::{Index, count};
use crate::catalog::dimension::{DimensionId, Neighbours, Value};

/// Minimum number of movies that similar values have in common: one may be chance.
const MIN_COMMON: u64 = 2;

impl Index {
    /// Returns the neighbours of a value, with the number of movies of each: at most `max` similar
    /// values, the most similar first, or the adjacent ones.
    pub fn neighbours(
        &self,
        dimension: DimensionId,
        position: u32,
        max: usize,
    ) -> Vec<(&Value, i64)> {
        let values = &self.values(dimension).0;
        let at = position as usize;
        match dimension.neighbours() {
            Neighbours::None => Vec::new(),
            Neighbours::Similar => similar(values, at, max),
            Neighbours::Adjacent => {
                let adjacent = [at.checked_sub(1), at.checked_add(1)].into_iter().flatten();
                let known = adjacent.filter_map(|at| values.get(at));
                known.map(|(value, movies)| (value, count(movies.len()))).collect()
            }
        }
    }
}

/// Ranks the other values by the Jaccard index of their movies.
fn similar(values: &[(Value, RoaringBitmap)], at: usize, max: usize) -> Vec<(&Value, i64)> {
    let own = &values[at].1;
    let similarity = |movies: &RoaringBitmap| {
        let common = movies.intersection_len(own);
        (common >= MIN_COMMON).then(|| common as f64 / (movies.len() + own.len() - common) as f64)
    };
    let others = values[..at].iter().chain(&values[at + 1..]);
    let mut similar: Vec<_> = others
        .filter_map(|(value, movies)| Some((similarity(movies)?, value, count(movies.len()))))
        .collect();
    similar.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
    similar.into_iter().take(max).map(|(_, value, movies)| (value, movies)).collect()
}
