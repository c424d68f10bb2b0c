//! The values of a dimension, with the movies of each.

use std::collections::HashMap;

use roaring::RoaringBitmap;

use super::Document;
use crate::catalog::dimension::Value;
use crate::catalog::id_remap::IdRemap;

/// The values of a dimension in their natural order, each with its movies.
#[derive(Debug, Clone, PartialEq)]
pub struct Values<T = Value>(pub(super) Vec<(T, RoaringBitmap)>);

impl<T> Default for Values<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Values<T> {
    /// Converts each value, and keeps its movies.
    pub fn map<U>(self, convert: impl Fn(T) -> U) -> Values<U> {
        Values(self.0.into_iter().map(|(value, movies)| (convert(value), movies)).collect())
    }

    /// Returns the values of one movie, by position, with all movies of each.
    pub fn of(&self, movie: Document) -> impl Iterator<Item = (u32, &RoaringBitmap)> {
        let all = (0..).zip(&self.0);
        all.filter(move |(_, (_, movies))| movies.contains(movie)).map(|(at, (_, set))| (at, set))
    }

    /// Returns the movies of the value at this position.
    pub fn movies(&self, position: u32) -> &RoaringBitmap {
        &self.0[position as usize].1
    }

    /// Returns the value at this position.
    pub fn get(&self, position: u32) -> &T {
        &self.0[position as usize].0
    }
}

/// Builds [`Values`] from texts in the rows of movies.
#[derive(Default)]
pub struct ValuesBuilder {
    values: Vec<(Value, RoaringBitmap)>,
    /// Position in `values`, by the text in the database.
    positions: HashMap<String, usize>,
}

impl ValuesBuilder {
    /// Starts with the kept movies of earlier values.
    pub fn from_kept(values: &Values, movies: &IdRemap) -> Self {
        let kept = |(value, documents): &(Value, _)| (value.clone(), movies.set(documents));
        Self { values: values.0.iter().map(kept).collect(), positions: HashMap::new() }
    }

    /// Adds a movie to the value of a text. Texts of equal slug are one value, with the label of the
    /// first.
    pub fn add(&mut self, movie: Document, text: String, value: impl Fn(&str) -> Value) {
        let values = &mut self.values;
        let position = *self.positions.entry(text).or_insert_with_key(|text| {
            let value = value(text);
            let same = values.iter().position(|(other, _)| other.slug == value.slug);
            same.unwrap_or_else(|| {
                values.push((value, RoaringBitmap::new()));
                values.len() - 1
            })
        });
        values[position].1.insert(movie);
    }

    /// Returns each value in use, with its first movie.
    pub fn first_movies(&mut self) -> impl Iterator<Item = (&mut Value, Document)> {
        self.values.iter_mut().filter_map(|(value, movies)| Some((value, movies.min()?)))
    }

    /// Finishes with the values in use, in the order of a key.
    pub fn sorted_by_key<K: Ord>(mut self, key: impl Fn(&Value) -> K) -> Values {
        self.values.retain(|(_, movies)| !movies.is_empty());
        self.values.sort_by_cached_key(|(value, _)| key(value));
        Values(self.values)
    }
}
