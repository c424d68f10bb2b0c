//! Values related to the only criterion of a list: tags often combined with a tag, the adjacent
//! decades, the countries that co-produced films with a country.

use serde::Serialize;

use crate::catalog::index::{Country, Index};
use crate::web::components::tag_link::TagLink;
use crate::web::http::url;
use crate::web::movie_query::criteria::Criterion;

const MAX_VALUES: usize = 8;

#[derive(Debug, Serialize)]
pub struct RelatedValues {
    dimension: &'static str,
    links: Vec<TagLink>,
}

impl RelatedValues {
    /// Returns `None` if there are none.
    pub fn of(index: &Index, criterion: &Criterion) -> Option<Self> {
        let links: Vec<TagLink> = match criterion {
            Criterion::Tag(tag) => {
                index.tags_near(tag, MAX_VALUES).into_iter().map(TagLink::from).collect()
            }
            Criterion::Decade(first) => {
                let adjacent = index.decades_beside(*first).into_iter().flatten();
                let link =
                    |(first, films)| TagLink::new(url::decade(first), format!("{first}s"), films);
                adjacent.map(link).collect()
            }
            Criterion::Country(country) => {
                let near = index.countries_near(country, MAX_VALUES).into_iter();
                let link = |(country, films): (&Country, i64)| {
                    TagLink::new(url::country(&country.slug), country.name.clone(), films)
                };
                near.map(link).collect()
            }
            _ => return None,
        };
        let dimension = criterion.dimension()?;
        (!links.is_empty()).then_some(Self { dimension, links })
    }
}
