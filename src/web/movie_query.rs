//! The query of a movie list: its criteria, parsed from a URL and written into links.

pub mod criterion;
pub mod parameters;
pub mod search;
pub mod view;

use std::sync::Arc;

use form_urlencoded::Serializer;

pub use self::criterion::{Criterion, Label, ListLink};
use crate::catalog::dimension::DimensionId;
use crate::catalog::index::{Filter, Index};
use crate::catalog::sort::Sort;
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::http::query::{Query, join};

/// The criteria of a list, and the parameters of its view.
#[derive(Debug, Default, Clone)]
pub struct MovieQuery {
    /// Sorted by query parameter.
    criteria: Vec<Criterion>,
    view: Vec<(&'static str, String)>,
}

impl MovieQuery {
    /// Parses the query of a URL. `own` is the criterion of the path; it replaces those of the same
    /// dimension, unless that is cumulative. Unknown values become criteria that no movie meets.
    pub async fn parse(
        conn: &mut Connection,
        index: &Arc<Index>,
        query: &Query<'_>,
        own: Option<Criterion>,
    ) -> Result<Self> {
        let view = |name: &'static str| Some((name, query.get(name)?.to_owned()));
        let view = parameters::VIEW.iter().filter_map(|one| view(one.name)).collect();
        let mut parsed = Self { criteria: Vec::new(), view };
        let text = search::typed(query);
        if !text.is_empty() {
            let found = search::everywhere(conn, index, &text).await?.results.movies.into();
            parsed.insert(Criterion::Search { text, found });
        }
        for dimension in DimensionId::ALL {
            for value in query.all(dimension.parameter()) {
                parsed.insert(Criterion::parse(conn, index, dimension, value).await?);
            }
        }
        Ok(own.map_or_else(|| parsed.clone(), |own| parsed.and(own)))
    }

    pub fn criteria(&self) -> &[Criterion] {
        &self.criteria
    }

    /// Returns the only criterion, if there is exactly one.
    pub fn single(&self) -> Option<&Criterion> {
        match self.criteria.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    pub fn has_search(&self) -> bool {
        self.criteria.iter().any(|one| matches!(one, Criterion::Search { .. }))
    }

    /// Returns whether a criterion is a value that no movie has.
    pub fn has_unknown(&self) -> bool {
        self.criteria.iter().any(Criterion::is_unknown)
    }

    pub fn labels(&self) -> Vec<Label> {
        self.criteria.iter().map(Criterion::label).collect()
    }

    /// Returns the filter for the index with which the query was parsed.
    pub fn filter(&self, hidden: Vec<i32>) -> Filter {
        let filter = Filter { hidden, ..Filter::default() };
        self.criteria.iter().fold(filter, |mut filter, criterion| match criterion {
            Criterion::Search { found, .. } => {
                filter.ranked = Some(found.clone());
                filter
            }
            Criterion::Value { dimension, value, is_excluded: false, .. } => {
                filter.and(*dimension, *value)
            }
            Criterion::Value { dimension, value, is_excluded: true, .. } => {
                filter.without(*dimension, *value)
            }
        })
    }

    /// Adds a criterion. It replaces those of the same parameter, unless these add up.
    pub fn and(&self, criterion: Criterion) -> Self {
        let mut query = self.clone();
        query.criteria.retain(|one| !criterion.replaces(one));
        query.insert(criterion);
        query
    }

    /// Adds a criterion beside all others.
    fn insert(&mut self, criterion: Criterion) {
        if !self.criteria.contains(&criterion) {
            self.criteria.push(criterion);
            self.criteria.sort_by_key(Criterion::order);
        }
    }

    /// Removes a criterion.
    pub fn without(&self, criterion: &Criterion) -> Self {
        let others = self.criteria.iter().filter(|one| *one != criterion);
        Self { criteria: others.cloned().collect(), view: self.view.clone() }
    }

    /// Removes all criteria.
    pub fn cleared(&self) -> Self {
        Self { criteria: Vec::new(), view: self.view.clone() }
    }

    /// Changes the sort order.
    pub fn sorted(&self, sort: Sort) -> Self {
        let mut sorted = self.clone();
        sorted.view.retain(|(name, _)| *name != "sort");
        sorted.view.insert(0, ("sort", sort.name().to_owned()));
        sorted
    }

    /// Removes the parameters of the view.
    pub fn canonical(&self) -> Self {
        Self { criteria: self.criteria.clone(), view: Vec::new() }
    }

    /// Returns the URL of a page of the list.
    pub fn page_url(&self, number: i64) -> String {
        let url = self.url();
        match (number, url.contains('?')) {
            (1, _) => url,
            (_, true) => format!("{url}&page={number}"),
            (_, false) => format!("{url}?page={number}"),
        }
    }

    /// Returns the URL of the first page. Some dimensions have a path for the list of one value.
    pub fn url(&self) -> String {
        match self.single().and_then(Criterion::path) {
            Some(path) => join(&path, &self.serialize(&[])),
            None => self.url_at("/movies"),
        }
    }

    /// Returns the URL of a path with this query.
    pub fn url_at(&self, path: &str) -> String {
        join(path, &self.serialize(&self.criteria))
    }

    fn serialize(&self, criteria: &[Criterion]) -> String {
        let criteria = criteria.iter().map(|one| (one.parameter(), one.value()));
        Serializer::new(String::new()).extend_pairs(criteria).extend_pairs(&self.view).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::dimension::{Value, ValueRef};

    fn criterion(dimension: DimensionId, slug: &str, is_excluded: bool) -> Criterion {
        let value = Value { slug: slug.to_owned(), label: slug.to_uppercase() };
        Criterion::Value { dimension, value: ValueRef::Unknown, name: value, is_excluded }
    }

    #[test]
    fn urls_are_canonical() {
        let (tag, decade) = (DimensionId::Tag, DimensionId::Decade);
        let noir = MovieQuery::default().and(criterion(tag, "noir", false));
        assert_eq!(noir.url(), "/movies/tags/noir");
        let forties = noir.and(criterion(decade, "1940s", false));
        let narrower = forties.and(criterion(tag, "war", true));
        assert_eq!(narrower.url(), "/movies?tag=noir&tag=-war&decade=1940s");
        let labels = narrower.labels();
        let names: Vec<_> = labels.iter().map(|one| (one.kind, one.is_excluded)).collect();
        assert_eq!(names, [("tag", false), ("tag", true), ("decade", false)]);
        let fifties = narrower.and(criterion(decade, "1950s", false));
        let other = fifties.without(&criterion(tag, "noir", false));
        assert_eq!(other.url(), "/movies?tag=-war&decade=1950s");
        assert_eq!(other.sorted(Sort::Title).url(), "/movies?tag=-war&decade=1950s&sort=title");
        assert_eq!(other.cleared().url(), "/movies");
        assert_eq!(
            [1, 2].map(|page| noir.page_url(page)),
            ["/movies/tags/noir", "/movies/tags/noir?page=2"]
        );
        assert_eq!(other.page_url(3), "/movies?tag=-war&decade=1950s&page=3");
        assert_eq!(other.sorted(Sort::Title).canonical().url(), other.url());
        assert_eq!(noir.url_at("/movies/random"), "/movies/random?tag=noir");
    }
}
