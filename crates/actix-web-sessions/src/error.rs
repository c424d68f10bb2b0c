//! Errors, and the HTTP responses that they become.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};

/// A result whose error is a [`StoreError`] unless another is named.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// The kinds of [`StoreError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The backend does not answer, or cannot take writes.
    Unavailable,
    /// Others hold or change the same session all the time.
    Contended,
    /// This store does not have the operation.
    Unsupported,
    /// Anything else.
    Other,
}

/// The store could not do its work; nothing is reported as stored that is not.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Source,
}

impl StoreError {
    /// Returns an error of this kind. `source` must not contain ids or values of sessions.
    pub fn new(kind: StoreErrorKind, source: impl Into<Source>) -> Self {
        Self { kind, source: source.into() }
    }

    /// The backend does not answer.
    pub fn unavailable(source: impl Into<Source>) -> Self {
        Self::new(StoreErrorKind::Unavailable, source)
    }

    /// The session is changed by others all the time.
    pub fn contended() -> Self {
        Self::new(StoreErrorKind::Contended, "the session is changed by others all the time")
    }

    /// The store does not have this operation.
    pub fn unsupported(operation: &str) -> Self {
        let text = format!("this store does not support {operation}");
        Self::new(StoreErrorKind::Unsupported, text)
    }

    /// An error of another kind.
    pub fn other(source: impl Into<Source>) -> Self {
        Self::new(StoreErrorKind::Other, source)
    }

    /// Returns the kind.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "session store: {}", self.source)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}

impl ResponseError for StoreError {
    fn status_code(&self) -> StatusCode {
        match self.kind {
            StoreErrorKind::Unavailable | StoreErrorKind::Contended => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            StoreErrorKind::Unsupported | StoreErrorKind::Other => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if self.status_code() == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((RETRY_AFTER, "5"));
        }
        response.finish()
    }
}

/// A value cannot be stored or read. Neither names nor values are part of the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// JSON has no form for the value, such as a map with keys that are no strings.
    #[error("the value cannot be written as JSON")]
    Json,
    /// The stored value is of another type.
    #[error("the stored value has another type")]
    Type,
    /// Postgres cannot store U+0000 in JSON, so no store does.
    #[error("the character U+0000 cannot be stored")]
    Nul,
    /// JSON has no infinity and no NaN.
    #[error("a number that is not finite cannot be stored")]
    NotFinite,
    /// JSON readers refuse such a value.
    #[error("the value is nested deeper than {limit} levels")]
    TooDeep {
        /// The number of levels that can be stored.
        limit: usize,
    },
    /// The whole session, in bytes.
    #[error("the session is too large: {size} bytes, of at most {limit}")]
    TooLarge {
        /// The number of bytes that can be stored.
        limit: usize,
        /// The number of bytes that it would have.
        size: usize,
    },
    /// The name belongs to this library.
    #[error("the name is reserved")]
    Reserved,
    /// The response has been prepared, so that a change could not be stored any more.
    #[error("the session was used after its response")]
    Finished,
}

impl ResponseError for ValueError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Finished => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).body(self.to_string())
    }
}

/// No session is available.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The handler is not inside of [`Sessions`](crate::Sessions).
    #[error("no `Sessions` middleware wraps this handler")]
    NoMiddleware,
}

impl ResponseError for OpenError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Store(error) => error.status_code(),
            Self::NoMiddleware => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Store(error) => error.error_response(),
            Self::NoMiddleware => HttpResponse::InternalServerError().finish(),
        }
    }
}

/// An operation that takes effect in the store at once failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The value or its name cannot be stored.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The id was replaced by a login; requests with the old id must not write into the new
    /// session.
    #[error("the session id was replaced by a login")]
    Refused,
}

impl ResponseError for UpdateError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Store(error) => error.status_code(),
            Self::Value(error) => error.status_code(),
            Self::Refused => StatusCode::CONFLICT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Store(error) => error.error_response(),
            Self::Value(error) => error.error_response(),
            Self::Refused => HttpResponse::Conflict().finish(),
        }
    }
}

/// The session belongs to no principal: nobody is logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody is logged in")]
pub struct LoginRequired;

impl ResponseError for LoginRequired {
    fn status_code(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }
}

/// A setting has a value that cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}={value}: {rule}")]
#[non_exhaustive]
pub struct ConfigError {
    /// The setting, by its name in the environment.
    pub setting: &'static str,
    /// The value; empty for a secret.
    pub value: String,
    /// The allowed values.
    pub rule: String,
}

impl ConfigError {
    pub(crate) fn new(
        setting: &'static str,
        value: impl Into<String>,
        rule: impl Into<String>,
    ) -> Self {
        Self { setting, value: value.into(), rule: rule.into() }
    }
}
