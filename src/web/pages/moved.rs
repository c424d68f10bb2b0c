//! Addresses of records that were renamed, merged or removed.

use crate::catalog::editing::{self, Kind, Moved};
use crate::db::Connection;
use crate::web::error::{Error, Result};

/// Returns the error for a slug that no record has: a redirect to the record that had it, 410 if that
/// was removed, otherwise 404. `url` returns the address of a record, from its id and slug.
pub async fn error(
    conn: &mut Connection,
    kind: Kind,
    slug: &str,
    url: impl Fn(i32, &str) -> String,
) -> Error {
    match moved(conn, kind, slug).await {
        Ok(Some(Moved::To { id, slug })) => Error::Moved(url(id, &slug)),
        Ok(Some(Moved::Gone)) => Error::Gone,
        Ok(None) => Error::NotFound,
        Err(error) => error,
    }
}

async fn moved(conn: &mut Connection, kind: Kind, slug: &str) -> Result<Option<Moved>> {
    Ok(editing::moved(conn, kind, slug).await?)
}
