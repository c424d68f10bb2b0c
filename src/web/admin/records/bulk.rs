//! One action on many records: a page that says exactly what will happen, then the action.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::super::{AdminRequest, Form, Message, Operator};
use super::problems::Problems;
use super::{author, kind, list};
use crate::catalog::editing::bulk::{self, Action, Job};
use crate::catalog::editing::{self, EditError};
use crate::web::error::{Error, Result};
use crate::web::render::page::Page;

/// Titles that the page lists.
const MAX_LISTED: usize = 20;

#[derive(Serialize)]
struct BulkPage {
    kind: &'static str,
    form: Form,
    problems: Problems,
    count: usize,
    /// The titles of the first records.
    titles: Vec<String>,
    /// More or fewer records match than when the action was chosen.
    has_changed: bool,
}

impl Page for BulkPage {
    const TEMPLATE: &'static str = "admin/records/bulk.html";
}

pub(in super::super) async fn run(
    operator: Operator,
    page: AdminRequest,
    mut form: Form,
) -> Result<HttpResponse> {
    let kind = kind(&page.request)?;
    let conn = &mut page.connection().await?;
    let chosen: BTreeSet<i32> = form.all("id").filter_map(|id| id.parse().ok()).collect();
    let chosen: Vec<i32> = chosen.into_iter().collect();
    let is_all = form.is_ticked("all");
    let ids = match is_all {
        true => list::all(&page, conn, kind, form.get("where").unwrap_or_default()).await?,
        false if chosen.len() > bulk::MAX_RECORDS => chosen.clone(),
        false => editing::existing(conn, kind, &chosen).await?,
    };
    let author = author(&operator, &page.request);
    let action = Action::parse(kind, form.text("action"), form.text("value"));
    let mut status = StatusCode::OK;
    let mut problems = Problems::default();
    let expected = match is_all {
        true => form.get("count").and_then(|count| count.parse().ok()),
        false => form.is_ticked("confirm").then_some(chosen.len()),
    };
    let has_changed = expected.is_some_and(|expected: usize| expected != ids.len());
    if action.is_none() || ids.is_empty() {
        let field = if ids.is_empty() { "id" } else { "action" };
        form.problem(field, if ids.is_empty() { "empty" } else { "unknown" });
        status = StatusCode::UNPROCESSABLE_ENTITY;
    } else if has_changed {
        status = StatusCode::CONFLICT;
    } else if let Some(action) = &action {
        let done = match form.is_ticked("confirm") {
            true => bulk::run(conn, kind, &ids, action, &author).await.map(Some),
            false => bulk::check(conn, ids.len(), action, &author).await.map(|()| None),
        };
        match done {
            Ok(Some(job)) => {
                let message = Message::BulkDone { count: ids.len() };
                return page.redirect(&format!("/admin/jobs/{job}"), &message);
            }
            Ok(None) => {}
            Err(EditError::Invalid(invalid)) => {
                problems = Problems::of_invalid(&page, &mut form, invalid).await?;
                status = StatusCode::UNPROCESSABLE_ENTITY;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let first: Vec<i32> = ids.iter().take(MAX_LISTED).copied().collect();
    let records = editing::load(conn, kind, &first).await?;
    let form = form.without(&["count", "confirm"]);
    let shown = BulkPage {
        kind: kind.name(),
        form,
        problems,
        count: ids.len(),
        titles: records.values().map(|record| record.title(kind)).collect(),
        has_changed,
    };
    page.respond_with(status, &shown)
}

#[derive(Serialize)]
struct JobPage {
    job: Job,
    kind: String,
    action: String,
    value: Option<String>,
    /// Records restored by the undo.
    undone: Option<i64>,
}

impl Page for JobPage {
    const TEMPLATE: &'static str = "admin/job.html";
}

pub(in super::super) async fn job(page: AdminRequest) -> Result<HttpResponse> {
    let id = super::number(&page.request, "jid")?;
    let conn = &mut page.connection().await?;
    let job = bulk::job(conn, id).await?.ok_or(Error::NotFound)?;
    let option = |name: &str| job.options[name].as_str().map(str::to_owned);
    let (kind, action) = (option("kind"), option("action"));
    page.respond(&JobPage {
        kind: kind.unwrap_or_default(),
        action: action.unwrap_or_default(),
        value: option("value"),
        undone: job.result["undone"].as_i64(),
        job,
    })
}

/// Cancels a job. Bulk actions are finished before their page can be opened.
pub(in super::super) async fn cancel(page: AdminRequest) -> Result<HttpResponse> {
    let id: i64 = super::number(&page.request, "jid")?;
    let conn = &mut page.connection().await?;
    bulk::job(conn, id).await?.ok_or(Error::NotFound)?;
    page.redirect(&format!("/admin/jobs/{id}"), &Message::JobFinished)
}

pub(in super::super) async fn undo(operator: Operator, page: AdminRequest) -> Result<HttpResponse> {
    let id: i64 = super::number(&page.request, "jid")?;
    let author = author(&operator, &page.request);
    let conn = &mut page.connection().await?;
    let target = format!("/admin/jobs/{id}");
    match bulk::undo(conn, id, &author).await {
        Ok(count) => page.redirect(&target, &Message::BulkUndone { count }),
        Err(EditError::Conflict(_)) => page.redirect(&target, &Message::BulkChanged),
        Err(error) => Err(error.into()),
    }
}
