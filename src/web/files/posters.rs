//! Drawn posters as files: SVG for pages, PNG for link previews.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use anyhow::Context as _;
use quick_cache::sync::Cache;
use tokio::sync::Semaphore;

use crate::catalog::movies::{self, CreditedMovie};
use crate::catalog::read_pool::ReadPool;
use crate::web::components::picture;
use crate::web::error::{Error, Result};
use crate::web::http::cache_policy::CachePolicy;
use crate::web::http::representation::Representation;
use crate::web::http::url::Slug;

/// Number of cached previews, about 10 MB.
const MAX_CACHED: usize = 256;

/// Drawing a preview occupies a core for some hundredths of a second; pages come first.
const MAX_CONCURRENT: usize = 1;

/// Recently drawn previews by URL.
pub(crate) struct Previews {
    drawn: Cache<String, Representation>,
    drawing: Semaphore,
}

impl Default for Previews {
    fn default() -> Self {
        Self { drawn: Cache::new(MAX_CACHED), drawing: Semaphore::new(MAX_CONCURRENT) }
    }
}

/// An SVG that is opened by itself is a document: it may only draw.
const DRAWING_ONLY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");

pub(crate) async fn poster(
    reads: web::Data<ReadPool>,
    request: HttpRequest,
    slug: Slug,
) -> Result<HttpResponse> {
    let conn = &mut reads.get().await?;
    let film = movies::find(conn, &slug.0).await?.ok_or(Error::NotFound)?;
    let svg = picture::poster(&film).file(&picture::directors(&film));
    let svg = Representation::new("image/svg+xml", svg);
    let mut response = svg.respond(&request, CachePolicy::OneDay);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, DRAWING_ONLY);
    Ok(response)
}

pub(crate) async fn preview(
    reads: web::Data<ReadPool>,
    previews: web::Data<Previews>,
    request: HttpRequest,
    slug: Slug,
) -> Result<HttpResponse> {
    let film = {
        let conn = &mut reads.get().await?;
        movies::find(conn, &slug.0).await?.ok_or(Error::NotFound)?
    };
    let url = picture::preview_url(&film);
    // Only the URL with the current hash is immutable.
    let is_current = url.split_once('?').is_some_and(|(_, hash)| hash == request.query_string());
    let cache = if is_current { CachePolicy::Immutable } else { CachePolicy::OneHour };
    Ok(previews.get(url, film).await?.respond(&request, cache))
}

impl Previews {
    async fn get(&self, url: String, film: CreditedMovie) -> Result<Representation> {
        if let Some(png) = self.drawn.get(&url) {
            return Ok(png);
        }
        let _permit = self.drawing.acquire().await.context("waiting to draw")?;
        // A concurrent request may have drawn it meanwhile.
        if let Some(png) = self.drawn.get(&url) {
            return Ok(png);
        }
        let draw = move || picture::poster(&film).preview_png(&picture::directors(&film));
        let png = web::block(draw)
            .await
            .context("drawing was interrupted")?
            .context("drawing a link preview")?;
        let png = Representation::new("image/png", png);
        self.drawn.insert(url, png.clone());
        Ok(png)
    }
}
