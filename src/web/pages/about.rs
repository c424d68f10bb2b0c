//! The page about the site and the sources of its texts.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::catalog::sources::{self, Source, UsedSource};
use crate::web::error::Result;
use crate::web::render::page::Page;
use crate::web::state::Site;
use crate::web::visitor::Visitor;

#[derive(Serialize)]
struct AboutPage {
    sources: Vec<SourceRow>,
    days: i64,
    cookie: String,
    /// Session data is stored in the cookie, not on the server.
    in_cookie: bool,
}

#[derive(Serialize)]
struct SourceRow {
    name: String,
    url: Option<String>,
    licence: String,
    licence_url: Option<String>,
    synopses: i64,
    biographies: i64,
}

impl Page for AboutPage {
    const TEMPLATE: &'static str = "about.html";
}

pub async fn show(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    // Cached because counting the texts of each source reads every film.
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
        let (synopses, biographies) = (used.synopses, used.biographies);
        Self { name, url, licence, licence_url, synopses, biographies }
    }
}
