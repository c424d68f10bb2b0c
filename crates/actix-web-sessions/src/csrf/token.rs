//! Tokens that are bound to a session.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Query};
use actix_web::{Error, FromRequest, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::data::Data;
use crate::error::StoreError;
use crate::session::{CSRF, Session};

/// The header in which a request may send its token.
pub const HEADER: &str = "x-csrf-token";

/// The form field in which a request may send its token.
pub const FIELD: &str = "csrf_token";

const LENGTH: usize = 32;

/// The token for the forms of a page. Its text differs on every page, so that compression of the
/// response does not reveal it. It is valid until the user logs in.
#[derive(Clone)]
pub struct CsrfToken(String);

impl CsrfToken {
    /// Returns the text for the form field or the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(session: &Session) -> Result<Self, Error> {
        let secret = match secret(session) {
            Some(secret) => secret,
            None => {
                let secret = random()?;
                let text = URL_SAFE_NO_PAD.encode(secret);
                session.put(Data::from_iter([(CSRF.to_owned(), text.into())]))?;
                secret
            }
        };
        let mask = random()?;
        let masked = xor(&secret, &mask);
        Ok(Self(URL_SAFE_NO_PAD.encode([mask, masked].concat())))
    }
}

impl fmt::Display for CsrfToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CsrfToken")
    }
}

impl FromRequest for CsrfToken {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&Session::open(&request).await?) })
    }
}

/// Returns whether the request has a token of its session.
pub(super) async fn is_valid(request: &mut ServiceRequest) -> Result<bool, Error> {
    let session = Session::open(request.request()).await?;
    let Some(secret) = secret(&session) else { return Ok(false) };
    let token = match request.headers().get(HEADER) {
        Some(token) => token.to_str().ok().map(str::to_owned),
        None => form_field(request).await?,
    };
    let token = token.and_then(|token| URL_SAFE_NO_PAD.decode(token).ok());
    let halves = token.as_deref().and_then(|token| token.split_first_chunk::<LENGTH>());
    Ok(halves.is_some_and(|(mask, masked)| {
        <&[u8; LENGTH]>::try_from(masked).is_ok_and(|masked| is_equal(&xor(mask, masked), &secret))
    }))
}

/// Reads the token from a form, and leaves the body to the handler.
async fn form_field(request: &mut ServiceRequest) -> Result<Option<String>, Error> {
    let kind = request.headers().get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    if !kind.is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded")) {
        return Ok(None);
    }
    let body = request.extract::<Bytes>().await?;
    let fields = std::str::from_utf8(&body).ok().map(Query::<HashMap<String, String>>::from_query);
    let token = fields.and_then(Result::ok).and_then(|mut fields| fields.remove(FIELD));
    request.set_payload(Payload::from(body));
    Ok(token)
}

fn secret(session: &Session) -> Option<[u8; LENGTH]> {
    let text: String = session.get(CSRF).ok().flatten()?;
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn random() -> Result<[u8; LENGTH], StoreError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(StoreError::other)?;
    Ok(bytes)
}

fn xor(one: &[u8; LENGTH], other: &[u8; LENGTH]) -> [u8; LENGTH] {
    std::array::from_fn(|at| one[at] ^ other[at])
}

/// Takes the same time wherever the first difference is.
fn is_equal(one: &[u8; LENGTH], other: &[u8; LENGTH]) -> bool {
    std::hint::black_box(xor(one, other).iter().fold(0, |all, byte| all | byte)) == 0
}
