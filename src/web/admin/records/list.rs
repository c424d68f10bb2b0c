//! Lists of records, with the same filters, orders and pages for each kind.

use std::cmp::Reverse;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::super::AdminRequest;
use super::{kind, list_path};
use crate::catalog::editing::Kind;
use crate::catalog::fold::fold;
use crate::catalog::index::{Index, Lacking, Order};
use crate::catalog::sort::Direction;
use crate::catalog::{movies, notices, people};
use crate::db::Connection;
use crate::web::components::pagination::Pagination;
use crate::web::error::{LastPage, Result};
use crate::web::http::query::{Parameter, Query};
use crate::web::movie_query::MovieQuery;
use crate::web::movie_query::parameters::{CRITERIA, PAGE};
use crate::web::movie_query::search::by_names;
use crate::web::render::page::Page;

const SIZES: [u32; 3] = [25, 50, 100];
const DEFAULT_SIZE: u32 = 50;

/// The parameters of lists of films, in addition to the criteria of the public list.
const LIST: [Parameter; 3] = [
    Parameter::one("sort", sort),
    Parameter::one("per", |text| size(text).map(|size| size.to_string())),
    Parameter {
        name: "missing",
        normalize: |text| Lacking::from_name(text).map(|one| one.name().to_owned()),
        max_values: Lacking::ALL.len(),
    },
];

#[derive(Serialize)]
struct ListPage {
    kind: &'static str,
    total: i64,
    rows: Vec<Row>,
    pages: Pagination,
    filters: Filters,
    /// The query string of the list, which forms lead back to.
    list: String,
    can_merge: bool,
    has_holds: bool,
}

/// A record in a list.
#[derive(Debug, Default, Serialize)]
struct Row {
    id: i32,
    /// The form of the record, which leads back to the list.
    href: String,
    title: String,
    /// Facts that tell records of one title apart.
    details: Vec<String>,
    /// Number of films of a person or tag.
    films: Option<usize>,
    is_warning: bool,
    is_active: bool,
}

/// The values of the filter form.
#[derive(Debug, Default, Serialize)]
struct Filters {
    q: String,
    sort: String,
    per: u32,
    tag: String,
    director: String,
    decade: String,
    country: String,
    language: String,
    missing: Vec<String>,
    missing_choices: Vec<&'static str>,
    is_filtered: bool,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "admin/records/list.html";
}

/// The answer to a page number beyond the last one.
#[derive(Serialize)]
struct BeyondPage {
    last: String,
    pages: u32,
}

impl From<LastPage> for BeyondPage {
    fn from(last: LastPage) -> Self {
        Self { last: last.href, pages: last.pages }
    }
}

impl Page for BeyondPage {
    const TEMPLATE: &'static str = "admin/records/beyond.html";
}

fn size(text: &str) -> Option<u32> {
    text.parse().ok().filter(|size| SIZES.contains(size))
}

fn sort(text: &str) -> Option<String> {
    let name = text.strip_prefix('-').unwrap_or(text);
    let is_known = Order::parse(text).is_some() || matches!(name, "name" | "films");
    is_known.then(|| text.to_owned())
}

/// Returns the query of a list without what it does not understand.
fn canonical(text: &str) -> Query<'static> {
    Query::canonical(text, &[&CRITERIA, &LIST, &[PAGE]])
}

pub(in super::super) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    let kind = kind(&page.request)?;
    let index = page.admin.catalog.current();
    let query = canonical(page.request.query_string());
    let per = query.get("per").and_then(size).unwrap_or(DEFAULT_SIZE);
    let conn = &mut page.connection().await?;
    let path = list_path(kind);
    let (pages, ids) = match kind {
        Kind::Film => {
            let movie_query = MovieQuery::parse(conn, &index, &query, None).await?;
            let filter = movie_query.filter(Vec::new());
            let selection = index.select_lacking(&filter, &lacking(&query));
            let pages = match Pagination::new(&path, &query, per, selection.total()) {
                Ok(pages) => pages,
                Err(last) => {
                    return page.respond_with(StatusCode::NOT_FOUND, &BeyondPage::from(last));
                }
            };
            let (order, direction) = query
                .get("sort")
                .and_then(Order::parse)
                .unwrap_or((Order::Title, Direction::Ascending));
            let ids = selection.page_in(order, direction, pages.places());
            (pages, ids)
        }
        kind => {
            let ids = others(conn, &index, kind, &query).await?;
            let total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
            let pages = match Pagination::new(&path, &query, per, total) {
                Ok(pages) => pages,
                Err(last) => {
                    return page.respond_with(StatusCode::NOT_FOUND, &BeyondPage::from(last));
                }
            };
            let shown = ids.into_iter().skip(pages.places().start).take(per as usize).collect();
            (pages, shown)
        }
    };
    let mut rows = rows(conn, &index, kind, &ids).await?;
    let list = query.to_string();
    for row in &mut rows {
        let form = super::path(kind, row.id);
        row.href = match list.is_empty() {
            true => form,
            false => Query::default().with("list", &list).at(&form),
        };
    }
    let text = |name: &str| query.get(name).unwrap_or_default().to_owned();
    let filters = Filters {
        q: text("q"),
        sort: text("sort"),
        per,
        tag: text("tag"),
        director: text("director"),
        decade: text("decade"),
        country: text("country"),
        language: text("language"),
        missing: query.all("missing").map(str::to_owned).collect(),
        missing_choices: Lacking::ALL.map(Lacking::name).into(),
        is_filtered: !query.without(&["sort", "per", "page"]).to_string().is_empty(),
    };
    page.respond(&ListPage {
        kind: kind.name(),
        total: pages.total,
        rows,
        pages,
        filters,
        list,
        can_merge: kind.can_merge(),
        has_holds: kind.has_holds(),
    })
}

