//! Every tag, with how many films have it.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::catalog::index::Index;
use crate::web::components::tag_link::{TagLink, most_used};
use crate::web::error::Result;
use crate::web::render::format::counted;
use crate::web::render::page::Page;
use crate::web::state::Site;
use crate::web::visitor::Visitor;

/// Tags that stand apart because most films have one of them.
const MAIN: usize = 12;

#[derive(Serialize)]
struct ListPage {
    count: String,
    main: Vec<TagLink>,
    others: Vec<TagLink>,
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
