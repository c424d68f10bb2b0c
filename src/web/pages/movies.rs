//! The film list, whole or filtered. The submodules hold the pages that belong to it.

pub mod detail;
pub mod random;
mod related_values;
pub mod values;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use self::related_values::RelatedValues;
use crate::catalog::dimension::DimensionId;
use crate::catalog::editing::Kind;
use crate::catalog::index::Catalog;
use crate::catalog::movies;
use crate::catalog::read_pool::ReadPool;
use crate::catalog::sort::Sort;
use crate::web::components::card::Card;
use crate::web::components::choice::{Choice, sizes, sorts, views};
use crate::web::components::facet::{Filters, Relaxation, relaxations};
use crate::web::components::hidden_movies::Hidden;
use crate::web::components::movie_table::MovieTable;
use crate::web::components::pagination::Pagination;
use crate::web::error::{Error, Result};
use crate::web::http::origin::Origin;
use crate::web::http::query::{Parameter, Query};
use crate::web::http::url::{self, Slug};
use crate::web::movie_query::parameters::{CRITERIA, PAGE, VIEW};
use crate::web::movie_query::view::movie_list_preferences;
use crate::web::movie_query::{Criterion, Label, MovieQuery};
use crate::web::pages::moved;
use crate::web::render::page::Page;
use crate::web::render::page_context::PageContext;
use crate::web::render::renderer::{CachedPage, PageRequest};
use crate::web::visitor::{ListPreferences, View};

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
    #[serde(skip)]
    has_unknown: bool,
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
    fn new(origin: &Origin, movie_query: &MovieQuery, page: u32) -> Self {
        let list = movie_query.canonical();
        Self {
            canonical: format!("{origin}{}", list.page_url(page.into())),
            is_deep: movie_query.criteria().len() > 1 || movie_query.has_search(),
            feed: list.url_at("/movies.atom"),
        }
    }
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "movies/list.html";
}

pub async fn list(request: HttpRequest) -> Result<HttpResponse> {
    respond(&request, None).await
}

/// Lists the movies with one value: `/movies/{collection}/{slug}`.
pub async fn of_value(
    catalog: web::Data<Catalog>,
    reads: web::Data<ReadPool>,
    request: HttpRequest,
    slug: Slug,
) -> Result<HttpResponse> {
    let collection = request.path().split('/').nth(2).unwrap_or_default();
    let dimension = DimensionId::from_collection(collection).ok_or(Error::NotFound)?;
    // A session is opened for pages that exist.
    let index = catalog.current();
    if index.find(dimension, &dimension.canonical_slug(&slug.0)).is_none() {
        return Err(match dimension {
            DimensionId::Tag => {
                moved::error(&mut *reads.get().await?, Kind::Tag, &slug.0, |_, slug| url::tag(slug))
                    .await
            }
            _ => Error::NotFound,
        });
    }
    respond(&request, Some((dimension, slug.0))).await
}

/// `own` is the value in the path.
async fn respond(
    request: &HttpRequest,
    own: Option<(DimensionId, String)>,
) -> Result<HttpResponse> {
    let page = PageRequest::counting_visit(request).await?;
    page.respond_cached::<ListPage>(own).await
}

impl CachedPage for ListPage {
    type Arguments = Option<(DimensionId, String)>;
    const PARAMETERS: &'static [&'static [Parameter]] = &[&CRITERIA, &VIEW, &[PAGE]];

    fn is_cacheable(&self) -> bool {
        !self.has_unknown
    }

    async fn build(
        context: &PageContext,
        reads: &ReadPool,
        own: Option<(DimensionId, String)>,
    ) -> Result<Self> {
        let PageContext { index, path, query, .. } = context;
        let conn = &mut reads.get().await?;
        let own = match own {
            Some((dimension, slug)) => Some(Criterion::find(conn, index, dimension, &slug).await?),
            None => None,
        };
        let movie_query = MovieQuery::parse(conn, index, query, own).await?;
        let preferences = movie_list_preferences(&movie_query, query, context.preferences);
        let filter = movie_query.filter(context.hidden.ids().to_vec());

        let selection = index.select(&filter);
        let total = selection.total();
        let pagination = Pagination::new(path, query, preferences.per_page, total)?;
        let ids = selection.page(preferences.sort, pagination.places());
        let films = movies::with_ids(conn, &ids).await?;
        let nothing = total == 0;
        let (mut cards, mut table) = (Vec::new(), None);
        match preferences.view {
            View::Table if !nothing => {
                table = Some(MovieTable::new(films, &movie_query, preferences.sort));
            }
            _ => {
                cards = Card::grid(films.into_iter().map(|film| Card::in_list(film, &movie_query)));
            }
        }
        Ok(Self {
            heading: movie_query.labels(),
            dimension: movie_query.single().and_then(Criterion::dimension),
            filters: Filters::new(conn, index, &movie_query, &filter, total).await?,
            related: movie_query.single().and_then(|one| RelatedValues::of(index, one)),
            cards,
            table,
            relaxations: match nothing {
                true => relaxations(index, &movie_query, &filter.hidden),
                false => Vec::new(),
            },
            controls: Controls::new(path, query, preferences, pagination.offset()),
            head_links: HeadLinks::new(&context.origin, &movie_query, pagination.number),
            pagination,
            hidden: Hidden::new(context, index.hidden_count(&filter)),
            has_unknown: movie_query.has_unknown(),
        })
    }
}

impl Controls {
    fn new(path: &str, query: &Query<'_>, preferences: ListPreferences, from: i64) -> Self {
        let rest = query.without(&["page", "per", "sort", "view"]);
        Self {
            sizes: sizes(preferences.per_page),
            sorts: sorts(Sort::ALL, preferences.sort),
            views: views(preferences.view),
            next: rest.at(path),
            from,
            order: preferences.sort.name(),
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
        let preferences = ListPreferences::default();
        assert_complete(&ListPage {
            heading: vec![],
            dimension: None,
            filters: Filters::default(),
            related: None,
            cards: vec![],
            table: None,
            relaxations: vec![],
            pagination: Pagination::new("/movies", &query, 24, 0).unwrap(),
            head_links: HeadLinks::new(&"".parse().unwrap(), &MovieQuery::default(), 1),
            controls: Controls::new("/movies", &query, preferences, 0),
            hidden: None,
            has_unknown: false,
        });
    }
}
