//! Where a list of one tag, decade or country leads on.

use serde::Serialize;

use crate::catalog::index::{Country, Index};
use crate::web::components::tag_link::TagLink;
use crate::web::http::url;
use crate::web::movie_query::criteria::Criterion;

const MOST: usize = 8;

#[derive(Debug, Serialize)]
pub struct Neighbours {
    name: &'static str,
    links: Vec<TagLink>,
}

impl Neighbours {
    /// `None` when there are none.
    pub fn of(index: &Index, criterion: &Criterion) -> Option<Self> {
        let (name, links): (_, Vec<TagLink>) = match criterion {
            Criterion::Tag(tag) => {
                let near = index.tags_near(tag, MOST).into_iter();
                ("Related tags", near.map(TagLink::from).collect())
            }
            Criterion::Decade(first) => {
                let beside = index.decades_beside(*first).into_iter().flatten();
                let link =
                    |(first, films)| TagLink::new(url::decade(first), format!("{first}s"), films);
                ("Before and after", beside.map(link).collect())
            }
            Criterion::Country(country) => {
                let near = index.countries_near(country, MOST).into_iter();
                let link = |(country, films): (&Country, i64)| {
                    TagLink::new(url::country(&country.slug), country.name.clone(), films)
                };
                ("Films together with", near.map(link).collect())
            }
            _ => return None,
        };
        (!links.is_empty()).then_some(Self { name, links })
    }
}
