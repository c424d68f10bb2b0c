//! From a public page to the form of its record.

use actix_web::HttpResponse;

use super::{AdminRequest, records};
use crate::catalog::editing::{self, Kind};
use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::http::url::Slug;

/// Redirects to the form of the record that a public page is about, or else to the first page.
pub(super) async fn edit_page(page: AdminRequest) -> Result<HttpResponse> {
    let query = Query::parse(page.request.query_string().as_bytes());
    let path = query.get("path").unwrap_or_default();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let found = match parts[..] {
        ["movies", raw] => Some((Kind::Film, raw)),
        ["movies", "tags", raw] => Some((Kind::Tag, raw)),
        ["directors" | "actors", raw] => Some((Kind::Person, raw)),
        _ => None,
    };
    let Some((kind, Some(Slug(slug)))) = found.map(|(kind, raw)| (kind, Slug::decode(raw))) else {
        return Ok(redirect::to("/admin"));
    };
    let id = editing::id_of(&mut *page.connection().await?, kind, &slug).await?;
    let form = id.map(|id| records::path(kind, id));
    Ok(redirect::to(&form.unwrap_or_else(|| "/admin".to_owned())))
}
