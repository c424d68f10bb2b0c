use super::{Dimension, Value};
use crate::catalog::index::{Facts, Values};
use crate::catalog::languages;

/// A spoken language.
pub(super) struct Language;

impl Dimension for Language {
    fn values(&self, facts: &mut Facts<'_>) -> Values {
        let by_name = |language: &Value| (language.label.clone(), language.slug.clone());
        std::mem::take(&mut facts.languages).sorted_by_key(by_name)
    }

    /// The language mostly repeats the country.
    fn relatedness(&self) -> f64 {
        0.2
    }
}

/// Returns the value of an ISO 639 code.
pub fn value(code: &str) -> Value {
    Value { slug: code.to_owned(), label: languages::name(code) }
}
