//! Query strings: parsed leniently, reduced to what a page knows, and written into links.

use std::borrow::Cow;
use std::fmt;

/// Names and values of a query string or form body, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// A query parameter that a page understands.
#[derive(Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    /// Returns the canonical form of a value, or `None` for an invalid one.
    pub(crate) normalize: fn(&str) -> Option<String>,
    /// Of more values than this, the last ones count.
    pub(crate) max_values: usize,
}

impl Parameter {
    /// A parameter of which the last value counts.
    pub(crate) const fn one(name: &'static str, normalize: fn(&str) -> Option<String>) -> Self {
        Self { name, normalize, max_values: 1 }
    }
}

impl<'a> Query<'a> {
    /// Parses any bytes: invalid UTF-8 becomes U+FFFD, control characters are dropped.
    pub(crate) fn parse(text: &'a [u8]) -> Self {
        Self(form_urlencoded::parse(text).map(|(name, value)| (name, printable(value))).collect())
    }

    /// Returns the known parameters with valid values, in canonical form and order. Two query
    /// strings that mean the same to a page have the same canonical query, so only this one goes
    /// into links and cache keys.
    pub(crate) fn canonical(text: &str, parameters: &[&[Parameter]]) -> Query<'static> {
        if text.is_empty() {
            return Query::default();
        }
        let query = Query::parse(text.as_bytes());
        let mut pairs = Vec::new();
        for parameter in parameters.iter().copied().flatten() {
            let values = query.all(parameter.name).filter_map(parameter.normalize);
            let mut values: Vec<String> = values.collect();
            if parameter.max_values > 1 {
                // Excluded values, as `-noir`, come last.
                values
                    .sort_unstable_by(|a, b| (a.starts_with('-'), a).cmp(&(b.starts_with('-'), b)));
                values.dedup();
                values.truncate(parameter.max_values);
            } else if values.len() > 1 {
                values.drain(..values.len() - 1);
            }
            let name = parameter.name;
            pairs.extend(values.into_iter().map(|value| (Cow::from(name), Cow::from(value))));
        }
        Query(pairs)
    }

    /// Returns the last value of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_ref())
    }

    /// Returns every value of that name, in order.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_ref())
    }

    /// Returns the query without the parameters of these names.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let kept = self.0.iter().filter(|(name, _)| !names.contains(&name.as_ref()));
        Self(kept.cloned().collect())
    }

    /// Returns the query with one more parameter at its end.
    pub(crate) fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.0.push((name.into(), value.to_string().into()));
        self
    }

    /// Returns the size in memory, in bytes.
    pub(crate) fn size(&self) -> usize {
        let pairs = self.0.iter().map(|(name, value)| name.len() + value.len());
        size_of_val(self.0.as_slice()) + pairs.sum::<usize>()
    }

    /// Returns the URL of `path` with this query.
    pub(crate) fn at(&self, path: &str) -> String {
        join(path, &self.to_string())
    }
}

/// Writes the query as a query string, without the question mark.
impl fmt::Display for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = form_urlencoded::Serializer::new(String::new());
        f.write_str(&text.extend_pairs(&self.0).finish())
    }
}

fn printable(value: Cow<'_, str>) -> Cow<'_, str> {
    match value.chars().any(char::is_control) {
        true => value.chars().filter(|letter| !letter.is_control()).collect(),
        false => value,
    }
}

/// Returns `path?query`, or `path` if the query is empty.
pub(crate) fn join(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NUMBER: Parameter =
        Parameter::one("page", |text| Some(text.parse::<u32>().ok()?.to_string()));
    const TAG: Parameter =
        Parameter { name: "tag", normalize: |text| Some(text.to_owned()), max_values: 2 };

    proptest! {
        #[test]
        fn query_parses_any_bytes(text in any::<Vec<u8>>(), odd in "[a-c=&%+0-9é\u{0}]{0,60}") {
            for text in [&text[..], odd.as_bytes()] {
                let query = Query::parse(text);
                let control = |(_, value): &(_, Cow<'_, str>)| value.chars().any(char::is_control);
                prop_assert!(!query.0.iter().any(control));
                let again = query.without(&["b"]).to_string();
                let again = Query::parse(again.as_bytes());
                for name in ["a", "c"] {
                    prop_assert_eq!(again.get(name), query.get(name));
                }
                prop_assert!(again.get("b").is_none());
            }
        }

        #[test]
        fn canonical_query_is_stable(text in "(page|tag|x|)(=|&|[a-c0-9%+']){0,20}") {
            let canonical = Query::canonical(&text, &[&[NUMBER, TAG]]);
            let again = Query::canonical(&canonical.to_string(), &[&[NUMBER, TAG]]);
            prop_assert_eq!(again, canonical);
        }
    }

    #[test]
    fn query_takes_the_last_value_and_reports_no_error() {
        let query = Query::parse(b"page=1&page=2&q=%FF%00a&&=&b");
        assert_eq!(query.get("page"), Some("2"));
        assert_eq!(query.get("q"), Some("\u{fffd}a"));
        assert_eq!(query.get("b"), Some(""));
        assert_eq!(query.get("c"), None);
        assert_eq!(Query::parse(b"a=1&page=2&b=%26").without(&["page"]).at("/x"), "/x?a=1&b=%26");
        assert_eq!(Query::default().with("page", 2).at("/x"), "/x?page=2");
    }

    #[test]
    fn canonical_query_ignores_order_unknown_names_and_invalid_values() {
        for text in [
            "tag=b&page=02&tag=a",
            "utm_source=x&page=1&page=2&tag=a&tag=b&tag=a&x='''",
            "tag=a&page=2&page=x&tag=b&Page=3",
        ] {
            let query = Query::canonical(text, &[&[TAG], &[NUMBER]]);
            assert_eq!(query.to_string(), "tag=a&tag=b&page=2", "{text}");
        }
        assert_eq!(Query::canonical("x=1&page=-1", &[&[NUMBER]]), Query::default());
    }
}
