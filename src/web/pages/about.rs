//! The page about the site and the sources of its texts.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::catalog::read_pool::ReadPool;
use crate::catalog::sources::{self, Source, UsedSource};
use crate::web::error::Result;
use crate::web::http::query::Parameter;
use crate::web::render::page::Page;
use crate::web::render::page_context::PageContext;
use crate::web::render::renderer::{CachedPage, PageRequest};
use crate::web::visitor::SessionStorage;

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

pub async fn show(page: PageRequest, sessions: web::Data<SessionStorage>) -> Result<HttpResponse> {
    page.respond_cached::<AboutPage>(sessions).await
}

/// Cached because counting the texts of each source reads every film.
impl CachedPage for AboutPage {
    type Arguments = web::Data<SessionStorage>;
    const PARAMETERS: &'static [&'static [Parameter]] = &[];

    async fn build(
        _: &PageContext,
        reads: &ReadPool,
        sessions: web::Data<SessionStorage>,
    ) -> Result<Self> {
        let conn = &mut reads.get().await?;
        let sources = sources::list(conn).await?;
        Ok(Self {
            sources: sources.into_iter().map(SourceRow::from).collect(),
            days: sessions.days,
            cookie: sessions.cookie_name.clone(),
            in_cookie: sessions.in_cookie,
        })
    }
}

impl From<UsedSource> for SourceRow {
    fn from(used: UsedSource) -> Self {
        let Source { name, url, licence, licence_url, .. } = used.source;
        let (synopses, biographies) = (used.synopses, used.biographies);
        Self { name, url, licence, licence_url, synopses, biographies }
    }
}
