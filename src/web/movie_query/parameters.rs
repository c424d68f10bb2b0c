//! The query parameters of lists, and the canonical form of their values.

use crate::catalog::dimension::DimensionId;
use crate::catalog::sort::Sort;
use crate::web::http::query::Parameter;
use crate::web::visitor::{View, page_size};

/// Maximum length of a search, in characters.
pub const MAX_SEARCH_LENGTH: usize = 200;

/// Maximum length of a slug, in bytes. Longer values cannot name anything.
const MAX_SLUG_SIZE: usize = 200;

/// Maximum number of values of a dimension in a URL.
const MAX_VALUES: usize = 20;

pub const PAGE: Parameter = Parameter::one("page", page_number);
pub const PER_PAGE: Parameter =
    Parameter::one("per", |text| page_size(text).map(|size| size.to_string()));
pub const SEEN: Parameter =
    Parameter::one("seen", |text| (text == "show").then(|| text.to_owned()));
pub const SEARCH: Parameter = Parameter::one("q", search);

/// A parameter without a value, such as `?saved`.
pub const fn flag(name: &'static str) -> Parameter {
    Parameter::one(name, |_| Some(String::new()))
}

/// How a list of movies is shown.
pub const VIEW: [Parameter; 4] = [
    Parameter::one("sort", |text| Sort::parse(text).map(|sort| sort.name().to_owned())),
    PER_PAGE,
    Parameter::one("view", |text| View::parse(text).map(|view| view.as_str().to_owned())),
    SEEN,
];

/// The criteria of a list of movies.
pub const CRITERIA: [Parameter; 1 + DimensionId::ALL.len()] = {
    let mut criteria = [SEARCH; 1 + DimensionId::ALL.len()];
    let mut at = 0;
    while at < DimensionId::ALL.len() {
        let name = DimensionId::ALL[at].parameter();
        criteria[1 + at] = Parameter { name, normalize: VALUES[at], max_values: MAX_VALUES };
        at += 1;
    }
    criteria
};

/// The canonical form of a value of each dimension.
const VALUES: [fn(&str) -> Option<String>; DimensionId::ALL.len()] = [
    value::<0>, value::<1>, value::<2>, value::<3>, value::<4>, value::<5>, value::<6>, value::<7>,
];

/// Returns the canonical form of a value of a dimension, which may be excluded by a leading `-`.
fn value<const DIMENSION: usize>(text: &str) -> Option<String> {
    let text = slug(text)?;
    let canonical = |text: &str| DimensionId::ALL[DIMENSION].canonical_slug(text);
    match text.strip_prefix('-') {
        Some("") => None,
        Some(excluded) => Some(format!("-{}", canonical(excluded))),
        None => Some(canonical(&text)),
    }
}

/// Numbers with too many digits are larger than any page.
fn page_number(text: &str) -> Option<String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| text.parse::<u32>().unwrap_or(u32::MAX))?;
    (number > 1).then(|| number.to_string())
}

fn search(text: &str) -> Option<String> {
    let text: String = text.trim().chars().take(MAX_SEARCH_LENGTH).collect();
    (!text.is_empty()).then_some(text)
}

pub fn slug(text: &str) -> Option<String> {
    (1..=MAX_SLUG_SIZE).contains(&text.len()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::http::query::Query;

    #[test]
    fn list_parameters_have_one_form() {
        let long = "'".repeat(15_800);
        for (text, canonical) in [
            ("page=1&per=13&sort=x&view=y&seen=hide", ""),
            ("page=0&page=01", ""),
            ("page=-1&page=x&page=99999999999999999999", "page=4294967295"),
            ("decade=1930&q=+ran+&utm_source=x", "q=ran&decade=1930s"),
            ("decade=1930s&decade=1930&decade=-1940", "decade=1930s&decade=-1940s"),
            ("year=01939&runtime=090-119&tag=-", "year=1939&runtime=90-119"),
            ("seen=show&tag=-noir&sort=title&tag=war", "tag=war&tag=-noir&sort=title&seen=show"),
            (&format!("sort={long}&director={long}"), ""),
        ] {
            let query = Query::canonical(text, &[&CRITERIA, &VIEW, &[PAGE]]);
            assert_eq!(query.to_string(), canonical, "{text}");
        }
        let query = Query::canonical(&format!("q={long}"), &[&CRITERIA]);
        assert_eq!(query.get("q").unwrap().len(), MAX_SEARCH_LENGTH);
    }
}
