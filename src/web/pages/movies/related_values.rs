//! Values related to the only criterion of a list: tags often combined with a tag, the adjacent
//! decades, the countries that co-produced films with a country.

use serde::Serialize;

use crate::catalog::dimension::{Value, ValueRef};
use crate::catalog::index::Index;
use crate::web::components::tag_link::TagLink;
use crate::web::http::url;
use crate::web::movie_query::Criterion;

const MAX_VALUES: usize = 8;

#[derive(Debug, Serialize)]
pub struct RelatedValues {
    dimension: &'static str,
    links: Vec<TagLink>,
}

impl RelatedValues {
    /// Returns `None` if there are none.
    pub fn of(index: &Index, criterion: &Criterion) -> Option<Self> {
        let Criterion::Value { dimension, value, is_excluded: false, .. } = criterion else {
            return None;
        };
        let ValueRef::Position(position) = value else { return None };
        let neighbours = index.neighbours(*dimension, *position, MAX_VALUES).into_iter();
        let link = |(value, films): (&Value, i64)| {
            let page = url::value_page(*dimension, &value.slug)?;
            Some(TagLink::new(page, value.label.clone(), films))
        };
        let links: Vec<TagLink> = neighbours.filter_map(link).collect();
        let dimension = dimension.parameter();
        (!links.is_empty()).then_some(Self { dimension, links })
    }
}
