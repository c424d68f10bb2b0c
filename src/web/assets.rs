//! Style sheets and pictures, under an address that changes with their content.

use std::collections::BTreeMap;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use rust_embed::Embed;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::{Error, Result, Site};

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/static"]
struct Files;

/// Where each static file is to be had: templates read `assets["css/site.css"]`.
pub struct Assets {
    hrefs: BTreeMap<String, String>,
}

impl Assets {
    pub fn load() -> Self {
        let href = |name: &str| {
            let file = Files::get(name)?;
            let hash: [u8; 32] = Sha256::digest(&file.data).into();
            let hash = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
            Some((name.to_owned(), format!("/static/{hash:08x}/{name}")))
        };
        Self { hrefs: Files::iter().filter_map(|name| href(&name)).collect() }
    }
}

impl Serialize for Assets {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.hrefs.serialize(serializer)
    }
}

pub async fn file(
    site: web::Data<Site>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (hash, name) = path.into_inner();
    let current = site.assets.hrefs.get(&name).ok_or(Error::NotFound)?;
    // An old hash still gets the file, so that a page from before an update keeps its looks,
    // but only the present one may be kept for ever.
    serve(&name, *current == format!("/static/{hash}/{name}"))
}

pub async fn favicon() -> Result<HttpResponse> {
    serve("img/favicon.svg", false)
}

fn serve(name: &str, immutable: bool) -> Result<HttpResponse> {
    let file = Files::get(name).ok_or(Error::NotFound)?;
    let media_type = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    let cache =
        if immutable { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CACHE_CONTROL, cache))
        .body(file.data.into_owned()))
}
