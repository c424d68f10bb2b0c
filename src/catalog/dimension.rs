//! The dimensions of the catalog: the kinds of facts that lists are filtered by.
//!
//! A dimension is one module that implements [`Dimension`], and one entry of [`DimensionId`]. Filters,
//! facets, criteria and related movies work on all dimensions alike.

mod actor;
mod country;
mod decade;
mod director;
mod language;
mod range;
mod running_time;
mod tag;
mod year;

use std::ops::Deref;

use diesel::QueryResult;

pub use self::country::value as country;
pub use self::decade::first_year;
pub use self::language::value as language;
pub use self::range::NumberRange;
use super::index::{Facts, Index, NumberColumn, Values};
use super::people::{self, Role};
use crate::db::Connection;

/// A kind of fact that lists are filtered by.
pub trait Dimension: Sync {
    /// Returns the name in the URLs of its values' own pages, if they have any: "countries" in
    /// `/movies/countries/japan`.
    fn collection(&self) -> Option<&'static str> {
        None
    }

    /// Returns the slug of the value that a URL names: `1930s` for `1930`.
    fn canonical_slug(&self, text: &str) -> String {
        text.to_owned()
    }

    /// Takes the values out of the facts, in their natural order.
    fn values(&self, _facts: &mut Facts<'_>) -> Values {
        Values::default()
    }

    /// Returns the role in the credits, if the values are people. People are too many for
    /// [`Dimension::values`].
    fn role(&self) -> Option<Role> {
        None
    }

    /// Returns the numbers of the movies, if the dimension can be filtered by a range.
    fn numbers<'a>(&self, _index: &'a Index) -> Option<&'a NumberColumn> {
        None
    }

    /// Returns the range of numbers that a value stands for.
    fn range(&self, _value: &Value) -> Option<NumberRange> {
        None
    }

    /// Returns whether several values restrict a list to the movies that have all of them. Otherwise
    /// one of the values is enough.
    fn is_cumulative(&self) -> bool {
        false
    }

    /// Returns whether readers expect the values in their natural order, and all of them at once.
    fn is_ordinal(&self) -> bool {
        false
    }

    /// Returns whether lists offer the values as filters.
    fn has_panel(&self) -> bool {
        true
    }

    /// Returns which other values the list of one value leads to.
    fn neighbours(&self) -> Neighbours {
        Neighbours::None
    }

    /// Returns how much a common value relates two movies, from 0 to 1.
    fn relatedness(&self) -> f64 {
        0.0
    }
}

/// A registered dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DimensionId {
    Tag,
    Decade,
    Year,
    Director,
    Actor,
    Country,
    Language,
    RunningTime,
}

impl DimensionId {
    /// All dimensions, in the order of panels and query parameters.
    pub const ALL: [Self; 8] = [
        Self::Tag,
        Self::Decade,
        Self::Year,
        Self::Director,
        Self::Actor,
        Self::Country,
        Self::Language,
        Self::RunningTime,
    ];

    /// Returns the name in URLs and templates: the query parameter.
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Decade => "decade",
            Self::Year => "year",
            Self::Director => "director",
            Self::Actor => "actor",
            Self::Country => "country",
            Self::Language => "language",
            Self::RunningTime => "runtime",
        }
    }

    /// Returns the dimension of the people with a role.
    pub const fn of_role(role: Role) -> Self {
        match role {
            Role::Director => Self::Director,
            Role::Actor => Self::Actor,
        }
    }

    /// Returns the dimension of a query parameter.
    pub fn from_parameter(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.parameter() == name)
    }

    /// Returns the dimension of a [`Dimension::collection`].
    pub fn from_collection(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.collection() == Some(name))
    }
}

impl Deref for DimensionId {
    type Target = dyn Dimension;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Tag => &tag::Tag,
            Self::Decade => &decade::Decade,
            Self::Year => &year::Year,
            Self::Director => &director::Director,
            Self::Actor => &actor::Actor,
            Self::Country => &country::Country,
            Self::Language => &language::Language,
            Self::RunningTime => &running_time::RunningTime,
        }
    }
}

/// The values that the list of one value leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbours {
    None,
    /// Those with the most movies in common.
    Similar,
    /// The one before and the one after.
    Adjacent,
}

/// A value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The name in URLs.
    pub slug: String,
    /// The name for readers. Templates format ranges.
    pub label: String,
}

/// A reference to values of a dimension, within one index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueRef {
    /// The value at this position.
    Position(u32),
    /// All numbers of a range.
    Range(NumberRange),
    /// A value that no movie has.
    Unknown,
}

/// Finds the value that a URL names.
///
/// # Errors
/// Returns an error if the database fails; it is queried for people only.
pub async fn find(
    conn: &mut Connection,
    index: &Index,
    dimension: DimensionId,
    text: &str,
) -> QueryResult<Option<(ValueRef, Value)>> {
    let slug = dimension.canonical_slug(text);
    if dimension.role().is_some() {
        let Some(person) = people::find(conn, &slug).await? else { return Ok(None) };
        let value = Value { slug: person.slug, label: person.name };
        return Ok(Some((index.person(dimension, person.id), value)));
    }
    if let Some((position, value)) = index.find(dimension, &slug) {
        return Ok(Some((ValueRef::Position(position), value.clone())));
    }
    let range = dimension.numbers(index).and_then(|_| NumberRange::parse(text));
    Ok(range.map(|range| {
        let value = Value { slug: range.slug(), label: range.slug() };
        (ValueRef::Range(range), value)
    }))
}

/// Loads the values at these positions. People that were deleted meanwhile are `None`.
///
/// # Errors
/// Returns an error if the database fails; it is queried for people only.
pub async fn load(
    conn: &mut Connection,
    index: &Index,
    dimension: DimensionId,
    positions: &[u32],
) -> QueryResult<Vec<Option<Value>>> {
    if dimension.role().is_none() || positions.is_empty() {
        return Ok(positions.iter().map(|at| index.value(dimension, *at).cloned()).collect());
    }
    let ids: Vec<i32> = positions.iter().map(|at| index.person_id(*at)).collect();
    let people = people::with_ids(conn, &ids).await?;
    let value = |id: &i32| {
        let person = people.iter().find(|person| person.id == *id)?;
        Some(Value { slug: person.slug.clone(), label: person.name.clone() })
    };
    Ok(ids.iter().map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_are_registered_in_order_under_unique_names() {
        for (position, one) in DimensionId::ALL.into_iter().enumerate() {
            assert_eq!(one as usize, position);
            assert_eq!(DimensionId::from_parameter(one.parameter()), Some(one));
            if let Some(collection) = one.collection() {
                assert_eq!(DimensionId::from_collection(collection), Some(one));
            }
        }
    }
}
