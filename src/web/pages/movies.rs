//! The film list, whole or filtered. The submodules hold the pages that belong to it.

pub mod detail;
pub mod random;
mod related_values;
pub mod values;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use self::related_values::RelatedValues;
use crate::catalog::index::Index;
use crate::catalog::movies;
use crate::web::components::card::Card;
use crate::web::components::choice::{Choice, sizes, sorts, views};
use crate::web::components::facet::{Filters, Relaxation, relaxations};
use crate::web::components::movie_table::MovieTable;
use crate::web::components::pagination::Pagination;
use crate::web::error::{Error, Result};
use crate::web::http::origin::Origin;
use crate::web::http::query::{Query, join};
use crate::web::http::url::Slug;
use crate::web::movie_query::criteria::{Criterion, Label, Narrowing, decade};
use crate::web::movie_query::hidden::{self, Hidden};
use crate::web::movie_query::view::wanted_of;
use crate::web::render::page::Page;
use crate::web::state::Site;
use crate::web::visitor::{self, Preferences, View, Visitor};

#[derive(Serialize)]
struct ListPage {
    /// The criteria of the list; all films if empty.
    heading: Vec<Label>,
    /// The dimension of the only criterion.
    dimension: Option<&'static str>,
    filters: Filters,
    related: Option<RelatedValues>,
    /// Cards or a table, unless there are no films.
    cards: Vec<Card>,
    table: Option<MovieTable>,
    /// Filters to remove, if no film matches all of them.
    relaxations: Vec<Relaxation>,
    pagination: Pagination,
    controls: Controls,
    hidden: Option<Hidden>,
    head_links: HeadLinks,
}

/// The form that sorts a list. The URL takes precedence over the visitor's preferences.
#[derive(Serialize)]
pub struct Controls {
    sizes: Vec<Choice>,
    sorts: Vec<Choice>,
    views: Vec<Choice>,
    /// The page to return to: the first one, without parameters that override preferences.
    next: String,
    /// The position of the first film shown, from 0, in this order.
    from: i64,
    order: &'static str,
}

/// Links for search engines and feed readers.
#[derive(Serialize)]
struct HeadLinks {
    canonical: String,
    /// Lists with several criteria are not indexed: there are too many.
    is_deep: bool,
    feed: String,
}

impl HeadLinks {
    fn new(origin: &Origin, narrowing: &Narrowing, page: u32) -> Self {
        let list = narrowing.plain();
        Self {
            canonical: format!("{origin}{}", list.page(page.into())),
            is_deep: narrowing.criteria().len() > 1 || narrowing.has_words(),
            feed: list.address_at("/movies.atom"),
        }
    }
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "movies/list.html";
}

pub async fn list(site: web::Data<Site>, request: HttpRequest) -> Result<HttpResponse> {
    respond(&site, &request, None).await
}

pub async fn of_tag(
    site: web::Data<Site>,
    request: HttpRequest,
    slug: Slug,
) -> Result<HttpResponse> {
    let index = site.catalog.current();
    let tag = index.tag(&slug.0).cloned().ok_or(Error::NotFound)?;
    respond(&site, &request, Some(Criterion::Tag(tag))).await
}

pub async fn of_decade(
    site: web::Data<Site>,
    request: HttpRequest,
    slug: Slug,
) -> Result<HttpResponse> {
    let index = site.catalog.current();
    let decade = decade(&index, &slug.0).ok_or(Error::NotFound)?;
    respond(&site, &request, Some(decade)).await
}

pub async fn of_country(
    site: web::Data<Site>,
    request: HttpRequest,
    slug: Slug,
) -> Result<HttpResponse> {
    let index = site.catalog.current();
    let country = index.country(&slug.0).cloned().ok_or(Error::NotFound)?;
    respond(&site, &request, Some(Criterion::Country(country))).await
}

/// `own` is the criterion in the path.
async fn respond(
    site: &Site,
    request: &HttpRequest,
    own: Option<Criterion>,
) -> Result<HttpResponse> {
    let visitor = &Visitor::counting(request).await?;
    let make = async |index: &Arc<Index>| page(site, index, request, visitor, own).await;
    site.respond_shared(request, visitor, make).await
}

async fn page(
    site: &Site,
    index: &Arc<Index>,
    request: &HttpRequest,
    visitor: &Visitor,
    own: Option<Criterion>,
) -> Result<ListPage> {
    let query = Query::parse(request.query_string().as_bytes());
    let path = request.path();
    let conn = &mut site.pool.get().await?;
    let narrowing = Narrowing::read(conn, index, &query, own).await?;
    let wanted = wanted_of(&narrowing, &query, visitor.preferences());
    let filter = narrowing.filter(hidden::films(visitor, &query));

    let selection = index.select(&filter);
    let total = selection.total();
    let pagination =
        Pagination::new(path, &query, wanted.per_page, total).map_err(Error::BeyondTheEnd)?;
    let films = movies::with_ids(conn, &selection.page(wanted.sort, pagination.places())).await?;
    let nothing = total == 0;
    let (mut cards, mut table) = (Vec::new(), None);
    match wanted.view {
        View::Table if !nothing => table = Some(MovieTable::new(films, &narrowing, wanted.sort)),
        _ => cards = films.into_iter().map(|film| Card::in_list(film, &narrowing)).collect(),
    }
    Ok(ListPage {
        heading: narrowing.labels(),
        dimension: narrowing.single().and_then(Criterion::dimension),
        filters: Filters::new(conn, index, &narrowing, &filter, total).await?,
        related: narrowing.single().and_then(|one| RelatedValues::of(index, one)),
        cards,
        table,
        relaxations: match nothing {
            true => relaxations(index, &narrowing, &filter.hidden),
            false => Vec::new(),
        },
        controls: Controls::new(path, &query, wanted, pagination.offset()),
        head_links: HeadLinks::new(&Origin::of(request), &narrowing, pagination.number),
        pagination,
        hidden: Hidden::new(visitor, path, &query, index.left_out(&filter)),
    })
}

impl Controls {
    pub fn new(path: &str, query: &Query<'_>, wanted: Preferences, from: i64) -> Self {
        let rest = query.without(&["page", "per", "sort", "view"]);
        Self {
            sizes: sizes(wanted.per_page),
            sorts: sorts(wanted.sort),
            views: views(wanted.view),
            next: join(path, &rest),
            from,
            order: visitor::sort_name(wanted.sort),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn list_template_reads_only_fields_of_the_page() {
        let query = Query::parse(b"");
        let preferences = Preferences::default();
        assert_complete(&ListPage {
            heading: vec![],
            dimension: None,
            filters: Filters::default(),
            related: None,
            cards: vec![],
            table: None,
            relaxations: vec![],
            pagination: Pagination::new("/movies", &query, 24, 0).unwrap(),
            head_links: HeadLinks::new(&"".parse().unwrap(), &Narrowing::default(), 1),
            controls: Controls::new("/movies", &query, preferences, 0),
            hidden: None,
        });
    }
}
