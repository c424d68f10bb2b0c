//! The movies that lack a fact, and orders that only operators need.

use std::borrow::Cow;
use std::ops::Range;

use roaring::RoaringBitmap;

use super::select::Selection;
use super::{Filter, Index, NumberColumn};
use crate::catalog::dimension::{DimensionId, Value};
use crate::catalog::people::Role;
use crate::catalog::sort::Direction;

/// A fact that a movie may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    Synopsis,
    Year,
    Runtime,
    Director,
    Tag,
    /// No movie has an uploaded poster yet.
    Poster,
    Country,
    Language,
}

impl Lacking {
    pub const ALL: [Self; 8] = [
        Self::Synopsis,
        Self::Year,
        Self::Runtime,
        Self::Director,
        Self::Tag,
        Self::Poster,
        Self::Country,
        Self::Language,
    ];

    /// Returns the name in URLs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Synopsis => "synopsis",
            Self::Year => "year",
            Self::Runtime => "runtime",
            Self::Director => "director",
            Self::Tag => "tag",
            Self::Poster => "poster",
            Self::Country => "country",
            Self::Language => "language",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// A sort order of operators' lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Title,
    Year,
    Added,
    Runtime,
}

impl Order {
    /// Parses `title` or, for the descending order, `-title`.
    pub fn parse(text: &str) -> Option<(Self, Direction)> {
        let (name, direction) = match text.strip_prefix('-') {
            Some(name) => (name, Direction::Descending),
            None => (text, Direction::Ascending),
        };
        let order = match name {
            "title" => Self::Title,
            "year" => Self::Year,
            "added" => Self::Added,
            "runtime" => Self::Runtime,
            _ => return None,
        };
        Some((order, direction))
    }
}

impl Index {
    /// Selects the movies that meet a filter and lack all of these facts.
    pub fn select_lacking<'a>(&'a self, filter: &'a Filter, lacking: &[Lacking]) -> Selection<'a> {
        let mut selection = self.select(filter);
        for fact in lacking {
            *selection.movies.to_mut() &= self.lacking(*fact).as_ref();
        }
        selection
    }

    /// Returns the ids of all people, in order of name.
    pub fn people_by_name(&self) -> &[i32] {
        &self.people.ids
    }

    /// Returns the number of movies of a person.
    pub fn film_count(&self, person: i32) -> usize {
        let position = self.people.position(person);
        position.map_or(0, |position| self.movies_of_person(position).count())
    }

    /// Returns the ids of the movies of a person, in order of title.
    pub fn films_of_person(&self, person: i32) -> Vec<i32> {
        let position = self.people.position(person);
        let movies = position.into_iter().flat_map(|position| self.movies_of_person(position));
        movies.map(|movie| self.ids[movie as usize]).collect()
    }

    /// Returns the id, the value and the number of movies of each tag, in order of slug.
    pub fn tags(&self) -> impl Iterator<Item = (i32, &Value, usize)> {
        let values = self.values(DimensionId::Tag).0.iter();
        self.tag_ids.iter().zip(values).map(|(id, (tag, movies))| {
            (*id, tag, usize::try_from(movies.len()).unwrap_or(usize::MAX))
        })
    }

    fn lacking(&self, fact: Lacking) -> Cow<'_, RoaringBitmap> {
        let without = |dimension: DimensionId| {
            let mut movies = self.all.clone();
            self.values(dimension).0.iter().for_each(|(_, having)| movies -= having);
            Cow::Owned(movies)
        };
        let unknown = |numbers: &NumberColumn| {
            let movies = (0..).zip(numbers.numbers()).filter(|(_, number)| number.is_none());
            Cow::Owned(movies.map(|(movie, _)| movie).collect())
        };
        match fact {
            Lacking::Synopsis => Cow::Owned(&self.all - &self.has_synopsis),
            Lacking::Year => unknown(&self.years),
            Lacking::Runtime => unknown(&self.runtimes),
            Lacking::Director => {
                let directors = &self.people.credits(Role::Director).of;
                Cow::Owned(
                    self.all.iter().filter(|movie| directors.get(*movie).is_empty()).collect(),
                )
            }
            Lacking::Tag => without(DimensionId::Tag),
            Lacking::Poster => Cow::Borrowed(&self.all),
            Lacking::Country => without(DimensionId::Country),
            Lacking::Language => without(DimensionId::Language),
        }
    }
}

impl Selection<'_> {
    /// Returns the ids of the movies in this range of a list in an operator's order.
    pub fn page_in(&self, order: Order, direction: Direction, range: Range<usize>) -> Vec<i32> {
        let Index { ids, by_id, years, runtimes, .. } = self.index;
        let is_descending = direction == Direction::Descending;
        let page: Vec<u32> = match order {
            Order::Title if !is_descending => self.by_title(range),
            Order::Title => {
                let total = usize::try_from(self.movies.len()).unwrap_or(usize::MAX);
                let end = total.saturating_sub(range.start);
                let mut page = self.by_title(total.saturating_sub(range.end)..end);
                page.reverse();
                page
            }
            Order::Year => years.page(&self.movies, direction, range),
            Order::Runtime => runtimes.page(&self.movies, direction, range),
            Order::Added => {
                let is_member = |movie: &&u32| self.movies.contains(**movie);
                let (skip, take) = (range.start, range.len());
                match is_descending {
                    true => {
                        let latest = by_id.iter().rev().filter(is_member);
                        latest.skip(skip).take(take).copied().collect()
                    }
                    false => {
                        by_id.iter().filter(is_member).skip(skip).take(take).copied().collect()
                    }
                }
            }
        };
        page.into_iter().map(|movie| ids[movie as usize]).collect()
    }

    /// Returns the ids of all movies, in order of title.
    pub fn ids(&self) -> Vec<i32> {
        self.movies.iter().map(|movie| self.index.ids[movie as usize]).collect()
    }
}
