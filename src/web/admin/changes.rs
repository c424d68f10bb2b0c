//! The history of all records.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::records::{self, FieldDiff};
use super::{AdminRequest, Message, Operator};
use crate::catalog::editing::changes::{self, Change, Filter};
use crate::catalog::editing::{Conflict, EditError, Kind, revert};
use crate::web::error::{Error, Result};
use crate::web::http::query::Query;
use crate::web::render::page::Page;

/// Entries on a page.
const PAGE_SIZE: usize = 100;

/// A history entry for readers.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    id: i64,
    at: DateTime<Utc>,
    actor: String,
    action: String,
    kind: String,
    subject_id: i32,
    subject: String,
    version: i32,
    fields: Vec<FieldDiff>,
    note: Option<String>,
    batch: Option<i64>,
    reverts: Option<i64>,
    request_id: Option<String>,
}

impl From<Change> for Entry {
    fn from(change: Change) -> Self {
        let diff = change.diff();
        let fields = change.kind().map(|kind| records::fields(kind, &diff)).unwrap_or_default();
        let Change { id, at, actor, action, kind, subject_id, subject, version, .. } = change;
        let Change { note, batch, reverts, request_id, .. } = change;
        Self {
            id,
            at,
            actor,
            action,
            kind,
            subject_id,
            subject,
            version,
            fields,
            note,
            batch,
            reverts,
            request_id,
        }
    }
}

#[derive(Serialize)]
struct ListPage {
    entries: Vec<Entry>,
    kind: String,
    operator: String,
    action: String,
    from: String,
    to: String,
    /// The next page, with earlier entries.
    earlier: Option<String>,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "admin/history/list.html";
}

pub(super) async fn list(page: AdminRequest) -> Result<HttpResponse> {
    let query = Query::parse(page.request.query_string().as_bytes());
    let text = |name: &str| query.get(name).unwrap_or_default().trim().to_owned();
    let some = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
    let filter = Filter {
        kind: Kind::from_name(&text("kind")),
        actor: some("operator"),
        action: some("action"),
        from: text("from").parse().ok(),
        to: text("to").parse().ok(),
        before: text("before").parse().ok(),
        ..Filter::default()
    };
    let conn = &mut page.connection().await?;
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    let mut entries = changes::list(conn, &filter, limit).await?;
    let has_more = entries.len() > PAGE_SIZE;
    entries.truncate(PAGE_SIZE);
    let last = entries.last().filter(|_| has_more).map(|entry| entry.id);
    let rest = query.without(&["before"]);
    page.respond(&ListPage {
        earlier: last.map(|id| rest.with("before", id).at("/admin/history")),
        entries: entries.into_iter().map(Entry::from).collect(),
        kind: text("kind"),
        operator: text("operator"),
        action: text("action"),
        from: text("from"),
        to: text("to"),
    })
}

#[derive(Serialize)]
struct EntryPage {
    entry: Entry,
    /// The entry that undid this one.
    is_undoable: bool,
    /// Fields that have changed again since.
    changed_again: Vec<&'static str>,
}

impl Page for EntryPage {
    const TEMPLATE: &'static str = "admin/history/entry.html";
}

pub(super) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    respond(&page, Vec::new()).await
}

async fn respond(page: &AdminRequest, conflicts: Vec<Conflict>) -> Result<HttpResponse> {
    let id: i64 = records::number(&page.request, "cid")?;
    let conn = &mut page.connection().await?;
    let change = changes::find(conn, id).await?.ok_or(Error::NotFound)?;
    let status = if conflicts.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let shown = EntryPage {
        is_undoable: change.action != "purge",
        entry: change.into(),
        changed_again: conflicts.into_iter().map(|conflict| conflict.field).collect(),
    };
    page.respond_with(status, &shown)
}

pub(super) async fn undo(operator: Operator, page: AdminRequest) -> Result<HttpResponse> {
    let id: i64 = records::number(&page.request, "cid")?;
    let author = records::author(&operator, &page.request);
    let conn = &mut page.connection().await?;
    match revert::revert(conn, id, &author).await {
        Ok(reverted) => {
            let target = match reverted.is_trashed {
                true => records::list_path(reverted.kind),
                false => records::path(reverted.kind, reverted.id),
            };
            page.redirect(&target, &Message::ChangeUndone)
        }
        Err(EditError::Conflict(conflicts)) => respond(&page, conflicts).await,
        Err(error) => Err(error.into()),
    }
}
