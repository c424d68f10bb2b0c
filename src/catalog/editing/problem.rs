//! The reasons why a change is not made.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::catalog::record::Problem;

#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("there is no such record")]
    NotFound,
    /// The record is in the trash, under this id.
    #[error("the record is in the trash")]
    Trashed(i64),
    /// The record was purged from the trash.
    #[error("the record was deleted for good and cannot be restored")]
    Purged,
    #[error("{}", list(.0))]
    Invalid(Vec<Invalid>),
    #[error("{}", list(.0))]
    Conflict(Vec<Conflict>),
    /// Another change of the record takes too long.
    #[error("the record is being changed by another operation; try again")]
    Busy,
    #[error(transparent)]
    Database(diesel::result::Error),
}

/// A field whose value is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    pub field: &'static str,
    pub reason: Reason,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// As imports report it.
    #[error("{0}")]
    Value(String),
    #[error("{0:?} is not known; add it as a new record, or correct the name")]
    UnknownName(String),
    #[error("several people are called {name:?}; choose one of {}", choices.join(", "))]
    Ambiguous { name: String, choices: Vec<String> },
    #[error("{title:?} is the same film; edit that one, or allow a duplicate")]
    Duplicate { id: i32, title: String },
    #[error("{0:?} belongs to another record")]
    Taken(String),
    #[error("{0:?} redirects to another record")]
    Redirects(String),
    #[error("{0:?} is the address of another page")]
    Reserved(String),
    #[error("choose another record of the same kind that is not in the trash")]
    NotMergeable,
    #[error("choose at most {0} records")]
    TooMany(usize),
}

/// A field that somebody else changed after the operator had opened the form.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    pub field: &'static str,
    /// The value that is stored now.
    pub theirs: String,
    pub mine: String,
    pub actor: Option<String>,
    pub at: Option<DateTime<Utc>>,
}

impl Invalid {
    pub fn new(field: &'static str, reason: Reason) -> Self {
        Self { field, reason }
    }

    /// Returns the report of a value that validation left out. Values that it stores in another form
    /// are accepted.
    pub fn of(problem: &Problem, field: &'static str) -> Option<Self> {
        let reason =
            Reason::Value(format!("{:?} {}", problem.shown_value(), problem.code.reason()));
        problem.code.is_left_out().then_some(Self { field, reason })
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.field, self.reason)
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actor = self.actor.as_deref().unwrap_or("another operation");
        write!(out, "{}: {actor} changed it to {:?}", self.field, self.theirs)
    }
}

/// Returns one line for each.
fn list(items: &[impl fmt::Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl From<Invalid> for EditError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(vec![invalid])
    }
}

impl From<diesel::result::Error> for EditError {
    fn from(error: diesel::result::Error) -> Self {
        // Diesel has no kind for this error.
        if error.to_string().contains("lock timeout") { Self::Busy } else { Self::Database(error) }
    }
}
