//! Failures as HTTP: what the visitor sees, and what the operator reads in the log.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use crate::db::Unavailable;
use crate::sessions::{OpenError, StoreError};
use crate::web::visitor::Mark;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("not found")]
    NotFound,
    /// A page beyond the last one of a list.
    #[error("beyond the last page")]
    BeyondTheEnd(LastPage),
    /// The list of films with this mark is full, or the whole session.
    #[error("the session is full: {0:?}")]
    Full(Option<Mark>),
    /// Somebody wants something remembered, but this site remembers nothing.
    #[error("nothing is kept of anybody")]
    NothingIsKept,
    /// What is remembered of the visitor cannot be had just now, while the catalogue can.
    #[error("the session store does not answer")]
    OutOfReach,
    /// Database or session store do not answer now; the cause is logged, never shown.
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

impl From<diesel::result::Error> for Error {
    /// What fails because of the server's state is an outage: it goes down, its disk is full, it may
    /// not be written just now, a replica had to go on with what the statement stood on. What is
    /// wrong with a statement is a defect; the server then says where in it.
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
            error @ OpenError::NoMiddleware => Self::Internal(error.into()),
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
            Self::NotFound | Self::BeyondTheEnd(_) => StatusCode::NOT_FOUND,
            Self::Full(_) | Self::NothingIsKept => StatusCode::CONFLICT,
            Self::Unavailable(_) | Self::OutOfReach => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Only the status; [`error_page`](super::render::error_page) writes the body, because it can reach the templates.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