fn lacking(query: &Query<'_>) -> Vec<Lacking> {
    query.all("missing").filter_map(Lacking::from_name).collect()
}

/// Returns the ids of all records of a list, whatever its page. `text` is its query string.
pub(super) async fn all(
    page: &AdminRequest,
    conn: &mut Connection,
    kind: Kind,
    text: &str,
) -> Result<Vec<i32>> {
    let index = page.admin.catalog.current();
    let query = canonical(text);
    if kind != Kind::Film {
        return others(conn, &index, kind, &query).await;
    }
    let movie_query = MovieQuery::parse(conn, &index, &query, None).await?;
    let filter = movie_query.filter(Vec::new());
    Ok(index.select_lacking(&filter, &lacking(&query)).ids())
}

/// Returns the ids of people, tags or notices in the order of the list.
async fn others(
    conn: &mut Connection,
    index: &Arc<Index>,
    kind: Kind,
    query: &Query<'_>,
) -> Result<Vec<i32>> {
    let q = query.get("q").unwrap_or_default();
    let sort = query.get("sort").unwrap_or_default();
    let mut ids: Vec<i32> = match kind {
        Kind::Person if q.is_empty() => index.people_by_name().to_vec(),
        Kind::Person => {
            let found = by_names(index, q).await?;
            index.found_people(&found.people).map(|person| person.id).collect()
        }
        Kind::Tag => {
            let folded = fold(q);
            let named = index.tags().filter(|(_, tag, _)| fold(&tag.label).contains(&folded));
            named.map(|(id, ..)| id).collect()
        }
        _ => {
            let all = notices::list(conn).await?.into_iter();
            all.filter(|notice| notice.slug.contains(q)).map(|notice| notice.id).collect()
        }
    };
    match sort {
        "films" | "-films" => {
            ids.sort_by_cached_key(|id| Reverse(index.film_count(*id)));
            if sort == "films" {
                ids.reverse();
            }
        }
        "added" => ids.sort_unstable(),
        "-added" => ids.sort_unstable_by_key(|id| Reverse(*id)),
        "-name" | "-title" => ids.reverse(),
        _ => {}
    }
    Ok(ids)
}

async fn rows(conn: &mut Connection, index: &Index, kind: Kind, ids: &[i32]) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = match kind {
        Kind::Film => {
            let films = movies::with_ids(conn, ids).await?.into_iter();
            films
                .map(|film| {
                    let directors = film.directors.into_iter().map(|director| director.name);
                    let year = film.movie.year.map(|year| year.to_string());
                    let (id, title) = (film.movie.id, film.movie.title);
                    Row {
                        id,
                        title,
                        details: year.into_iter().chain(directors).collect(),
                        ..Row::default()
                    }
                })
                .collect()
        }
        Kind::Person => {
            let people = people::with_ids(conn, ids).await?.into_iter();
            people
                .map(|person| Row {
                    id: person.id,
                    title: person.name,
                    details: person.born.map(|year| year.to_string()).into_iter().collect(),
                    films: Some(index.film_count(person.id)),
                    ..Row::default()
                })
                .collect()
        }
        Kind::Tag => {
            let tags = index.tags().filter(|(id, ..)| ids.contains(id));
            tags.map(|(id, tag, films)| Row {
                id,
                title: tag.label.clone(),
                films: Some(films),
                ..Row::default()
            })
            .collect()
        }
        Kind::Notice => {
            let all = notices::list(conn).await?.into_iter();
            all.filter(|notice| ids.contains(&notice.id))
                .map(|notice| Row {
                    id: notice.id,
                    title: notice.slug,
                    details: vec![notice.text],
                    is_warning: notice.level == "warning",
                    is_active: notice.active,
                    ..Row::default()
                })
                .collect()
        }
    };
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}
