//! The form of a record: new, edited, and shown again with its problems.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use serde::Serialize;

use super::super::{AdminRequest, Form, Message, Operator};
use super::problems::Problems;
use super::{author, kind, list_path, number, path};
use crate::catalog::editing::{
    self, EditError, Facts, Kind, Stored, Submission, changes, save, trash,
};
use crate::catalog::people::Role;
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::http::query::{Query, join};
use crate::web::http::url;
use crate::web::render::page::Page;

/// After which a record that another operation changes may be saved, in seconds.
const BUSY_SECONDS: &str = "2";

#[derive(Serialize)]
struct FormPage {
    kind: &'static str,
    /// `None` for a new record.
    id: Option<i32>,
    title: String,
    version: i32,
    form: Form,
    problems: Problems,
    /// Fields that imports leave alone.
    held: BTreeSet<String>,
    has_holds: bool,
    can_merge: bool,
    old_slugs: Vec<String>,
    /// The public page.
    public: Option<String>,
    /// The query string of the list that the form was reached from.
    list: String,
    /// The entry of the record in the trash.
    trashed: Option<i64>,
    /// Another operation is changing the record.
    is_busy: bool,
    /// Paragraphs of the text as a reader would see it.
    preview: Option<Vec<String>>,
}

impl Page for FormPage {
    const TEMPLATE: &'static str = "admin/records/form.html";
}

impl FormPage {
    fn new(kind: Kind, form: Form, list: String) -> Self {
        Self {
            kind: kind.name(),
            id: None,
            title: String::new(),
            version: 0,
            form,
            problems: Problems::default(),
            held: BTreeSet::new(),
            has_holds: kind.has_holds(),
            can_merge: kind.can_merge(),
            old_slugs: Vec::new(),
            public: None,
            list,
            trashed: None,
            is_busy: false,
            preview: None,
        }
    }

    /// Adds what is known of a stored record.
    async fn with_record(
        mut self,
        page: &AdminRequest,
        conn: &mut Connection,
        kind: Kind,
        record: &Stored,
    ) -> Result<Self> {
        self.id = Some(record.id);
        self.title = record.title(kind);
        self.version = record.version;
        self.held = record.held.clone();
        self.old_slugs = editing::old_slugs(conn, kind, record.id).await?;
        self.public = public(page, kind, record);
        self.form = self.form.with_defaults(values(kind, &record.facts));
        Ok(self)
    }
}

/// Returns the address of the public page of a record.
pub(super) fn public(page: &AdminRequest, kind: Kind, record: &Stored) -> Option<String> {
    let slug = record.slug();
    match kind {
        Kind::Film => Some(url::movie(&slug)),
        Kind::Person => {
            let role: Role = page.admin.catalog.current().page_role(record.id);
            Some(url::person(role, &slug))
        }
        Kind::Tag => Some(url::tag(&slug)),
        Kind::Notice => None,
    }
}

/// Returns the facts as the fields of a form.
fn values(kind: Kind, facts: &Facts) -> Vec<(&'static str, String)> {
    kind.fields().iter().map(|field| (field.name, facts.text(field.name))).collect()
}

fn list_query(page: &AdminRequest) -> String {
    let query = Query::parse(page.request.query_string().as_bytes());
    query.get("list").unwrap_or_default().to_owned()
}

pub(in super::super) async fn new(page: AdminRequest) -> Result<HttpResponse> {
    let kind = kind(&page.request)?;
    let form = Form::of(values(kind, &Facts::unknown(kind)));
    page.respond(&FormPage::new(kind, form, list_query(&page)))
}

pub(in super::super) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    let (kind, id) = (kind(&page.request)?, number(&page.request, "id")?);
    let conn = &mut page.connection().await?;
    let empty = FormPage::new(kind, Form::default(), list_query(&page));
    match editing::find(conn, kind, id).await {
        Ok(record) => page.respond(&empty.with_record(&page, conn, kind, &record).await?),
        Err(EditError::Trashed(trashed)) => {
            let title = trash::find(conn, trashed).await?.map(|record| record.title);
            let title = title.unwrap_or_default();
            let shown = FormPage { id: Some(id), title, trashed: Some(trashed), ..empty };
            page.respond_with(StatusCode::GONE, &shown)
        }
        Err(error) => Err(error.into()),
    }
}

pub(in super::super) async fn create(
    operator: Operator,
    page: AdminRequest,
    form: Form,
) -> Result<HttpResponse> {
    store(operator, page, form, None).await
}

pub(in super::super) async fn update(
    operator: Operator,
    page: AdminRequest,
    form: Form,
) -> Result<HttpResponse> {
    let id = number(&page.request, "id")?;
    store(operator, page, form, Some(id)).await
}

