//! Static files, under URLs that contain a hash of their content.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::sync::{Arc, OnceLock};

use actix_web::http::header::{ContentEncoding, Encoding};
use actix_web::{HttpRequest, HttpResponse, web};
use anyhow::Context as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::Embed;
use serde::{Serialize, Serializer};

use super::cache_policy::CachePolicy;
use super::representation::{Representation, preferred_encoding};
use crate::web::error::{Error, Result};

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/static"]
struct Files;

/// All static files. Templates read a file's URL as `assets["css/site.css"]`.
#[derive(Clone)]
pub(crate) struct Assets(Arc<BTreeMap<String, Arc<Asset>>>);

struct Asset {
    href: String,
    plain: Representation,
    /// Compressed on first use: the best compression takes a while.
    brotli: OnceLock<Representation>,
    gzip: OnceLock<Representation>,
}

impl Assets {
    pub(crate) fn load() -> Self {
        let mut assets = BTreeMap::new();
        let mut add = |name: String, content: Vec<u8>| {
            let asset = Asset::new(&name, content);
            let href = asset.href.clone();
            assets.insert(name, Arc::new(asset));
            href
        };
        for name in Files::iter() {
            if let Some(file) = Files::get(&name) {
                add(name.into_owned(), file.data.into_owned());
            }
        }
        let fonts: BTreeMap<&str, String> = film_posters::FONTS
            .into_iter()
            .map(|(name, content)| (name, add(format!("fonts/{name}"), content.to_vec())))
            .collect();
        let font_url = |name: &str| fonts.get(name).cloned().unwrap_or_default();
        let style_sheet = film_posters::style_sheet(font_url);
        add("css/posters.css".to_owned(), style_sheet.into_bytes());
        Self(Arc::new(assets))
    }

    /// Returns the URL of a file.
    pub(crate) fn href(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|asset| asset.href.as_str())
    }

    fn get(&self, name: &str) -> Result<Arc<Asset>> {
        self.0.get(name).cloned().ok_or(Error::NotFound)
    }
}

impl Serialize for Assets {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, asset)| (name, &asset.href)))
    }
}

impl Asset {
    fn new(name: &str, content: Vec<u8>) -> Self {
        let plain = Representation::new(media_type(name), content);
        let href = format!("/static/{}/{name}", &plain.digest()[..8]);
        Self { href, plain, brotli: OnceLock::new(), gzip: OnceLock::new() }
    }

    /// Returns the smallest representation that the client accepts.
    async fn for_request(self: Arc<Self>, request: &HttpRequest) -> Result<Representation> {
        match preferred_encoding(request, &OFFERED) {
            // The format is compressed already.
            _ if self.href.ends_with(".woff2") => Ok(self.plain.clone()),
            Some(encoding @ (ContentEncoding::Brotli | ContentEncoding::Gzip)) => {
                web::block(move || self.compressed(encoding).cloned())
                    .await
                    .context("compressing a static file was interrupted")?
            }
            _ => Ok(self.plain.clone()),
        }
    }

    fn compressed(&self, encoding: ContentEncoding) -> Result<&Representation> {
        let is_brotli = encoding == ContentEncoding::Brotli;
        let kept = if is_brotli { &self.brotli } else { &self.gzip };
        if let Some(kept) = kept.get() {
            return Ok(kept);
        }
        let compress = if is_brotli { brotli } else { gzip };
        let body = compress(self.plain.body()).context("compressing a static file")?;
        Ok(kept.get_or_init(|| self.plain.encoded(encoding, body)))
    }
}

const OFFERED: [Encoding; 3] = [Encoding::brotli(), Encoding::gzip(), Encoding::identity()];

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(content)?;
    writer.finish()
}

fn brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let best = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &best)?;
    Ok(compressed)
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/speculationrules+json",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

pub(crate) async fn file(
    assets: web::Data<Assets>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (_, name) = path.into_inner();
    let asset = assets.get(&name)?;
    // Pages from before an update link to the old hash; they get the current file.
    let is_current = asset.href == request.path();
    let cache = if is_current { CachePolicy::Immutable } else { CachePolicy::OneHour };
    Ok(asset.for_request(&request).await?.respond(&request, cache))
}

pub(crate) async fn favicon(
    assets: web::Data<Assets>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let asset = assets.get("img/favicon.svg")?;
    Ok(asset.for_request(&request).await?.respond(&request, CachePolicy::OneHour))
}
