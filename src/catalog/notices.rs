//! The operator's notices to visitors.

use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use crate::db::Connection;
use crate::schema::notices;

#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Insertable)]
pub struct Notice {
    pub slug: String,
    /// `info` or `warning`.
    pub level: String,
    pub text: String,
    pub active: bool,
}

/// Loads all notices, warnings first.
pub async fn list(conn: &mut Connection) -> QueryResult<Vec<Notice>> {
    Notice::query().order((notices::level.desc(), notices::slug)).load(conn).await
}

/// Inserts the notice, or replaces the one with the same slug.
///
/// # Errors
/// Returns an error if the slug is invalid, or the text is empty or too long.
pub async fn set(conn: &mut Connection, notice: &Notice) -> QueryResult<()> {
    diesel::insert_into(notices::table)
        .values(notice)
        .on_conflict(notices::slug)
        .do_update()
        .set((
            notices::level.eq(excluded(notices::level)),
            notices::text.eq(excluded(notices::text)),
            notices::active.eq(excluded(notices::active)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes a notice. Returns whether it existed.
pub async fn remove(conn: &mut Connection, slug: &str) -> QueryResult<bool> {
    Ok(diesel::delete(notices::table.find(slug)).execute(conn).await? > 0)
}
