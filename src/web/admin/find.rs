//! Finds records of all kinds by name.

use actix_web::HttpResponse;
use serde::Serialize;

use super::AdminRequest;
use crate::catalog::editing::{self, Kind};
use crate::catalog::fold::fold;
use crate::catalog::index::Filter;
use crate::catalog::sort::Sort;
use crate::catalog::{notices, people};
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::movie_query::search::by_names;
use crate::web::render::page::Page;

/// Records of each kind.
const MAX_FOUND: usize = 10;

/// A found record. `value` is what a form expects.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    id: i32,
    pub(super) value: String,
    label: String,
}

#[derive(Serialize)]
struct FindPage {
    q: String,
    films: Vec<Found>,
    directors: Vec<Found>,
    tags: Vec<Found>,
    notices: Vec<Found>,
}

impl Page for FindPage {
    const TEMPLATE: &'static str = "admin/find.html";
}

pub(super) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    let query = Query::parse(page.request.query_string().as_bytes());
    let q = query.get("q").unwrap_or_default().trim().to_owned();
    let conn = &mut page.connection().await?;
    page.respond(&FindPage {
        films: find(&page, conn, Kind::Film, &q).await?,
        directors: find(&page, conn, Kind::Person, &q).await?,
        tags: find(&page, conn, Kind::Tag, &q).await?,
        notices: find(&page, conn, Kind::Notice, &q).await?,
        q,
    })
}

pub(super) async fn suggest(page: AdminRequest) -> Result<HttpResponse> {
    let query = Query::parse(page.request.query_string().as_bytes());
    let q = query.get("q").unwrap_or_default().trim();
    let kind = query.get("kind").and_then(Kind::from_name);
    let conn = &mut page.connection().await?;
    let found = match kind {
        Some(kind) => find(&page, conn, kind, q).await?,
        None => Vec::new(),
    };
    Ok(HttpResponse::Ok().json(found))
}

/// Finds records of a kind whose names match, the best first.
pub(super) async fn find(
    page: &AdminRequest,
    conn: &mut Connection,
    kind: Kind,
    q: &str,
) -> Result<Vec<Found>> {
    if q.is_empty() {
        return Ok(Vec::new());
    }
    let index = page.admin.catalog.current();
    Ok(match kind {
        Kind::Film => {
            let filter = Filter::ranked(by_names(&index, q).await?.movies);
            let ids = index.select(&filter).page(Sort::Relevance, 0..MAX_FOUND);
            let films = editing::load(conn, kind, &ids).await?;
            let films = ids.iter().filter_map(|id| films.get(id));
            films
                .map(|film| {
                    let title = film.title(kind);
                    let label = match film.facts.some("year") {
                        Some(year) => format!("{title} ({year})"),
                        None => title,
                    };
                    Found { id: film.id, value: film.slug(), label }
                })
                .collect()
        }
        Kind::Person => {
            let found = by_names(&index, q).await?;
            let ids: Vec<i32> =
                index.found_people(&found.people).take(MAX_FOUND).map(|one| one.id).collect();
            let values = editing::labels_of_people(conn, &ids.iter().copied().collect()).await?;
            let mut named = people::with_ids(conn, &ids).await?;
            named.sort_by_key(|person| ids.iter().position(|id| *id == person.id));
            let found = named.into_iter().filter_map(|person| {
                let value = values.get(&person.id)?.clone();
                Some(Found { id: person.id, value, label: person.name })
            });
            found.collect()
        }
        Kind::Tag => {
            let folded = fold(q);
            let tags = index.tags().filter(|(_, tag, _)| fold(&tag.label).contains(&folded));
            let found = tags.take(MAX_FOUND).map(|(id, tag, _)| Found {
                id,
                value: tag.label.clone(),
                label: tag.label.clone(),
            });
            found.collect()
        }
        Kind::Notice => {
            let all = notices::list(conn).await?.into_iter();
            let found = all.filter(|notice| notice.slug.contains(q) || notice.text.contains(q));
            found
                .take(MAX_FOUND)
                .map(|notice| Found { id: notice.id, value: notice.slug, label: notice.text })
                .collect()
        }
    })
}
