//! Ranges of numbers, as URLs write them.

/// A range of numbers with at least one inclusive bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumberRange {
    min: Option<i16>,
    max: Option<i16>,
}

impl NumberRange {
    /// Returns the range between two bounds, or `None` if it is empty or unbounded.
    pub fn new(min: Option<i16>, max: Option<i16>) -> Option<Self> {
        let is_empty = min.zip(max).is_some_and(|(min, max)| min > max);
        (!is_empty && (min.is_some() || max.is_some())).then_some(Self { min, max })
    }

    /// Parses `90-119`, `150-up`, `under-40` or `90`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| -> Option<i16> {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| digits)
        };
        match text.split_once('-') {
            Some(("under", end)) => Self::new(None, number(end)?.checked_sub(1)),
            Some((min, "up")) => Self::new(Some(number(min)?), None),
            Some((min, max)) => Self::new(Some(number(min)?), Some(number(max)?)),
            None => Self::new(Some(number(text)?), Some(number(text)?)),
        }
    }

    /// Writes the range in the form that [`NumberRange::parse`] reads.
    pub fn slug(self) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) if min == max => min.to_string(),
            (Some(min), Some(max)) => format!("{min}-{max}"),
            (Some(min), None) => format!("{min}-up"),
            (None, Some(max)) => format!("under-{}", i32::from(max) + 1),
            (None, None) => String::new(),
        }
    }

    /// Returns the inclusive bounds; at least one is set.
    /// Returns the slug of the range that a text names; any other text is unchanged.
    pub fn canonical_slug(text: &str) -> String {
        Self::parse(text).map_or_else(|| text.to_owned(), Self::slug)
    }

    pub fn bounds(self) -> (Option<i16>, Option<i16>) {
        (self.min, self.max)
    }

    /// Returns whether the number is in the range.
    pub fn contains(self, number: i16) -> bool {
        self.min.is_none_or(|min| min <= number) && self.max.is_none_or(|max| number <= max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_and_slug_round_trip() {
        for text in ["90-119", "150-up", "under-40", "1939", "0-0"] {
            let range = NumberRange::parse(text).unwrap();
            assert_eq!(NumberRange::parse(&range.slug()), Some(range), "{text}");
        }
        assert_eq!(NumberRange::parse("under-40").unwrap().bounds(), (None, Some(39)));
    }

    #[test]
    fn parse_rejects_empty_ranges_and_other_texts() {
        for text in ["", "-", "9-1", "a", "1-b", "-5", "5-", "+5", "1-2-3", "99999", "under-x"] {
            assert_eq!(NumberRange::parse(text), None, "{text}");
        }
    }
}
