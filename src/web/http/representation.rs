//! Answers that are the same for every visitor: a browser that has one already is told so.

use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE,
    ContentEncoding, ETag, Encoding, EntityTag, Header, IfNoneMatch, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

/// `Cache-Control` of what changes only together with its address.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// `Cache-Control` of what may change at its address.
pub const AN_HOUR: &str = "public, max-age=3600";

/// The one of these encodings that the request likes best; `None` for one that says nothing, or
/// likes none of them.
pub fn encoding(request: &HttpRequest, offered: &[Encoding]) -> Option<ContentEncoding> {
    if !request.headers().contains_key(ACCEPT_ENCODING) {
        return None;
    }
    match AcceptEncoding::parse(request).ok()?.negotiate(offered.iter())? {
        Encoding::Known(encoding) => Some(encoding),
        Encoding::Unknown(_) => None,
    }
}

/// What is at an address, with its validator (RFC 9110, section 8).
#[derive(Clone)]
pub struct Representation {
    media_type: &'static str,
    body: web::Bytes,
    /// Weak: it stays when the body is compressed on its way.
    tag: EntityTag,
    encoding: Option<ContentEncoding>,
}

impl Representation {
    pub fn new(media_type: &'static str, body: impl Into<web::Bytes>) -> Self {
        let body = body.into();
        let hash = Sha256::digest(&body);
        let tag = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Self { media_type, body, tag: EntityTag::new_weak(tag), encoding: None }
    }

    /// The same, with its body compressed already.
    pub fn encoded(&self, encoding: ContentEncoding, body: Vec<u8>) -> Self {
        Self { body: body.into(), encoding: Some(encoding), ..self.clone() }
    }

    /// The beginning of the body's SHA-256, in hexadecimal.
    pub fn digest(&self) -> &str {
        self.tag.tag()
    }

    pub fn body(&self) -> &web::Bytes {
        &self.body
    }

    /// 200, or 304 without a body when the request names this validator. `cache` is the
    /// `Cache-Control`.
    pub fn answer(&self, request: &HttpRequest, cache: &'static str) -> HttpResponse {
        let known = self.is_known(request);
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((CACHE_CONTROL, cache)).insert_header(ETag(self.tag.clone()));
        if let Some(encoding) = self.encoding {
            response.insert_header((CONTENT_ENCODING, encoding));
            response.insert_header((VARY, "accept-encoding"));
        }
        match known {
            true => response.finish(),
            false => {
                response.insert_header((CONTENT_TYPE, self.media_type)).body(self.body.clone())
            }
        }
    }

    fn is_known(&self, request: &HttpRequest) -> bool {
        match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(&self.tag)),
            Err(_) => false,
        }
    }
}
