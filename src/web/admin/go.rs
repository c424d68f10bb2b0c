//! From a public page to the form of its record.

use actix_web::HttpResponse;

use super::AdminRequest;
use crate::catalog::{movies, people, tags};
use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::http::url::Slug;

/// Redirects to the form of the record that a public page is about, or else to the first page.
pub(super) async fn edit_page(page: AdminRequest) -> Result<HttpResponse> {
    let query = Query::parse(page.request.query_string().as_bytes());
    let path = query.get("path").unwrap_or_default();
    let conn = &mut page.connection().await?;
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let slug = |raw: &str| Slug::decode(raw).map_or_else(String::new, |Slug(slug)| slug);
    let (kind, id) = match parts[..] {
        ["movies", raw] => ("films", movies::id(conn, &slug(raw)).await?),
        ["movies", "tags", raw] => ("tags", tags::id(conn, &slug(raw)).await?),
        ["directors" | "actors", raw] => {
            ("directors", people::find(conn, &slug(raw)).await?.map(|person| person.id))
        }
        _ => ("", None),
    };
    Ok(redirect::to(&id.map_or_else(|| "/admin".to_owned(), |id| format!("/admin/{kind}/{id}"))))
}
