//! Every tag, with how many films have it.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::address;
use super::number::{counted, grouped, unit};
use super::page::Page;
use super::visitor::Visitor;
use super::{Result, Site};
use crate::catalog::index::Index;
use crate::catalog::tags::Tag;

/// Tags that stand apart because most films have one of them.
const MAIN: usize = 12;

#[derive(Serialize)]
struct ListPage {
    count: String,
    main: Vec<TagLink>,
    others: Vec<TagLink>,
}

/// A tag as a link with its number of films.
#[derive(Debug, Clone, Serialize)]
pub struct TagLink {
    href: String,
    name: String,
    films: String,
    /// "film" or "films"
    unit: String,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "tags/list.html";
}

pub async fn list(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    site.respond_shared(&request, &visitor, async |index| Ok(page(index))).await
}

fn page(index: &Index) -> ListPage {
    let others: Vec<TagLink> = index.tags().map(TagLink::from).collect();
    let count = counted(i64::try_from(others.len()).unwrap_or_default(), "tag");
    ListPage { count, main: most_used(index, MAIN), others }
}

/// The tags that most films have, the biggest first.
pub fn most_used(index: &Index, most: usize) -> Vec<TagLink> {
    let mut by_use: Vec<(&Tag, i64)> = index.tags().collect();
    by_use.sort_by_key(|(_, films)| -films);
    by_use.into_iter().take(most).map(TagLink::from).collect()
}

impl TagLink {
    pub fn new(href: String, name: String, films: i64) -> Self {
        Self { href, name, films: grouped(films), unit: unit(films, "film") }
    }
}

impl From<(&Tag, i64)> for TagLink {
    fn from((tag, films): (&Tag, i64)) -> Self {
        Self::new(address::tag(&tag.slug), tag.name.clone(), films)
    }
}
