//! The history of a record: its entries, two versions compared, and the way back to one.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::super::changes::Entry;
use super::super::{AdminRequest, Form, Message, Operator};
use super::compare::{self, FieldDiff};
use super::{author, kind, number, path};
use crate::catalog::editing::changes::{self, Filter};
use crate::catalog::editing::{self, EditError, Facts, revert};
use crate::web::error::{Error, Result};
use crate::web::http::query::Query;
use crate::web::render::page::Page;

/// Entries on the page.
const MAX_ENTRIES: i64 = 200;

#[derive(Serialize)]
struct HistoryPage {
    kind: &'static str,
    id: i32,
    title: String,
    version: i32,
    entries: Vec<Entry>,
    comparison: Option<Comparison>,
    has_changed: bool,
}

#[derive(Serialize)]
struct Comparison {
    from: i32,
    to: i32,
    fields: Vec<FieldDiff>,
}

impl Page for HistoryPage {
    const TEMPLATE: &'static str = "admin/records/history.html";
}

pub(in super::super) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    respond(&page, false).await
}

async fn respond(page: &AdminRequest, has_changed: bool) -> Result<HttpResponse> {
    let (kind, id) = (kind(&page.request)?, number(&page.request, "id")?);
    let conn = &mut page.connection().await?;
    let filter = Filter { kind: Some(kind), subject: Some(id), ..Filter::default() };
    let entries = changes::list(conn, &filter, MAX_ENTRIES).await?;
    let record = match editing::find(conn, kind, id).await {
        Ok(record) => Some(record),
        // The history of a removed record remains.
        Err(EditError::Trashed(_)) if !entries.is_empty() => None,
        Err(error) => return Err(error.into()),
    };
    let query = Query::parse(page.request.query_string().as_bytes());
    let version = |name: &str| query.get(name).and_then(|text| text.parse::<i32>().ok());
    let comparison = match (&record, version("from"), version("to")) {
        (Some(record), Some(from), Some(to)) => {
            let old = changes::facts_at(conn, kind, record, from).await?;
            let new = changes::facts_at(conn, kind, record, to).await?;
            let (Some((old, _)), Some((new, _))) = (old, new) else { return Err(Error::NotFound) };
            Some(Comparison { from, to, fields: compare::fields(kind, &Facts::diff(&old, &new)) })
        }
        _ => None,
    };
    let title = record.as_ref().map(|record| record.title(kind));
    let title = title.or_else(|| entries.first().map(|entry| entry.subject.clone()));
    let shown = HistoryPage {
        kind: kind.name(),
        id,
        title: title.unwrap_or_default(),
        version: record.map_or(0, |record| record.version),
        entries: entries.into_iter().map(Entry::from).collect(),
        comparison,
        has_changed,
    };
    page.respond_with(if has_changed { StatusCode::CONFLICT } else { StatusCode::OK }, &shown)
}

pub(in super::super) async fn revert_to(
    operator: Operator,
    page: AdminRequest,
    form: Form,
) -> Result<HttpResponse> {
    let (kind, id) = (kind(&page.request)?, number(&page.request, "id")?);
    let to = form.text("to").parse().ok().ok_or_else(|| Error::InvalidForm("to".to_owned()))?;
    let version = form.text("version").parse().ok();
    let author = author(&operator, &page.request);
    let conn = &mut page.connection().await?;
    match revert::revert_to(conn, kind, id, to, version, &author).await {
        Ok(()) => page.redirect(&path(kind, id), &Message::VersionRestored { version: to }),
        Err(EditError::Conflict(_)) => respond(&page, true).await,
        Err(error) => Err(error.into()),
    }
}
