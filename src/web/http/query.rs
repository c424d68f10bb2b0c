//! Query strings and forms, read kindly: what cannot be understood is passed over.

use std::borrow::Cow;

/// Names and values of a query string or a form's body, in order.
pub struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    /// Bytes that are no UTF-8 become U+FFFD; control characters are dropped.
    pub fn parse(text: &'a [u8]) -> Self {
        Self(form_urlencoded::parse(text).map(|(name, value)| (name, printable(value))).collect())
    }

    /// The last value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_ref())
    }

    /// Every value of that name, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_ref())
    }

    /// The same without `names`, as a query string.
    pub fn without(&self, names: &[&str]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !names.contains(&name.as_ref()));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
    }
}

fn printable(value: Cow<'_, str>) -> Cow<'_, str> {
    match value.chars().any(char::is_control) {
        true => value.chars().filter(|letter| !letter.is_control()).collect(),
        false => value,
    }
}

/// `path?query`, or `path` alone.
pub fn join(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_a_query(text in any::<Vec<u8>>(), odd in "[a-c=&%+0-9é\u{0}]{0,60}") {
            for text in [&text[..], odd.as_bytes()] {
                let query = Query::parse(text);
                let control = |(_, value): &(_, Cow<'_, str>)| value.chars().any(char::is_control);
                prop_assert!(!query.0.iter().any(control));
                let again = query.without(&["b"]);
                let again = Query::parse(again.as_bytes());
                for name in ["a", "c"] {
                    prop_assert_eq!(again.get(name), query.get(name));
                }
                prop_assert!(again.get("b").is_none());
            }
        }
    }

    #[test]
    fn the_last_value_counts_and_nothing_is_an_error() {
        let query = Query::parse(b"page=1&page=2&q=%FF%00a&&=&b");
        assert_eq!(query.get("page"), Some("2"));
        assert_eq!(query.get("q"), Some("\u{fffd}a"));
        assert_eq!(query.get("b"), Some(""));
        assert_eq!(query.get("c"), None);
        assert_eq!(Query::parse(b"a=1&page=2&b=%26").without(&["page"]), "a=1&b=%26");
    }
}
