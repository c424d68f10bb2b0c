//! Directors in order of their names or of the number of their films.

use std::ops::Range;

use roaring::RoaringBitmap;

use super::{Document, Index, number, place};
use crate::catalog::adjacency::Adjacency;
use crate::catalog::directors::Sort;

/// Directors are many and mostly have few films: lists, both ways, are smaller than sets.
#[derive(PartialEq)]
pub(super) struct Directors {
    /// In order of name.
    pub ids: Vec<i32>,
    /// Place in `ids`, in order of id.
    pub by_id: Vec<u32>,
    /// Place in `ids`, the most films first.
    pub by_films: Vec<u32>,
    /// How many of them have films.
    pub credited: usize,
    /// First letters of the names, with the places of those who have each.
    pub initials: Vec<(String, Range<u32>)>,
    /// Those who have a biography.
    pub has_biography: RoaringBitmap,
    /// Documents of each director.
    pub films: Adjacency,
    /// Directors of each document.
    pub of: Adjacency,
}

/// A director of this index.
pub struct FoundDirector {
    pub id: i32,
    /// How many films the director has made.
    pub films: usize,
}

/// Directors in their order.
pub struct DirectorList<'a> {
    directors: &'a Directors,
    /// Those of the wanted letter.
    places: Range<u32>,
    sort: Sort,
}

impl Directors {
    /// Each credit is a document and the place of a director; `initials` are of all names, in order.
    pub fn new(
        ids: Vec<i32>,
        by_id: Vec<u32>,
        has_biography: RoaringBitmap,
        initials: &[Option<char>],
        documents: usize,
        credits: &[(Document, u32)],
    ) -> Self {
        let credits = Adjacency::new(documents, credits.iter().copied());
        // What was transposed is in order.
        let films = credits.transposed(ids.len());
        let of = films.transposed(documents);
        let all = 0..number(ids.len());
        let most = all.clone().map(|place| films.len(place)).max().unwrap_or(0);
        let fewer = all.map(|place| (most - films.len(place), place));
        let by_films = Adjacency::new(most as usize + 1, fewer).items;
        let credited = by_films.partition_point(|&place| films.len(place) > 0);
        Self {
            initials: ranges(initials),
            ids,
            by_id,
            by_films,
            credited,
            has_biography,
            films,
            of,
        }
    }

    /// The first letter of the name at each place, where there is one.
    pub fn initials(&self) -> impl Iterator<Item = Option<char>> {
        let mut ranges = self.initials.iter().peekable();
        self.all().map(move |place| {
            while ranges.next_if(|(_, places)| places.end <= place).is_some() {}
            let (initial, _) = ranges.peek().filter(|(_, places)| places.start <= place)?;
            initial.chars().next()
        })
    }

    pub fn place(&self, id: i32) -> Option<u32> {
        place(&self.ids, &self.by_id, id)
    }

    pub fn found(&self, place: u32) -> FoundDirector {
        FoundDirector { id: self.ids[place as usize], films: self.films.get(place).len() }
    }

    fn all(&self) -> Range<u32> {
        0..number(self.ids.len())
    }
}

/// Each letter with its places; names without letters have none in front.
fn ranges(initials: &[Option<char>]) -> Vec<(String, Range<u32>)> {
    let mut ranges: Vec<(String, Range<u32>)> = Vec::new();
    for (place, initial) in (0..).zip(initials) {
        let Some(initial) = initial.map(String::from) else { continue };
        match ranges.last_mut().filter(|(last, _)| *last == initial) {
            Some((_, places)) => places.end = place + 1,
            None => ranges.push((initial, place..place + 1)),
        }
    }
    ranges
}

impl Index {
    /// Ids of the directors, by name.
    pub fn director_ids(&self) -> impl Iterator<Item = i32> {
        self.directors.ids.iter().copied()
    }

    /// The first letters that sort names have, in order; scripts other than Latin come last.
    pub fn initials(&self) -> impl Iterator<Item = &str> {
        self.directors.initials.iter().map(|(letter, _)| letter.as_str())
    }

    /// All directors, or those whose sort names begin with a letter of [`Index::initials`].
    pub fn directors(&self, initial: Option<&str>, sort: Sort) -> DirectorList<'_> {
        let directors = &self.directors;
        let places = match initial {
            None => directors.all(),
            Some(letter) => {
                let found = directors.initials.iter().find(|(initial, _)| initial == letter);
                found.map_or(0..0, |(_, places)| places.clone())
            }
        };
        DirectorList { directors, places, sort }
    }

    /// Id of the `nth` director who has a biography, in order of name, counted round and round.
    pub fn nth_with_biography(&self, nth: u32) -> Option<i32> {
        let Directors { has_biography, ids, .. } = &self.directors;
        super::nth(has_biography, nth).map(|place| ids[place as usize])
    }
}

impl DirectorList<'_> {
    pub fn total(&self) -> i64 {
        self.places.len().try_into().unwrap_or(i64::MAX)
    }

    /// Those at these places of the list.
    pub fn page(&self, wanted: Range<usize>) -> Vec<FoundDirector> {
        let Self { directors, places, sort } = self;
        let found = |place| directors.found(place);
        match sort {
            Sort::Name => places.clone().skip(wanted.start).take(wanted.len()).map(found).collect(),
            Sort::Movies => {
                let of_letter = directors.by_films.iter().filter(|place| places.contains(place));
                of_letter.skip(wanted.start).take(wanted.len()).copied().map(found).collect()
            }
        }
    }
}
