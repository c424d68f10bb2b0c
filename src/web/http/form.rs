//! Forms: how their typed fields are read, and what happens to a form that is not understood.

use actix_web::HttpRequest;
use actix_web::error::UrlencodedError;
use actix_web::http::StatusCode;
use actix_web::web::FormConfig;

use crate::web::error::Error;

/// Maximum size of a form, in bytes.
const MAX_SIZE: usize = 64 << 10;

/// Configures `web::Form`: a missing or invalid field is a 422 that names it.
pub(crate) fn config() -> FormConfig {
    FormConfig::default().limit(MAX_SIZE).error_handler(refuse)
}

fn refuse(error: UrlencodedError, _: &HttpRequest) -> actix_web::Error {
    match error {
        UrlencodedError::Parse(error) => Error::InvalidForm(error.to_string()).into(),
        UrlencodedError::Overflow { .. } => Error::Refused(StatusCode::PAYLOAD_TOO_LARGE).into(),
        UrlencodedError::ContentType => Error::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE).into(),
        _ => Error::Refused(StatusCode::BAD_REQUEST).into(),
    }
}
