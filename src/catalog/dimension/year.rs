use super::{Dimension, NumberRange, Value};
use crate::catalog::index::{Index, NumberColumn};

/// The year of a movie, by range: `1930-1945`.
pub(super) struct Year;

impl Dimension for Year {
    fn canonical_slug(&self, text: &str) -> String {
        NumberRange::canonical_slug(text)
    }

    fn range(&self, value: &Value) -> Option<NumberRange> {
        NumberRange::parse(&value.slug)
    }

    fn numbers<'a>(&self, index: &'a Index) -> Option<&'a NumberColumn> {
        Some(index.years())
    }
}