async fn store(
    operator: Operator,
    page: AdminRequest,
    form: Form,
    id: Option<i32>,
) -> Result<HttpResponse> {
    let kind = kind(&page.request)?;
    let conn = &mut page.connection().await?;
    let list = form.text("list").to_owned();
    if form.get("then") == Some("preview") {
        let text = ["synopsis", "biography", "text"].into_iter().find_map(|name| form.get(name));
        let paragraphs = text.unwrap_or_default().lines().map(str::to_owned).collect();
        let version = form.text("version").parse().unwrap_or_default();
        let shown = FormPage { preview: Some(paragraphs), ..FormPage::new(kind, form, list) };
        let shown = match id {
            Some(id) => {
                let record = editing::find(conn, kind, id).await?;
                FormPage { version, ..shown.with_record(&page, conn, kind, &record).await? }
            }
            None => shown,
        };
        return page.respond(&shown);
    }
    let submission = submission(kind, &form);
    let author = author(&operator, &page.request);
    match save(conn, kind, id, &submission, &author).await {
        Ok(saved) => {
            let title = saved.title;
            let message = match (id, saved.changed.is_empty()) {
                (None, _) => Message::RecordCreated { title },
                (_, true) => Message::NothingChanged,
                (_, false) => Message::RecordSaved { title },
            };
            let target = match form.get("then") {
                Some("list") => join(&list_path(kind), &list),
                Some("new") => format!("{}/new", list_path(kind)),
                _ if list.is_empty() => path(kind, saved.id),
                _ => Query::default().with("list", list).at(&path(kind, saved.id)),
            };
            page.redirect(&target, &message)
        }
        Err(error) => refused(&page, conn, (kind, id), form, &submission, error).await,
    }
}

/// Returns what the form submits. Fields for which the operator chose the stored value are left out.
fn submission(kind: Kind, form: &Form) -> Submission {
    let is_theirs = |name: &str| form.get(&format!("take-{name}")) == Some("theirs");
    let pairs = form.fields().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Submission::from_pairs(kind, pairs.filter(|(name, _)| !is_theirs(name))).0
}

/// Shows the form again, with everything typed.
async fn refused(
    page: &AdminRequest,
    conn: &mut Connection,
    (kind, id): (Kind, Option<i32>),
    mut form: Form,
    submission: &Submission,
    error: EditError,
) -> Result<HttpResponse> {
    let list = form.text("list").to_owned();
    let version = submission.version.unwrap_or_default();
    let (status, problems, trashed) = match error {
        EditError::Invalid(invalid) => {
            let problems = Problems::of_invalid(page, &mut form, invalid).await?;
            (StatusCode::UNPROCESSABLE_ENTITY, problems, None)
        }
        EditError::Conflict(conflicts) => {
            (StatusCode::CONFLICT, Problems::of_conflicts(conflicts), None)
        }
        EditError::Trashed(trashed) => (StatusCode::GONE, Problems::default(), Some(trashed)),
        EditError::Busy => (StatusCode::SERVICE_UNAVAILABLE, Problems::default(), None),
        error => return Err(error.into()),
    };
    let is_conflict = status == StatusCode::CONFLICT;
    let is_busy = status == StatusCode::SERVICE_UNAVAILABLE;
    let mut shown =
        FormPage { problems, trashed, is_busy, version, ..FormPage::new(kind, form, list) };
    let record = match id {
        Some(id) => editing::load(conn, kind, &[id]).await?.remove(&id),
        None => None,
    };
    if let Some(record) = record {
        if is_conflict {
            shown.form = rebased(conn, kind, &record, shown.form, submission).await?;
        }
        let typed_holds: Option<BTreeSet<String>> = submission.hold.clone();
        shown = shown.with_record(page, conn, kind, &record).await?;
        shown.held = typed_holds.unwrap_or(shown.held);
        if !is_conflict {
            shown.version = submission.version.unwrap_or(record.version);
        }
    }
    shown.id = id;
    let mut response = page.respond_with(status, &shown)?;
    if is_busy {
        let seconds = actix_web::http::header::HeaderValue::from_static(BUSY_SECONDS);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    Ok(response)
}

/// Returns a form of an earlier version for the current one: fields that the operator did not change
/// have the values of today.
async fn rebased(
    conn: &mut Connection,
    kind: Kind,
    record: &Stored,
    form: Form,
    submission: &Submission,
) -> Result<Form> {
    let version = submission.version.unwrap_or(record.version);
    let seen = changes::facts_at(conn, kind, record, version).await?;
    let Some((seen, _)) = seen else { return Ok(form) };
    let untouched: Vec<&str> = submission
        .fields
        .iter()
        .filter(|(field, text)| seen.text(field).trim() == text.trim())
        .map(|(field, _)| *field)
        .collect();
    Ok(form.without(&untouched))
}
