//! The movies that a list contains.

use std::borrow::Cow;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::{Document, Index};
use crate::catalog::dimension::{DimensionId, ValueRef};

/// The conditions of a list, for one index. A movie must meet all of them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Filter {
    pub conditions: Vec<Condition>,
    /// Ids of movies to leave out.
    pub hidden: Vec<i32>,
    /// Only these movies, ranked.
    pub ranked: Option<Arc<[Document]>>,
}

/// A condition on one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub dimension: DimensionId,
    /// A movie must have one of these values.
    pub values: Vec<ValueRef>,
    /// Inverts the condition: a movie must have none of the values.
    pub is_excluded: bool,
}

impl Filter {
    /// Returns a filter by one value.
    pub fn by(dimension: DimensionId, value: ValueRef) -> Self {
        Self::default().and(dimension, value)
    }

    /// Returns a filter for ranked results, best first.
    pub fn ranked(movies: impl Into<Arc<[Document]>>) -> Self {
        Self { ranked: Some(movies.into()), ..Self::default() }
    }

    /// Adds a value: as another condition in a cumulative dimension, as an alternative in any other.
    #[must_use]
    pub fn and(mut self, dimension: DimensionId, value: ValueRef) -> Self {
        let mut same = self.conditions.iter_mut();
        let same = same.find(|one| one.dimension == dimension && one.is_replaceable());
        match same {
            Some(condition) => condition.values.push(value),
            None => self.add(dimension, value, false),
        }
        self
    }

    /// Excludes the movies with a value.
    #[must_use]
    pub fn without(mut self, dimension: DimensionId, value: ValueRef) -> Self {
        self.add(dimension, value, true);
        self
    }

    fn add(&mut self, dimension: DimensionId, value: ValueRef, is_excluded: bool) {
        self.conditions.push(Condition { dimension, values: vec![value], is_excluded });
    }
}

impl Condition {
    /// Returns whether choosing another value of the dimension would replace this condition.
    fn is_replaceable(&self) -> bool {
        !self.is_excluded && !self.dimension.is_cumulative()
    }
}

impl Index {
    /// Returns the movies that meet the filter. Replaceable conditions on `except` are ignored.
    pub(super) fn matching<'a>(
        &'a self,
        filter: &Filter,
        except: Option<DimensionId>,
    ) -> Cow<'a, RoaringBitmap> {
        let mut set = Cow::Borrowed(&self.all);
        let mut retain = |part: Cow<'a, RoaringBitmap>| match self.is_whole(&set) {
            true => set = part,
            false => *set.to_mut() &= &*part,
        };
        let applies = |one: &&Condition| except != Some(one.dimension) || !one.is_replaceable();
        let conditions = || filter.conditions.iter().filter(applies);
        for condition in conditions().filter(|one| !one.is_excluded) {
            retain(self.movies_of(condition));
        }
        if let Some(ranked) = &filter.ranked {
            retain(Cow::Owned(ranked.iter().copied().collect()));
        }
        for condition in conditions().filter(|one| one.is_excluded) {
            *set.to_mut() -= &*self.movies_of(condition);
        }
        let hidden = filter.hidden.iter().filter_map(|id| self.document(*id));
        for document in hidden {
            set.to_mut().remove(document);
        }
        set
    }

    /// Returns the movies with any value of a condition.
    fn movies_of(&self, condition: &Condition) -> Cow<'_, RoaringBitmap> {
        let mut sets =
            condition.values.iter().map(|value| self.movies(condition.dimension, *value));
        let mut movies = sets.next().unwrap_or_default();
        for more in sets {
            *movies.to_mut() |= &*more;
        }
        movies
    }

    /// Returns the movies with a value.
    fn movies(&self, dimension: DimensionId, value: ValueRef) -> Cow<'_, RoaringBitmap> {
        match value {
            ValueRef::Position(at) => match dimension.role() {
                Some(role) => {
                    let movies = self.people.credits(role).movies.get(at);
                    Cow::Owned(movies.iter().copied().collect())
                }
                None => Cow::Borrowed(self.values(dimension).movies(at)),
            },
            ValueRef::Range(range) => match dimension.numbers(self) {
                Some(numbers) => Cow::Owned(numbers.within(range)),
                None => Cow::default(),
            },
            ValueRef::Unknown => Cow::default(),
        }
    }
}
