//! For every value that could be chosen, how many films the list would then hold.

use std::cmp::Reverse;

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

/// Values with the number of films that choosing each would leave, those of no film left out; the
/// most frequent first, ties in the order of the values. A tag is chosen beside those chosen
/// already; of any other fact a value takes the place of the one chosen.
pub struct Facets<'a> {
    pub tags: Vec<(&'a Tag, i64)>,
    pub decades: Vec<(i16, i64)>,
    /// By id.
    pub directors: Vec<(i32, i64)>,
    pub countries: Vec<(&'a Country, i64)>,
    /// By code.
    pub languages: Vec<(&'a str, i64)>,
    pub lengths: Vec<(Length, i64)>,
}

impl Index {
    /// Every value; of directors the first `most_directors`.
    pub fn facets(&self, filter: &Filter, most_directors: usize) -> Facets<'_> {
        let left = |dimension| self.matching(filter, Some(dimension));
        let mut tags = self.counts(&self.tags, &left(Dimension::Tag));
        tags.retain(|(tag, _)| !filter.tags.contains(&tag.id));
        let decades = self.counts(&self.decades, &left(Dimension::Decade));
        let languages = self.counts(&self.languages, &left(Dimension::Language));
        let lengths = self.counts(&self.lengths, &left(Dimension::Length));
        Facets {
            tags,
            decades: decades.into_iter().map(|(first, films)| (*first, films)).collect(),
            directors: self.directors(&left(Dimension::Director), 0, most_directors),
            countries: self.counts(&self.countries, &left(Dimension::Country)),
            languages: languages.into_iter().map(|(code, films)| (code.as_str(), films)).collect(),
            lengths: lengths.into_iter().map(|(length, films)| (*length, films)).collect(),
        }
    }

    fn counts<'a, T>(&self, values: &'a Values<T>, set: &RoaringBitmap) -> Vec<(&'a T, i64)> {
        let whole = self.is_whole(set);
        let films = |having: &RoaringBitmap| {
            let films = if whole { having.len() } else { having.intersection_len(set) };
            i64::try_from(films).expect("documents are numbered with 32 bits")
        };
        let counted = values.0.iter().map(|(value, having)| (value, films(having)));
        let mut counts: Vec<_> = counted.filter(|(_, films)| *films > 0).collect();
        counts.sort_by_key(|(_, films)| Reverse(*films));
        counts
    }

    /// The directors of these films, those with the most of them first.
    fn directors(&self, set: &RoaringBitmap, offset: usize, limit: usize) -> Vec<(i32, i64)> {
        let Directors { ids, films, of, by_films, .. } = &self.directors;
        let director = |place: u32, films: u32| (ids[place as usize], i64::from(films));
        if self.is_whole(set) {
            let places = by_films.iter().skip(offset).take(limit);
            return places.map(|place| director(*place, films.len(*place))).collect();
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
        let end = (offset + limit).min(most.len());
        if end < most.len() {
            most.select_nth_unstable(end);
            most.truncate(end);
        }
        most.sort_unstable();
        let page = most.into_iter().skip(offset);
        page.map(|(Reverse(films), place)| director(place, films)).collect()
    }
}
