//! Values as they are met in films' rows.

use std::collections::HashMap;

use roaring::RoaringBitmap;

use super::{Document, Values};
use crate::catalog::id_remap::IdRemap;

/// Values with the documents that have each.
pub(super) struct ValueSets<T> {
    values: Vec<(T, RoaringBitmap)>,
    /// Place in `values`, by the text in the database.
    places: HashMap<String, usize>,
}

impl<T> Default for ValueSets<T> {
    fn default() -> Self {
        Self { values: Vec::new(), places: HashMap::new() }
    }
}

impl<T> ValueSets<T> {
    /// Returns the values of the kept movies.
    pub fn from_kept(values: &Values<T>, films: &IdRemap) -> Self
    where
        T: Clone,
    {
        let kept = |(value, documents): &(T, _)| (value.clone(), films.set(documents));
        Self { values: values.0.iter().map(kept).collect(), places: HashMap::new() }
    }

    /// Texts that make values of the same `key` are one value, named as the first of them.
    pub fn add(
        &mut self,
        document: Document,
        text: String,
        make: impl Fn(&str) -> T,
        key: impl Fn(&T) -> &String,
    ) {
        let values = &mut self.values;
        let place = *self.places.entry(text).or_insert_with_key(|text| {
            let value = make(text);
            let same = values.iter().position(|(other, _)| key(other) == key(&value));
            same.unwrap_or_else(|| {
                values.push((value, RoaringBitmap::new()));
                values.len() - 1
            })
        });
        values[place].1.insert(document);
    }

    /// Each value that a film has, with the first of these films.
    pub fn firsts(&mut self) -> impl Iterator<Item = (&mut T, Document)> {
        self.values.iter_mut().filter_map(|(value, documents)| Some((value, documents.min()?)))
    }

    /// Those that films have.
    pub fn sorted_by_key<K: Ord>(mut self, key: impl Fn(&T) -> K) -> Values<T> {
        self.values.retain(|(_, documents)| !documents.is_empty());
        self.values.sort_by_cached_key(|(value, _)| key(value));
        Values(self.values)
    }
}
