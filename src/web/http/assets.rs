//! Style sheets, scripts and pictures, under an address that changes with their content.

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

use super::representation::{AN_HOUR, IMMUTABLE, Representation, encoding};
use crate::web::error::{Error, Result};
use crate::web::state::Site;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/static"]
struct Files;

/// Every static file. Templates read the address of one as `assets["css/site.css"]`.
pub struct Assets(BTreeMap<String, Arc<Asset>>);

struct Asset {
    href: String,
    plain: Representation,
    /// Compressed as small as it goes, by the first request that can read it: that takes a while.
    brotli: OnceLock<Representation>,
    gzip: OnceLock<Representation>,
}

impl Assets {
    pub fn load() -> Self {
        let asset = |name: &str| {
            let file = Files::get(name)?;
            Some((name.to_owned(), Arc::new(Asset::new(name, file.data.into_owned()))))
        };
        Self(Files::iter().filter_map(|name| asset(&name)).collect())
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

    /// The smallest form that this request can read.
    async fn for_request(self: Arc<Self>, request: &HttpRequest) -> Result<Representation> {
        match encoding(request, &OFFERED) {
            Some(encoding @ (ContentEncoding::Brotli | ContentEncoding::Gzip)) => {
                web::block(move || self.compressed(encoding).cloned())
                    .await
                    .context("compressing was cut off")?
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
        let body = compress(self.plain.body()).context("compressing a file of our own")?;
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
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

pub async fn file(
    site: web::Data<Site>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (_, name) = path.into_inner();
    let asset = site.assets.get(&name)?;
    // An old hash still gets the file, so that a page from before an update keeps its looks,
    // but only the present one may be kept for ever.
    let cache = if asset.href == request.path() { IMMUTABLE } else { AN_HOUR };
    Ok(asset.for_request(&request).await?.answer(&request, cache))
}

pub async fn favicon(site: web::Data<Site>, request: HttpRequest) -> Result<HttpResponse> {
    let asset = site.assets.get("img/favicon.svg")?;
    Ok(asset.for_request(&request).await?.answer(&request, AN_HOUR))
}
