//! For every value that could be chosen, how many films the list would then hold.

use std::cmp::Reverse;
use std::ops::Range;

use roaring::RoaringBitmap;

use super::{Country, Directors, Filter, Index, Length, Values};
use crate::catalog::tags::Tag;

/// A fact that films are filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    Tag,
    Decade,
    Director,
    Country,
    Language,
    Length,
}

/// What can be chosen of a dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    Tag(&'a Tag),
    /// The first year.
    Decade(i16),
    /// By id.
    Director(i32),
    Country(&'a Country),
    /// An ISO 639 code.
    Language(&'a str),
    Length(Length),
}

/// Values of one dimension with the films that choosing each would leave; values of no film are
/// left out. The most frequent come first, ties in the order of the values.
pub struct Facet<'a> {
    pub values: Vec<(Value<'a>, i64)>,
    /// How many there are, of which `values` may hold a part.
    pub distinct: usize,
}

impl Dimension {
    pub const ALL: [Self; 6] =
        [Self::Tag, Self::Decade, Self::Director, Self::Country, Self::Language, Self::Length];
}

impl Index {
    /// The values at these places. A tag is chosen beside those chosen already; of any other
    /// dimension a value takes the place of the one chosen.
    pub fn facet(&self, filter: &Filter, dimension: Dimension, places: Range<usize>) -> Facet<'_> {
        let set = &self.matching(filter, Some(dimension));
        match dimension {
            Dimension::Tag => {
                let mut tags = self.counts(&self.tags, set);
                tags.retain(|(tag, _)| !filter.tags.contains(&tag.id));
                facet(tags, places, Value::Tag)
            }
            Dimension::Decade => {
                facet(self.counts(&self.decades, set), places, |first| Value::Decade(*first))
            }
            Dimension::Director => self.director_facet(set, places),
            Dimension::Country => facet(self.counts(&self.countries, set), places, Value::Country),
            Dimension::Language => {
                facet(self.counts(&self.languages, set), places, |code| Value::Language(code))
            }
            Dimension::Length => {
                facet(self.counts(&self.lengths, set), places, |length| Value::Length(*length))
            }
        }
    }

    pub(super) fn counts<'a, T>(
        &self,
        values: &'a Values<T>,
        set: &RoaringBitmap,
    ) -> Vec<(&'a T, i64)> {
        let whole = self.is_whole(set);
        let films = |having: &RoaringBitmap| {
            let films = if whole { having.len() } else { having.intersection_len(set) };
            i64::try_from(films).expect("documents are numbered with 32 bits")
        };
        let counted = values.0.iter().map(|(value, having)| (value, films(having)));
        counted.filter(|(_, films)| *films > 0).collect()
    }

    fn director_facet(&self, set: &RoaringBitmap, places: Range<usize>) -> Facet<'_> {
        let Directors { ids, films, of, by_films, credited, .. } = &self.directors;
        let value = |place: u32, films: u32| (Value::Director(ids[place as usize]), films.into());
        if self.is_whole(set) {
            let shown = by_films[..*credited].iter().skip(places.start).take(places.len());
            let values = shown.map(|place| value(*place, films.len(*place))).collect();
            return Facet { values, distinct: *credited };
        }
        let mut counts = vec![0; ids.len()];
        for document in set {
            for place in of.get(document) {
                counts[*place as usize] += 1;
            }
        }
        let counted = (0..).zip(counts).filter(|(_, films)| *films > 0);
        let mut most: Vec<(Reverse<u32>, u32)> =
            counted.map(|(place, films)| (Reverse(films), place)).collect();
        let distinct = most.len();
        if places.end < distinct {
            most.select_nth_unstable(places.end);
            most.truncate(places.end);
        }
        most.sort_unstable();
        let shown = most.into_iter().skip(places.start);
        Facet {
            values: shown.map(|(Reverse(films), place)| value(place, films)).collect(),
            distinct,
        }
    }
}

fn facet<'a, T>(
    mut counts: Vec<(&'a T, i64)>,
    places: Range<usize>,
    value: impl Fn(&'a T) -> Value<'a>,
) -> Facet<'a> {
    counts.sort_by_key(|(_, films)| Reverse(*films));
    let distinct = counts.len();
    let shown = counts.into_iter().skip(places.start).take(places.len());
    Facet { values: shown.map(|(one, films)| (value(one), films)).collect(), distinct }
}
