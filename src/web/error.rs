//! The error type of handlers, and the status of each error.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, ResponseError};

use crate::db::Unavailable;
use crate::sessions::{OpenError, StoreError};
use crate::web::visitor::marks::Mark;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("not found")]
    NotFound,
    /// The page has this other URL.
    #[error("moved to {0}")]
    Moved(String),
    /// The record was removed.
    #[error("removed")]
    Gone,
    /// A page beyond the last one of a list.
    #[error("beyond the last page")]
    BeyondTheEnd(LastPage),
    /// The list of films with this mark is full, or the whole session.
    #[error("the session is full: {0:?}")]
    Full(Option<Mark>),
    /// A form with a missing or invalid field; names it.
    #[error("invalid form: {0}")]
    InvalidForm(String),
    /// The site is configured without sessions, so it cannot remember anything.
    #[error("sessions are disabled")]
    SessionsDisabled,
    /// The session store does not respond, while the catalog does.
    #[error("the session store is unavailable")]
    SessionUnavailable,
    /// The database or the session store does not respond. The cause is logged, never shown.
    #[error("unavailable: {0}")]
    Unavailable(anyhow::Error),
    /// The cause is logged, never shown.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

/// The last page of a list, for a request beyond it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastPage {
    pub href: String,
    pub requested: u32,
    pub pages: u32,
}

impl From<LastPage> for Error {
    fn from(last: LastPage) -> Self {
        Self::BeyondTheEnd(last)
    }
}

impl From<diesel::result::Error> for Error {
    /// Distinguishes outages, caused by the server's state (shutdown, disk full, read-only mode, a
    /// replica's conflict with recovery), from defects in a statement. For a defect, Postgres
    /// reports the position in the statement.
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::DatabaseErrorKind as Kind;
        use diesel::result::Error::DatabaseError;
        let outage = match &error {
            DatabaseError(
                Kind::ClosedConnection
                | Kind::UnableToSendCommand
                | Kind::ReadOnlyTransaction
                | Kind::SerializationFailure,
                _,
            ) => true,
            DatabaseError(Kind::Unknown, report) => report.statement_position().is_none(),
            error => error.to_string().contains("connection closed"),
        };
        if outage { Self::Unavailable(error.into()) } else { Self::Internal(error.into()) }
    }
}

impl From<Unavailable> for Error {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            error => Self::Internal(error.into()),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Moved(_) => StatusCode::MOVED_PERMANENTLY,
            Self::NotFound | Self::BeyondTheEnd(_) => StatusCode::NOT_FOUND,
            Self::Gone => StatusCode::GONE,
            Self::Full(_) | Self::SessionsDisabled => StatusCode::CONFLICT,
            Self::InvalidForm(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unavailable(_) | Self::SessionUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns a response without a body; [`error_page`](super::render::error_page) adds it.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Self::Moved(url) = self {
            response.insert_header((LOCATION, url.as_str()));
        }
        response.finish()
    }
}
