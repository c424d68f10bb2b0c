//! The in-memory index: lists, counts and sort orders without SQL statements.
//!
//! A movie is a *document*: its position in order of title, from 0. So a set of documents is sorted by
//! title. An [`Index`] is immutable; [`Catalog`] replaces it when the database changes.

mod delta;
mod facets;
mod filter;
mod lacking;
mod live;
mod load;
mod neighbours;
mod number_column;
mod people;
mod positions;
mod recognition;
mod related;
mod rows;
mod search;
mod select;
mod values;

use std::collections::HashMap;
use std::time::SystemTime;

use roaring::RoaringBitmap;

pub use self::delta::delta;
pub use self::facets::Facet;
pub use self::filter::{Condition, Filter};
pub use self::lacking::{Lacking, Order};
pub use self::live::Catalog;
pub use self::load::{load, version};
pub use self::number_column::NumberColumn;
pub use self::people::{Credits, FoundPerson, People, PersonList};
use self::recognition::ValueNames;
pub use self::recognition::{Recognition, RecognizedFacet};
pub use self::related::{Related, SharedFact};
use self::rows::MovieColumns;
pub use self::select::Selection;
pub use self::values::{Values, ValuesBuilder};
use super::dimension::{DimensionId, Value, ValueRef};
use super::search::Search;

/// The number of a movie in one index: its position in order of title.
type Document = u32;

/// The time at which a snapshot was made. Equal facts make equal snapshots, whenever they were loaded.
struct LoadedAt(SystemTime);

impl PartialEq for LoadedAt {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A snapshot of the catalog.
#[derive(PartialEq)]
pub struct Index {
    version: i64,
    loaded_at: LoadedAt,
    /// Movie ids by document.
    ids: Vec<i32>,
    /// Documents in order of movie id.
    by_id: Vec<Document>,
    all: RoaringBitmap,
    has_synopsis: RoaringBitmap,
    years: NumberColumn,
    runtimes: NumberColumn,
    /// Ids of the tags, in the order of their values.
    tag_ids: Vec<i32>,
    /// The values of each dimension, in order of [`DimensionId::ALL`].
    values: Vec<Values>,
    /// The values that searches name.
    value_names: ValueNames,
    people: People,
    /// Uses the same numbers for movies, people and tags.
    words: Search,
    /// Movies that were merged into others: their former ids and those of the remaining movies.
    merged: HashMap<i32, i32>,
}

/// The facts that dimensions take their values from.
pub struct Facts<'a> {
    pub years: &'a NumberColumn,
    pub runtimes: &'a NumberColumn,
    pub tags: Values,
    pub countries: ValuesBuilder,
    pub languages: ValuesBuilder,
}

/// The tags in order of slug.
struct Tags {
    ids: Vec<i32>,
    values: Values,
}

impl Index {
    fn new(
        version: i64,
        movies: MovieColumns,
        by_id: Vec<Document>,
        tags: Tags,
        people: People,
        words: Search,
        merged: HashMap<i32, i32>,
    ) -> Self {
        let years = NumberColumn::new(&movies.years);
        let runtimes = NumberColumn::new(&movies.runtimes);
        let mut facts = Facts {
            years: &years,
            runtimes: &runtimes,
            tags: tags.values,
            countries: movies.countries,
            languages: movies.languages,
        };
        let values: Vec<Values> =
            DimensionId::ALL.map(|dimension| dimension.values(&mut facts)).into();
        Self {
            version,
            loaded_at: LoadedAt(SystemTime::now()),
            all: (0..as_u32(movies.ids.len())).collect(),
            has_synopsis: movies.has_synopsis,
            years,
            runtimes,
            tag_ids: tags.ids,
            value_names: ValueNames::new(&values),
            values,
            people,
            words,
            ids: movies.ids,
            by_id,
            merged,
        }
    }

    /// Returns the id of the movie that another one was merged into, or the same id.
    pub fn remaining(&self, id: i32) -> i32 {
        self.merged.get(&id).copied().unwrap_or(id)
    }

    /// Returns the catalog version of this snapshot; greater is newer.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Returns when this snapshot was made.
    pub fn loaded_at(&self) -> SystemTime {
        self.loaded_at.0
    }

    /// Returns the number of movies.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Returns the ids of all movies, in order of title.
    pub fn ids(&self) -> impl Iterator<Item = i32> {
        self.ids.iter().copied()
    }

    /// Returns the ids of all tags, in order of slug.
    pub fn tag_ids(&self) -> impl Iterator<Item = i32> {
        self.tag_ids.iter().copied()
    }

    /// Returns the position and the value with this slug. People are not
    /// included.
    pub fn find(&self, dimension: DimensionId, slug: &str) -> Option<(u32, &Value)> {
        let mut values = (0..).zip(&self.values(dimension).0);
        let (position, (value, _)) = values.find(|(_, (value, _))| value.slug == slug)?;
        Some((position, value))
    }

    /// Returns the value at this position. People are not included.
    pub fn value(&self, dimension: DimensionId, position: u32) -> Option<&Value> {
        self.values(dimension).0.get(position as usize).map(|(value, _)| value)
    }

    /// Returns the reference to a person, by id.
    pub fn person(&self, dimension: DimensionId, id: i32) -> ValueRef {
        let position = dimension.role().and_then(|_| self.people.position(id));
        position.map_or(ValueRef::Unknown, ValueRef::Position)
    }

    /// Returns the id of the `nth` movie with a synopsis, in order of title, wrapping around.
    pub fn nth_with_synopsis(&self, nth: u32) -> Option<i32> {
        self::nth(&self.has_synopsis, nth).map(|movie| self.ids[movie as usize])
    }

    /// Returns the documents of those of `ids` that exist, in the same order.
    pub fn documents(&self, ids: &[i32]) -> Vec<Document> {
        ids.iter().filter_map(|id| self.document(*id)).collect()
    }

    pub(super) fn years(&self) -> &NumberColumn {
        &self.years
    }

    pub(super) fn runtimes(&self) -> &NumberColumn {
        &self.runtimes
    }

    fn values(&self, dimension: DimensionId) -> &Values {
        &self.values[dimension as usize]
    }

    /// Returns whether the set contains every movie.
    fn is_whole(&self, set: &RoaringBitmap) -> bool {
        set.len() == self.all.len()
    }

    /// Returns the document of a movie.
    fn document(&self, id: i32) -> Option<Document> {
        position(&self.ids, &self.by_id, id)
    }
}

/// Returns the position of `id` in `ids`, whose positions in order of id are `by_id`.
fn position(ids: &[i32], by_id: &[u32], id: i32) -> Option<u32> {
    let at = by_id.binary_search_by_key(&id, |&position| ids[position as usize]);
    at.ok().map(|at| by_id[at])
}

/// Returns the positions in `ids` in order of id. Fast if `nearly` is almost sorted.
fn positions_by_id(ids: &[i32], nearly: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut positions: Vec<u32> = nearly.into_iter().collect();
    positions.sort_by_key(|&position| ids[position as usize]);
    positions
}

/// Converts a number of rows, which cannot exceed the number of ids.
fn as_u32(rows: usize) -> u32 {
    u32::try_from(rows).expect("ids of 32 bits are unique")
}

/// Converts the size of a set.
fn count(size: u64) -> i64 {
    i64::try_from(size).expect("documents have 32 bits")
}

/// Returns the `nth` element of the set, wrapping around.
fn nth(set: &RoaringBitmap, nth: u32) -> Option<u32> {
    let size = u32::try_from(set.len()).ok().filter(|size| *size > 0)?;
    set.select(nth % size)
}
