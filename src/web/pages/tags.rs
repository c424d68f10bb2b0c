//! All tags, with the number of films each has.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::catalog::fold::fold;
use crate::catalog::index::Index;
use crate::web::components::tag_link::{TagLink, most_used};
use crate::web::error::Result;
use crate::web::render::page::Page;
use crate::web::state::Site;
use crate::web::visitor::Visitor;

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

pub async fn list(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    site.respond_shared(&request, &visitor, async |index| Ok(page(index))).await
}

fn page(index: &Index) -> ListPage {
    let mut letters: Vec<Letter> = Vec::new();
    for (tag, films) in index.tags() {
        let (letter, link) = (initial(&tag.name), TagLink::from((tag, films)));
        match letters.last_mut() {
            Some(last) if last.letter == letter => last.tags.push(link),
            _ => letters.push(Letter { letter, tags: vec![link] }),
        }
    }
    ListPage { total: index.tags().count(), most_common: most_used(index, MOST_COMMON), letters }
}

fn initial(name: &str) -> String {
    match fold(name).chars().next() {
        Some(letter) if letter.is_alphabetic() => letter.to_uppercase().collect(),
        _ => "#".to_owned(),
    }
}
