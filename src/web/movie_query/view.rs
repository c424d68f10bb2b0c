//! How a list is shown: the visitor's preferences, and what an address says instead.

use super::criteria::Narrowing;
use crate::catalog::movies::Sort;
use crate::web::http::query::Query;
use crate::web::visitor::{self, Preferences, View};

/// As [`wanted`]; what was searched for is sorted by likeness, unless the address says otherwise.
pub fn wanted_of(narrowing: &Narrowing, query: &Query<'_>, preferred: Preferences) -> Preferences {
    let mut wanted = wanted(query, preferred);
    if narrowing.has_words() && query.get("sort").and_then(visitor::sort).is_none() {
        wanted.sort = Sort::Relevance;
    }
    wanted
}

/// The visitor's preferences, with what this address says instead.
pub fn wanted(query: &Query<'_>, preferred: Preferences) -> Preferences {
    Preferences {
        per_page: query.get("per").and_then(visitor::page_size).unwrap_or(preferred.per_page),
        sort: query.get("sort").and_then(visitor::sort).unwrap_or(preferred.sort),
        view: query.get("view").and_then(View::parse).unwrap_or(preferred.view),
        ..preferred
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_wins_over_the_preference_when_it_makes_sense() {
        let preferred = Preferences { per_page: 48, ..Preferences::default() };
        let per_page = |query: &str| wanted(&Query::parse(query.as_bytes()), preferred).per_page;
        assert_eq!(per_page("per=12"), 12);
        for query in ["", "per=", "per=0", "per=-1", "per=1000000000", "per=abc", "per=13"] {
            assert_eq!(per_page(query), 48, "{query}");
        }
    }
}
