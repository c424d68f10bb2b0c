//! A film's generated art as files: the poster, and the picture for link previews.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use anyhow::Context as _;
use lru::LruCache;
use tokio::sync::Semaphore;

use crate::catalog::movies::{self, CreditedMovie};
use crate::web::components::card;
use crate::web::error::{Error, Result};
use crate::web::http::representation::{AN_HOUR, IMMUTABLE, Representation};
use crate::web::http::url::{self, Slug};
use crate::web::state::Site;

/// Previews kept: about 10 MB.
const KEPT: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// Drawing one keeps a core busy for some hundredths of a second: pages come first.
const AT_ONCE: usize = 1;

/// The last previews that were drawn, by their address.
pub struct Previews {
    drawn: Mutex<LruCache<String, Representation>>,
    drawing: Semaphore,
}

impl Default for Previews {
    fn default() -> Self {
        Self { drawn: Mutex::new(LruCache::new(KEPT)), drawing: Semaphore::new(AT_ONCE) }
    }
}

/// An SVG opened by itself is a document: it may do nothing but draw.
const DRAWING_ONLY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");

pub async fn poster(
    site: web::Data<Site>,
    request: HttpRequest,
    slug: Slug,
) -> Result<HttpResponse> {
    let conn = &mut site.pool.get().await?;
    let film = movies::find(conn, &slug.0).await?.ok_or(Error::NotFound)?;
    let svg =
        card::poster(&film).file_svg(&film.movie.title, film.movie.year, by(&film).as_deref());
    let svg = Representation::new("image/svg+xml", svg);
    let mut response = svg.answer(&request, "public, max-age=86400");
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, DRAWING_ONLY);
    Ok(response)
}

pub async fn preview(
    site: web::Data<Site>,
    request: HttpRequest,
    slug: Slug,
) -> Result<HttpResponse> {
    let film = {
        let conn = &mut site.pool.get().await?;
        movies::find(conn, &slug.0).await?.ok_or(Error::NotFound)?
    };
    let address = preview_address(&film);
    // The address changes with what is drawn; only the present one may be kept for ever.
    let is_present =
        address.split_once('?').is_some_and(|(_, hash)| hash == request.query_string());
    let cache = if is_present { IMMUTABLE } else { AN_HOUR };
    Ok(site.previews.get(address, film).await?.answer(&request, cache))
}

/// Where the preview of a film is, with a hash of what it shows.
pub fn preview_address(film: &CreditedMovie) -> String {
    let CreditedMovie { movie, .. } = film;
    let poster = card::poster(film);
    let hash = poster.preview_hash(&movie.title, movie.year, by(film).as_deref());
    format!("{}?{hash:016x}", url::preview(&movie.slug))
}

impl Previews {
    async fn get(self: &Arc<Self>, address: String, film: CreditedMovie) -> Result<Representation> {
        if let Some(png) = self.kept(&address) {
            return Ok(png);
        }
        let _permit = self.drawing.acquire().await.context("waiting to draw")?;
        // Another request may have drawn it meanwhile.
        if let Some(png) = self.kept(&address) {
            return Ok(png);
        }
        let draw = move || {
            let title = &film.movie.title;
            card::poster(&film).preview_png(title, film.movie.year, by(&film).as_deref())
        };
        let png = web::block(draw).await.context("drawing was cut off")??;
        let png = Representation::new("image/png", png);
        self.drawn().put(address, png.clone());
        Ok(png)
    }

    fn kept(&self, address: &str) -> Option<Representation> {
        self.drawn().get(address).cloned()
    }

    fn drawn(&self) -> MutexGuard<'_, LruCache<String, Representation>> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn by(film: &CreditedMovie) -> Option<String> {
    let names: Vec<&str> = film.directors.iter().map(|credit| credit.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
