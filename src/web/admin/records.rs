//! Films, people, tags and notices: the same pages for each kind.
//!
//! A further kind needs a module in `catalog::editing` that loads, validates and stores its facts, its rows
//! in the permission table, its columns in [`list`], and the fields of its form in
//! `templates/admin/records/`.

pub(super) mod bulk;
mod compare;
pub(super) mod edit;
pub(super) mod history;
pub(super) mod list;
pub(super) mod merge;
mod problems;
pub(super) mod remove;

pub(super) use self::compare::{FieldDiff, fields};

use std::str::FromStr;

use actix_web::HttpRequest;

use super::Operator;
use crate::catalog::editing::{Author, EditError, Kind};
use crate::web::error::{Error, Result};
use crate::web::http::request_id::RequestId;

/// Returns the kind in the path of a request: films in `/admin/films/7`.
pub(super) fn kind(request: &HttpRequest) -> Result<Kind> {
    let name = request.path().split('/').nth(2).unwrap_or_default();
    Kind::from_name(name).ok_or(Error::NotFound)
}

/// Returns a number in the path of a request.
pub(super) fn number<N: FromStr>(request: &HttpRequest, name: &str) -> Result<N> {
    request.match_info().get(name).and_then(|id| id.parse().ok()).ok_or(Error::NotFound)
}

/// Returns the operator as the author of a change.
pub(super) fn author(operator: &Operator, request: &HttpRequest) -> Author {
    Author {
        operator_id: Some(operator.id),
        name: operator.name.clone(),
        request_id: Some(RequestId::of(request)),
    }
}

/// Returns the path of a record's form.
pub(super) fn path(kind: Kind, id: i32) -> String {
    format!("/admin/{}/{id}", kind.name())
}

/// Returns the path of a kind's list.
pub(super) fn list_path(kind: Kind) -> String {
    format!("/admin/{}", kind.name())
}

impl From<EditError> for Error {
    /// Converts what a page does not explain itself.
    fn from(error: EditError) -> Self {
        match error {
            EditError::NotFound | EditError::Purged => Self::NotFound,
            EditError::Trashed(_) => Self::Gone,
            EditError::Busy => Self::Unavailable(EditError::Busy.into()),
            EditError::Database(error) => error.into(),
            error @ (EditError::Invalid(_) | EditError::Conflict(_)) => {
                Self::InvalidForm(error.to_string())
            }
        }
    }
}
