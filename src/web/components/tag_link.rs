//! Links with a number of films, mostly to tags.

use serde::Serialize;

use crate::catalog::dimension::{DimensionId, Value};
use crate::catalog::index::Index;
use crate::web::http::url;

#[derive(Debug, Clone, Serialize)]
pub struct TagLink {
    href: String,
    pub name: String,
    films: i64,
}

/// Returns the most common tags, the most common first.
pub fn most_used(index: &Index, most: usize) -> Vec<TagLink> {
    let mut by_use: Vec<(&Value, i64)> = index.value_counts(DimensionId::Tag).collect();
    by_use.sort_by_key(|(_, films)| -films);
    by_use.into_iter().take(most).map(TagLink::from).collect()
}

impl TagLink {
    pub fn new(href: String, name: String, films: i64) -> Self {
        Self { href, name, films }
    }
}

impl From<(&Value, i64)> for TagLink {
    fn from((tag, films): (&Value, i64)) -> Self {
        Self::new(url::tag(&tag.slug), tag.label.clone(), films)
    }
}
