//! One criterion of a movie list.

use std::sync::Arc;

use serde::Serialize;

use crate::catalog::dimension::{self, DimensionId, NumberRange, Value, ValueRef};
use crate::catalog::index::Index;
use crate::db::Connection;
use crate::web::error::{Error, Result};
use crate::web::http::url;

/// A condition that all movies of a list meet, as readers and URLs name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// A search, with its results in the index, best first.
    Search { text: String, found: Arc<[u32]> },
    /// A value of a dimension that movies must have, or must not have.
    Value { dimension: DimensionId, value: ValueRef, name: Value, is_excluded: bool },
}

/// A criterion as `components/criterion.html` shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The dimension, or `words` for a search.
    pub kind: &'static str,
    pub name: String,
    /// Inclusive bounds, if it is a range.
    pub min: Option<i16>,
    pub max: Option<i16>,
    pub is_excluded: bool,
}

/// A link to a list, named by its criteria.
#[derive(Debug, Serialize)]
pub struct ListLink {
    pub href: String,
    /// All films if empty.
    pub criteria: Vec<Label>,
}

impl Label {
    fn of_kind(kind: &'static str) -> Self {
        Self { kind, ..Self::default() }
    }
}

impl Criterion {
    /// Parses a value of a dimension; a leading `-` excludes it. The name of an unknown value is the
    /// text itself.
    pub async fn parse(
        conn: &mut Connection,
        index: &Index,
        dimension: DimensionId,
        text: &str,
    ) -> Result<Self> {
        let (text, is_excluded) = match text.strip_prefix('-') {
            Some(text) => (text, true),
            None => (text, false),
        };
        let found = dimension::find(conn, index, dimension, text).await?;
        let (value, name) = found.unwrap_or_else(|| {
            (ValueRef::Unknown, Value { slug: text.to_owned(), label: text.to_owned() })
        });
        Ok(Self::Value { dimension, value, name, is_excluded })
    }

    /// Finds the value that a path names.
    pub async fn find(
        conn: &mut Connection,
        index: &Index,
        dimension: DimensionId,
        slug: &str,
    ) -> Result<Self> {
        let found = dimension::find(conn, index, dimension, slug).await?;
        let (value, name) = found.ok_or(Error::NotFound)?;
        Ok(Self::Value { dimension, value, name, is_excluded: false })
    }

    /// Returns the criterion of a value of the index.
    pub fn chosen(dimension: DimensionId, position: u32, name: Value) -> Self {
        Self::Value { dimension, value: ValueRef::Position(position), name, is_excluded: false }
    }

    /// Returns the query parameter.
    pub fn parameter(&self) -> &'static str {
        match self {
            Self::Search { .. } => "q",
            Self::Value { dimension, .. } => dimension.parameter(),
        }
    }

    /// Returns the value of the query parameter.
    pub fn value(&self) -> String {
        match self {
            Self::Search { text, .. } => text.clone(),
            Self::Value { name, is_excluded: false, .. } => name.slug.clone(),
            Self::Value { name, is_excluded: true, .. } => format!("-{}", name.slug),
        }
    }

    pub fn label(&self) -> Label {
        match self {
            Self::Search { text, .. } => Label { name: text.clone(), ..Label::of_kind("words") },
            Self::Value { dimension, value, name, is_excluded } => {
                let range = match value {
                    ValueRef::Unknown => None,
                    _ => dimension.range(name),
                };
                let (min, max) = range.map_or((None, None), NumberRange::bounds);
                let (kind, name, is_excluded) =
                    (dimension.parameter(), name.label.clone(), *is_excluded);
                Label { kind, name, min, max, is_excluded }
            }
        }
    }

    /// Returns the dimension, unless it is excluded.
    pub fn dimension(&self) -> Option<&'static str> {
        match self {
            Self::Value { dimension, is_excluded: false, .. } => Some(dimension.parameter()),
            _ => None,
        }
    }

    /// Returns the path of the list with this criterion alone, if it has one.
    pub fn path(&self) -> Option<String> {
        match self {
            Self::Value { dimension, name, is_excluded: false, .. } => {
                url::value_page(*dimension, &name.slug)
            }
            _ => None,
        }
    }

    /// Returns whether it is a value that no movie has.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Value { value: ValueRef::Unknown, .. })
    }

    /// Returns the excluding form of a criterion.
    pub fn excluded(self) -> Self {
        match self {
            Self::Value { dimension, value, name, .. } => {
                Self::Value { dimension, value, name, is_excluded: true }
            }
            search @ Self::Search { .. } => search,
        }
    }

    /// Returns whether choosing this criterion drops the other one.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Value { dimension, name, is_excluded, .. },
                Self::Value {
                    dimension: other, name: other_name, is_excluded: other_excluded, ..
                },
            ) if dimension == other => {
                let adds_up = dimension.is_cumulative() || *is_excluded || *other_excluded;
                name == other_name || !adds_up
            }
            (one, other) => one.parameter() == other.parameter(),
        }
    }

    /// Returns the sort key of criteria: the search, then the dimensions in order; of each, excluded
    /// values last.
    pub(super) fn order(&self) -> (usize, bool) {
        match self {
            Self::Search { .. } => (0, false),
            Self::Value { dimension, is_excluded, .. } => (1 + *dimension as usize, *is_excluded),
        }
    }
}
