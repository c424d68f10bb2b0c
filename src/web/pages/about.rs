//! What the site is, and where its texts come from.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::catalog::sources::{self, Source, UsedSource};
use crate::web::error::Result;
use crate::web::render::format::grouped;
use crate::web::render::page::Page;
use crate::web::state::Site;
use crate::web::visitor::Visitor;

#[derive(Serialize)]
struct AboutPage {
    sources: Vec<SourceRow>,
    days: i64,
    cookie: String,
    /// All that is remembered is in the cookie.
    in_cookie: bool,
}

#[derive(Serialize)]
struct SourceRow {
    name: String,
    url: Option<String>,
    licence: String,
    licence_url: Option<String>,
    synopses: String,
    biographies: String,
}

impl Page for AboutPage {
    const TEMPLATE: &'static str = "about.html";
}

pub async fn show(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    // To count the texts of each source is to read every film.
    let page = async |_: &_| {
        let conn = &mut site.pool.get().await?;
        let sources = sources::list(conn).await?;
        Ok(AboutPage {
            sources: sources.into_iter().map(SourceRow::from).collect(),
            days: site.sessions.session_cookie_age / (24 * 3600),
            cookie: site.sessions.session_cookie_name.clone(),
            in_cookie: site.keeps_in_cookies(),
        })
    };
    site.respond_shared(&request, &visitor, page).await
}

impl From<UsedSource> for SourceRow {
    fn from(used: UsedSource) -> Self {
        let Source { name, url, licence, licence_url, .. } = used.source;
        let (synopses, biographies) = (grouped(used.synopses), grouped(used.biographies));
        Self { name, url, licence, licence_url, synopses, biographies }
    }
}
