//! Moving a record to the trash, after a page that says what that means.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::super::{AdminRequest, Form, Message, Operator};
use super::{author, kind, list_path, number};
use crate::catalog::dimension::DimensionId;
use crate::catalog::editing::{self, EditError, Kind, trash};
use crate::catalog::index::{Filter, Index};
use crate::catalog::movies;
use crate::web::error::Result;
use crate::web::render::page::Page;

/// Films that the page lists.
const MAX_LISTED: usize = 20;

#[derive(Serialize)]
struct RemovePage {
    kind: &'static str,
    id: i32,
    title: String,
    version: i32,
    note: String,
    /// Number of films that lose a person or tag.
    films: usize,
    /// The titles of the first ones.
    titles: Vec<String>,
    /// The record has changed since the page was opened.
    has_changed: bool,
}

impl Page for RemovePage {
    const TEMPLATE: &'static str = "admin/records/remove.html";
}

pub(in super::super) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    respond(&page, String::new(), false).await
}

async fn respond(page: &AdminRequest, note: String, has_changed: bool) -> Result<HttpResponse> {
    let (kind, id) = (kind(&page.request)?, number(&page.request, "id")?);
    let conn = &mut page.connection().await?;
    let record = editing::find(conn, kind, id).await?;
    let index = page.admin.catalog.current();
    let films = films(&index, kind, id, &record.slug());
    let first: Vec<i32> = films.iter().take(MAX_LISTED).copied().collect();
    let titles = movies::with_ids(conn, &first).await?;
    let shown = RemovePage {
        kind: kind.name(),
        id,
        title: record.title(kind),
        version: record.version,
        note,
        films: films.len(),
        titles: titles.into_iter().map(|film| film.movie.title).collect(),
        has_changed,
    };
    page.respond_with(if has_changed { StatusCode::CONFLICT } else { StatusCode::OK }, &shown)
}

/// Returns the films of a person or tag.
pub(super) fn films(index: &Index, kind: Kind, id: i32, slug: &str) -> Vec<i32> {
    match kind {
        Kind::Person => index.films_of_person(id),
        Kind::Tag => match index.find(DimensionId::Tag, slug) {
            Some((position, _)) => {
                let tag = crate::catalog::dimension::ValueRef::Position(position);
                index.select(&Filter::by(DimensionId::Tag, tag)).ids()
            }
            None => Vec::new(),
        },
        Kind::Film | Kind::Notice => Vec::new(),
    }
}

pub(in super::super) async fn remove(
    operator: Operator,
    page: AdminRequest,
    form: Form,
) -> Result<HttpResponse> {
    let (kind, id) = (kind(&page.request)?, number(&page.request, "id")?);
    let version = form.text("version").parse().ok();
    let author = author(&operator, &page.request);
    let conn = &mut page.connection().await?;
    let title = editing::find(conn, kind, id).await?.title(kind);
    match trash::remove(conn, kind, &[id], version, &author, form.get("note")).await {
        Ok(()) => page.redirect(&list_path(kind), &Message::RecordTrashed { title }),
        Err(EditError::Conflict(_)) => {
            let note = form.get("note").unwrap_or_default().to_owned();
            respond(&page, note, true).await
        }
        Err(error) => Err(error.into()),
    }
}
