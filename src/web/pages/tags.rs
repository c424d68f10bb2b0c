//! All tags, with the number of films each has.

use actix_web::HttpResponse;
use serde::Serialize;

use crate::catalog::dimension::DimensionId;
use crate::catalog::fold::fold;
use crate::catalog::read_pool::ReadPool;
use crate::web::components::tag_link::{TagLink, most_used};
use crate::web::error::Result;
use crate::web::http::query::Parameter;
use crate::web::render::page::Page;
use crate::web::render::page_context::PageContext;
use crate::web::render::renderer::{CachedPage, PageRequest};

/// Tags shown first because they are the most common.
const MOST_COMMON: usize = 12;

#[derive(Serialize)]
struct ListPage {
    total: usize,
    most_common: Vec<TagLink>,
    letters: Vec<Letter>,
}

/// The tags with the same first letter, `#` for all that begin with a digit.
#[derive(Serialize)]
struct Letter {
    letter: String,
    tags: Vec<TagLink>,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "tags/list.html";
}

pub async fn list(page: PageRequest) -> Result<HttpResponse> {
    page.respond_cached::<ListPage>(()).await
}

impl CachedPage for ListPage {
    type Arguments = ();
    const PARAMETERS: &'static [&'static [Parameter]] = &[];

    async fn build(context: &PageContext, _: &ReadPool, (): ()) -> Result<Self> {
        let index = &context.index;
        let mut letters: Vec<Letter> = Vec::new();
        for (tag, films) in index.value_counts(DimensionId::Tag) {
            let (letter, link) = (initial(&tag.label), TagLink::from((tag, films)));
            match letters.last_mut() {
                Some(last) if last.letter == letter => last.tags.push(link),
                _ => letters.push(Letter { letter, tags: vec![link] }),
            }
        }
        let most_common = most_used(index, MOST_COMMON);
        Ok(Self { total: index.value_counts(DimensionId::Tag).count(), most_common, letters })
    }
}

fn initial(name: &str) -> String {
    match fold(name).chars().next() {
        Some(letter) if letter.is_alphabetic() => letter.to_uppercase().collect(),
        _ => "#".to_owned(),
    }
}
