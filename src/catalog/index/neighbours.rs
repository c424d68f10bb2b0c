//! Values that films share with a value: where a list leads on.

use roaring::RoaringBitmap;

use super::{Country, Index, Values};
use crate::catalog::tags::Tag;

/// Films that two values must share to be neighbours: one may be chance.
const FEWEST: u64 = 2;

impl Index {
    /// The tags most alike in their films to this one, with the films of each; the nearest first.
    pub fn tags_near(&self, tag: &Tag, most: usize) -> Vec<(&Tag, i64)> {
        near(&self.tags, |other| other.id == tag.id, most)
    }

    /// The countries most alike in their films to this one.
    pub fn countries_near(&self, country: &Country, most: usize) -> Vec<(&Country, i64)> {
        near(&self.countries, |other| other.slug == country.slug, most)
    }

    /// The decades before and after this one in which there are films, with how many.
    pub fn decades_beside(&self, first: i16) -> [Option<(i16, i64)>; 2] {
        let films = |(first, films): &(i16, RoaringBitmap)| (*first, count(films));
        let decades = &self.decades.0;
        let before = decades.iter().rev().find(|(other, _)| *other < first);
        let after = decades.iter().find(|(other, _)| *other > first);
        [before.map(films), after.map(films)]
    }
}

/// By the films shared as a part of all that have the one or the other (Jaccard's index).
fn near<T>(values: &Values<T>, is: impl Fn(&T) -> bool, most: usize) -> Vec<(&T, i64)> {
    let Some(own) = values.having(&is) else { return Vec::new() };
    let likeness = |films: &RoaringBitmap| {
        let shared = films.intersection_len(own);
        (shared >= FEWEST).then(|| shared as f64 / (films.len() + own.len() - shared) as f64)
    };
    let others = values.0.iter().filter(|(value, _)| !is(value));
    let mut near: Vec<_> =
        others.filter_map(|(value, films)| Some((likeness(films)?, value, count(films)))).collect();
    near.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
    near.into_iter().take(most).map(|(_, value, films)| (value, films)).collect()
}

fn count(films: &RoaringBitmap) -> i64 {
    i64::try_from(films.len()).expect("documents are numbered with 32 bits")
}
