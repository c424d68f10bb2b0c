use super::{Dimension, NumberRange, Value};
use crate::catalog::index::{Facts, Index, NumberColumn, Values};

/// The first minutes of the classes of running time. The Academy of Motion Picture Arts and Sciences
/// counts movies under 40 minutes as short.
const CLASSES: [i16; 5] = [0, 40, 90, 120, 150];

/// The running time in minutes, by class or range.
pub(super) struct RunningTime;

impl Dimension for RunningTime {
    fn values(&self, facts: &mut Facts<'_>) -> Values {
        facts.runtimes.classes(class).map(|class| {
            let slug = range(class).slug();
            Value { slug: slug.clone(), label: slug }
        })
    }

    fn canonical_slug(&self, text: &str) -> String {
        NumberRange::canonical_slug(text)
    }

    fn range(&self, value: &Value) -> Option<NumberRange> {
        NumberRange::parse(&value.slug)
    }

    fn numbers<'a>(&self, index: &'a Index) -> Option<&'a NumberColumn> {
        Some(index.runtimes())
    }

    fn is_ordinal(&self) -> bool {
        true
    }
}

/// Returns the position of the class of a running time.
fn class(minutes: i16) -> usize {
    CLASSES.partition_point(|first| *first <= minutes).saturating_sub(1)
}

/// Returns the running times of a class.
fn range(class: usize) -> NumberRange {
    let min = CLASSES.get(class).copied().filter(|_| class > 0);
    let max = CLASSES.get(class + 1).map(|next| next - 1);
    NumberRange::new(min, max).expect("classes are ascending")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_times_have_a_class() {
        let classes = [1, 39, 40, 89, 90, 119, 120, 149, 150, 6000].map(class);
        assert_eq!(classes, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
        let slugs: Vec<String> = (0..CLASSES.len()).map(|class| range(class).slug()).collect();
        assert_eq!(slugs, ["under-40", "40-89", "90-119", "120-149", "150-up"]);
    }
}
