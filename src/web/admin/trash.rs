//! The trash: removed records, restored or deleted for good.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::records;
use super::{AdminRequest, Message, Operator};
use crate::catalog::editing::trash::{self, Trashed};
use crate::catalog::editing::{EditError, Kind};
use crate::web::error::{Error, Result};
use crate::web::http::query::Query;
use crate::web::render::page::Page;

/// Records on the page.
const MAX_LISTED: i64 = 200;

#[derive(Serialize)]
struct ListPage {
    kind: String,
    q: String,
    records: Vec<Trashed>,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "admin/trash/list.html";
}

#[derive(Serialize)]
struct RecordPage {
    record: Trashed,
}

impl Page for RecordPage {
    const TEMPLATE: &'static str = "admin/trash/record.html";
}

pub(super) async fn list(page: AdminRequest) -> Result<HttpResponse> {
    let query = Query::parse(page.request.query_string().as_bytes());
    let (kind, q) = (query.get("kind").unwrap_or_default(), query.get("q").unwrap_or_default());
    let searched = Some(q).filter(|q| !q.is_empty());
    let conn = &mut page.connection().await?;
    let found = trash::list(conn, Kind::from_name(kind), searched, MAX_LISTED).await?;
    page.respond(&ListPage { kind: kind.to_owned(), q: q.to_owned(), records: found })
}

pub(super) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    respond(&page, StatusCode::OK).await
}

async fn respond(page: &AdminRequest, status: StatusCode) -> Result<HttpResponse> {
    let id = records::number(&page.request, "tid")?;
    let conn = &mut page.connection().await?;
    let record = trash::find(conn, id).await?.ok_or(Error::NotFound)?;
    page.respond_with(status, &RecordPage { record })
}

pub(super) async fn restore(operator: Operator, page: AdminRequest) -> Result<HttpResponse> {
    let id = records::number(&page.request, "tid")?;
    let author = records::author(&operator, &page.request);
    let conn = &mut page.connection().await?;
    match trash::restore(conn, id, &author).await {
        Ok(restored) => {
            let target = records::path(restored.kind, restored.id);
            let (title, new_slug) = (restored.title, restored.new_slug);
            page.redirect(&target, &Message::RecordRestored { title, new_slug })
        }
        Err(EditError::Purged) => respond(&page, StatusCode::GONE).await,
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn purge(operator: Operator, page: AdminRequest) -> Result<HttpResponse> {
    let id = records::number(&page.request, "tid")?;
    let author = records::author(&operator, &page.request);
    let conn = &mut page.connection().await?;
    match trash::purge(conn, id, &author).await {
        Ok(()) => page.redirect("/admin/trash", &Message::RecordPurged),
        Err(EditError::Purged) => respond(&page, StatusCode::GONE).await,
        Err(error) => Err(error.into()),
    }
}
