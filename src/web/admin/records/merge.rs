//! Merging a record into another one.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::super::{AdminRequest, Form, Message, Operator};
use super::remove::films;
use super::{author, kind, number, path};
use crate::catalog::editing::merge::{self, Merge, Take};
use crate::catalog::editing::{self, EditError, Kind, Stored};
use crate::web::error::{Error, Result};
use crate::web::http::query::Query;
use crate::web::render::page::Page;

#[derive(Serialize)]
struct MergePage {
    kind: &'static str,
    id: i32,
    title: String,
    form: Form,
    /// The other record, once it is chosen.
    into: Option<Into>,
    /// Fields in which the two differ.
    fields: Vec<Choice>,
    /// Films that the remaining record gains.
    films: usize,
    has_changed: bool,
}

#[derive(Serialize)]
struct Into {
    id: i32,
    title: String,
    slug: String,
}

/// A field whose value has to be chosen.
#[derive(Serialize)]
struct Choice {
    field: &'static str,
    is_list: bool,
    this: String,
    into: String,
    /// `this`, `into` or `both`.
    taken: String,
}

impl Page for MergePage {
    const TEMPLATE: &'static str = "admin/records/merge.html";
}

pub(in super::super) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    let query = Query::parse(page.request.query_string().as_bytes());
    let into = query.get("into").unwrap_or_default().to_owned();
    let form = Form::of([("into", into)]);
    respond(&page, form, None).await
}

/// Returns the record that a form names, by id or slug.
async fn named(page: &AdminRequest, kind: Kind, text: &str) -> Result<Option<i32>> {
    if let Ok(id) = text.parse() {
        return Ok(Some(id));
    }
    Ok(editing::id_of(&mut *page.connection().await?, kind, text).await?)
}

async fn respond(
    page: &AdminRequest,
    mut form: Form,
    error: Option<EditError>,
) -> Result<HttpResponse> {
    let (kind, id) = (kind(&page.request)?, number(&page.request, "id")?);
    if !kind.can_merge() {
        return Err(Error::NotFound);
    }
    let text = form.text("into").to_owned();
    let chosen = named(page, kind, &text).await?;
    let conn = &mut page.connection().await?;
    let this = editing::find(conn, kind, id).await?;
    let mut status = StatusCode::OK;
    let mut invalid = Vec::new();
    match error {
        Some(EditError::Conflict(_)) => status = StatusCode::CONFLICT,
        Some(EditError::Invalid(problems)) => invalid = problems,
        Some(error) => return Err(error.into()),
        None => {}
    }
    let mut other = None;
    if !text.is_empty() {
        match merge::pair(conn, kind, id, chosen.unwrap_or_default()).await {
            Ok((_, into)) => other = Some(into),
            Err(EditError::Invalid(problems)) if invalid.is_empty() => invalid = problems,
            Err(EditError::Invalid(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    for problem in &invalid {
        form.problem(problem.field, &problem.reason);
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    let index = page.admin.catalog.current();
    let version = this.version.to_string();
    let into_version = other.as_ref().map(|into| into.version.to_string());
    let shown = MergePage {
        kind: kind.name(),
        id,
        title: this.title(kind),
        fields: other.as_ref().map(|into| choices(kind, &this, into, &form)).unwrap_or_default(),
        films: films(&index, kind, id, &this.slug()).len(),
        into: other.map(|into| Into { id: into.id, title: into.title(kind), slug: into.slug() }),
        form: form.without(&["version", "into_version"]).with_defaults([
            ("version", version),
            ("into_version", into_version.unwrap_or_default()),
        ]),
        has_changed: status == StatusCode::CONFLICT,
    };
    page.respond_with(status, &shown)
}

fn choices(kind: Kind, this: &Stored, into: &Stored, form: &Form) -> Vec<Choice> {
    let fields = kind.fields().iter().filter(|field| field.name != "slug");
    let differing = fields.filter(|field| this.facts.get(field.name) != into.facts.get(field.name));
    differing
        .map(|field| {
            let chosen = form.get(&format!("take-{}", field.name)).map(str::to_owned);
            let default = if into.facts.is_blank(field.name) { "this" } else { "into" };
            Choice {
                field: field.name,
                is_list: field.is_list,
                this: this.facts.text(field.name),
                into: into.facts.text(field.name),
                taken: chosen.unwrap_or_else(|| default.to_owned()),
            }
        })
        .collect()
}

pub(in super::super) async fn merge(
    operator: Operator,
    page: AdminRequest,
    form: Form,
) -> Result<HttpResponse> {
    let (kind, id) = (kind(&page.request)?, number(&page.request, "id")?);
    let into = named(&page, kind, form.text("into")).await?.unwrap_or_default();
    let take: BTreeMap<&'static str, Take> = kind
        .fields()
        .iter()
        .filter_map(|field| {
            let take = form.get(&format!("take-{}", field.name)).and_then(Take::from_name)?;
            Some((field.name, take))
        })
        .collect();
    let version = form.text("version").parse().ok();
    let into_version = form.text("into_version").parse().ok();
    let merge = Merge { from: id, into, version, into_version, take };
    let author = author(&operator, &page.request);
    let conn = &mut page.connection().await?;
    if !form.is_ticked("confirm") {
        return respond(&page, form, None).await;
    }
    match merge::merge(conn, kind, &merge, &author, form.get("note")).await {
        Ok(()) => {
            let title = editing::find(conn, kind, into).await?.title(kind);
            page.redirect(&path(kind, into), &Message::RecordsMerged { title })
        }
        Err(error @ (EditError::Invalid(_) | EditError::Conflict(_))) => {
            respond(&page, form, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}
