//! The operator's notices to visitors.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::db::Connection;
use crate::schema::notices;

#[derive(Debug, Clone, PartialEq, Eq, HasQuery)]
pub struct Notice {
    pub id: i32,
    pub slug: String,
    /// `info` or `warning`.
    pub level: String,
    pub text: String,
    pub active: bool,
    /// The first day on which the notice is shown.
    pub starts_on: Option<NaiveDate>,
    /// The last day.
    pub ends_on: Option<NaiveDate>,
}

impl Notice {
    /// Returns whether visitors see the notice on a day.
    pub fn is_shown(&self, day: NaiveDate) -> bool {
        self.active
            && self.starts_on.is_none_or(|first| first <= day)
            && self.ends_on.is_none_or(|last| day <= last)
    }
}

/// Loads all notices, warnings first.
pub async fn list(conn: &mut Connection) -> QueryResult<Vec<Notice>> {
    Notice::query().order((notices::level.desc(), notices::slug)).load(conn).await
}
