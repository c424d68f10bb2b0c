use super::{Dimension, Neighbours, Value};
use crate::catalog::fold::slug;
use crate::catalog::index::{Facts, Values};

/// A country of origin.
pub(super) struct Country;

impl Dimension for Country {
    fn collection(&self) -> Option<&'static str> {
        Some("countries")
    }

    fn values(&self, facts: &mut Facts<'_>) -> Values {
        std::mem::take(&mut facts.countries).sorted_by_key(|country| country.label.clone())
    }

    fn neighbours(&self) -> Neighbours {
        Neighbours::Similar
    }

    fn relatedness(&self) -> f64 {
        0.4
    }
}

/// Returns the value of a country's name.
pub fn value(name: &str) -> Value {
    Value { slug: slug(name, None), label: name.to_owned() }
}
