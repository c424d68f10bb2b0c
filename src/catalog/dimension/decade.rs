use super::{Dimension, Neighbours, Value};
use crate::catalog::index::{Facts, Values};

/// The decade of a movie's year.
pub(super) struct Decade;

impl Dimension for Decade {
    fn collection(&self) -> Option<&'static str> {
        Some("decades")
    }

    /// Accepts the first year alone, too.
    fn canonical_slug(&self, text: &str) -> String {
        let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_year { format!("{text}s") } else { text.to_owned() }
    }

    fn values(&self, facts: &mut Facts<'_>) -> Values {
        facts.years.classes(first_year).map(|first| {
            let name = format!("{first}s");
            Value { slug: name.clone(), label: name }
        })
    }

    fn is_ordinal(&self) -> bool {
        true
    }

    fn neighbours(&self) -> Neighbours {
        Neighbours::Adjacent
    }

    fn relatedness(&self) -> f64 {
        0.4
    }
}

/// Returns the first year of a year's decade.
pub fn first_year(year: i16) -> i16 {
    year - year.rem_euclid(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_begin_with_a_round_year() {
        assert_eq!([1870, 1939, 1940, 2199].map(first_year), [1870, 1930, 1940, 2190]);
    }
}
