//! Responses that are the same for every visitor, with validators for conditional requests.

use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CONTENT_ENCODING, CONTENT_TYPE, ContentEncoding, ETag,
    Encoding, EntityTag, Header, IfNoneMatch, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

use super::cache_policy::CachePolicy;

/// Returns the offered encoding that the request prefers; `None` without an `Accept-Encoding`
/// header, and if it accepts none of them.
pub(crate) fn preferred_encoding(
    request: &HttpRequest,
    offered: &[Encoding],
) -> Option<ContentEncoding> {
    if !request.headers().contains_key(ACCEPT_ENCODING) {
        return None;
    }
    match AcceptEncoding::parse(request).ok()?.negotiate(offered.iter())? {
        Encoding::Known(encoding) => Some(encoding),
        Encoding::Unknown(_) => None,
    }
}

/// The content of a URL, with its validator (RFC 9110, section 8).
#[derive(Clone)]
pub(crate) struct Representation {
    media_type: &'static str,
    body: web::Bytes,
    /// Weak, because a proxy or the server may compress the body.
    tag: EntityTag,
    encoding: Option<ContentEncoding>,
}

impl Representation {
    pub(crate) fn new(media_type: &'static str, body: impl Into<web::Bytes>) -> Self {
        let body = body.into();
        let hash = Sha256::digest(&body);
        let tag = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Self { media_type, body, tag: EntityTag::new_weak(tag), encoding: None }
    }

    /// Returns the same representation with a compressed body.
    pub(crate) fn encoded(&self, encoding: ContentEncoding, body: Vec<u8>) -> Self {
        Self { body: body.into(), encoding: Some(encoding), ..self.clone() }
    }

    /// Returns the first 12 bytes of the body's SHA-256, in hexadecimal.
    pub(crate) fn digest(&self) -> &str {
        self.tag.tag()
    }

    pub(crate) fn body(&self) -> &web::Bytes {
        &self.body
    }

    /// Responds with 200, or with 304 if the client has this representation.
    pub(crate) fn respond(&self, request: &HttpRequest, cache: CachePolicy) -> HttpResponse {
        let known = self.is_known(request);
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header(cache).insert_header(ETag(self.tag.clone()));
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
