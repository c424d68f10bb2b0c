//! How a list is shown: the visitor's preferences, overridden by the URL.

use super::MovieQuery;
use crate::catalog::sort::Sort;
use crate::web::http::query::Query;
use crate::web::visitor::{self, ListPreferences, View};

/// Returns the preferences for a list of movies. A search is sorted by relevance, unless the URL
/// names an order.
pub fn movie_list_preferences(
    movie_query: &MovieQuery,
    query: &Query<'_>,
    preferences: ListPreferences,
) -> ListPreferences {
    let mut effective = effective_preferences(query, preferences);
    if movie_query.has_search() && query.get("sort").and_then(Sort::parse).is_none() {
        effective.sort = Sort::Relevance;
    }
    effective
}

/// Returns the visitor's preferences, overridden by the URL.
pub fn effective_preferences(query: &Query<'_>, preferences: ListPreferences) -> ListPreferences {
    ListPreferences {
        per_page: query.get("per").and_then(visitor::page_size).unwrap_or(preferences.per_page),
        sort: query.get("sort").and_then(Sort::parse).unwrap_or(preferences.sort),
        view: query.get("view").and_then(View::parse).unwrap_or(preferences.view),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_overrides_the_preference_if_it_is_valid() {
        let preferred = ListPreferences { per_page: 48, ..ListPreferences::default() };
        let per_page = |query: &str| {
            effective_preferences(&Query::parse(query.as_bytes()), preferred).per_page
        };
        assert_eq!(per_page("per=12"), 12);
        for query in ["", "per=", "per=0", "per=-1", "per=1000000000", "per=abc", "per=13"] {
            assert_eq!(per_page(query), 48, "{query}");
        }
    }
}
