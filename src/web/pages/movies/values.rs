//! All values of a dimension, with the number of films each has in a list.

use actix_web::HttpResponse;
use serde::Serialize;

use crate::catalog::dimension::DimensionId;
use crate::catalog::read_pool::ReadPool;
use crate::web::components::facet::{FacetOption, Filters, options};
use crate::web::components::pagination::Pagination;
use crate::web::error::{Error, Result};
use crate::web::http::query::Parameter;
use crate::web::http::url::Slug;
use crate::web::movie_query::parameters::{CRITERIA, PAGE, VIEW};
use crate::web::movie_query::{ListLink, MovieQuery};
use crate::web::render::page::Page;
use crate::web::render::page_context::PageContext;
use crate::web::render::renderer::{CachedPage, PageRequest};

/// Values on one page.
const PER_PAGE: u32 = 240;

#[derive(Serialize)]
struct ValuesPage {
    dimension: &'static str,
    list: ListLink,
    filters: Filters,
    options: Vec<FacetOption>,
    pagination: Pagination,
}

impl Page for ValuesPage {
    const TEMPLATE: &'static str = "movies/values.html";
}

pub async fn show(dimension: Slug, page: PageRequest) -> Result<HttpResponse> {
    let dimension = DimensionId::from_parameter(&dimension.0).ok_or(Error::NotFound)?;
    page.respond_cached::<ValuesPage>(dimension).await
}

impl CachedPage for ValuesPage {
    type Arguments = DimensionId;
    const PARAMETERS: &'static [&'static [Parameter]] = &[&CRITERIA, &VIEW, &[PAGE]];

    async fn build(
        context: &PageContext,
        reads: &ReadPool,
        dimension: DimensionId,
    ) -> Result<Self> {
        let PageContext { index, path, query, .. } = context;
        let conn = &mut reads.get().await?;
        let movie_query = MovieQuery::parse(conn, index, query, None).await?;
        let filter = movie_query.filter(context.hidden.ids().to_vec());
        let total = index.select(&filter).total();
        let distinct = index.facet(&filter, dimension, 0..0).distinct;
        let values = i64::try_from(distinct).unwrap_or(i64::MAX);
        let pagination = Pagination::new(path, query, PER_PAGE, values)?;
        let facet = index.facet(&filter, dimension, pagination.places());
        Ok(Self {
            dimension: dimension.parameter(),
            list: ListLink { href: movie_query.url(), criteria: movie_query.labels() },
            filters: Filters::active(&movie_query, 0),
            options: options(conn, index, dimension, &facet, &movie_query, total).await?,
            pagination,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::http::query::Query;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        assert_complete(&ValuesPage {
            dimension: "tag",
            list: ListLink { href: "/movies".into(), criteria: vec![] },
            filters: Filters::default(),
            options: vec![],
            pagination: Pagination::new("/movies/by/tag", &Query::parse(b""), 240, 0).unwrap(),
        });
    }
}
