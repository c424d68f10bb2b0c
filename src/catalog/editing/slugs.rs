//! Slugs of records: free ones for new records, and former ones, which redirect.

use std::collections::{HashMap, HashSet};

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Text};
use diesel_async::RunQueryDsl;

use super::problem::{EditError, Invalid, Reason};
use super::{Kind, id_of};
use crate::catalog::fold::RESERVED_MOVIE_SLUGS;
use crate::db::Connection;
use crate::schema::{old_slugs, trash};

/// The end of a slug that names no record any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// The record that had the slug, with its slug of today.
    To { id: i32, slug: String },
    /// The record is in the trash, or was purged from it.
    Gone,
}

/// Returns the records of former slugs.
pub async fn former(
    conn: &mut Connection,
    kind: Kind,
    slugs: &[String],
) -> QueryResult<HashMap<String, i32>> {
    let former = old_slugs::table
        .filter(old_slugs::kind.eq(kind.name()))
        .filter(old_slugs::slug.eq_any(slugs))
        .select((old_slugs::slug, old_slugs::subject_id));
    Ok(former.load::<(String, i32)>(conn).await?.into_iter().collect())
}

/// Returns where a record went that no longer has this slug.
pub async fn moved(conn: &mut Connection, kind: Kind, slug: &str) -> QueryResult<Option<Moved>> {
    if let Some(id) = former(conn, kind, &[slug.to_owned()]).await?.get(slug) {
        let slug = of_record(conn, kind, *id).await?;
        return Ok(Some(slug.map_or(Moved::Gone, |slug| Moved::To { id: *id, slug })));
    }
    let trashed = trash::table.filter(trash::kind.eq(kind.name())).filter(trash::slug.eq(slug));
    let is_trashed: bool = diesel::select(exists(trashed)).get_result(conn).await?;
    Ok(is_trashed.then_some(Moved::Gone))
}

/// Returns the slug of a record.
async fn of_record(conn: &mut Connection, kind: Kind, id: i32) -> QueryResult<Option<String>> {
    let statement = format!("SELECT slug FROM {} WHERE id = $1", kind.table());
    let found = sql_query(statement).bind::<Integer, _>(id).get_result::<Row>(conn).await;
    Ok(found.optional()?.map(|row| row.slug))
}

/// Returns the former slugs of a record, in order.
pub async fn of_subject(conn: &mut Connection, kind: Kind, id: i32) -> QueryResult<Vec<String>> {
    let of_subject = old_slugs::table
        .filter(old_slugs::kind.eq(kind.name()))
        .filter(old_slugs::subject_id.eq(id));
    of_subject.select(old_slugs::slug).order(old_slugs::slug).load(conn).await
}

/// Returns those of the slugs that a record has or had.
pub async fn taken(
    conn: &mut Connection,
    kind: Kind,
    slugs: &[String],
) -> QueryResult<HashSet<String>> {
    let statement = format!(
        "SELECT slug FROM {} WHERE slug = ANY ($1) UNION \
         SELECT slug FROM old_slugs WHERE kind = $2 AND slug = ANY ($1)",
        kind.table()
    );
    let statement = sql_query(statement).bind::<Array<Text>, _>(slugs);
    let taken: Vec<Row> = statement.bind::<Text, _>(kind.name()).load(conn).await?;
    Ok(taken.into_iter().map(|row| row.slug).collect())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    slug: String,
}

/// Returns `base`, or `base-2`, `base-3` and so on, whichever no record has or had.
pub async fn free(conn: &mut Connection, kind: Kind, base: &str) -> QueryResult<String> {
    let mut slug = base.to_owned();
    let mut number = 1_u32;
    while kind == Kind::Film && RESERVED_MOVIE_SLUGS.contains(&slug.as_str())
        || !taken(conn, kind, std::slice::from_ref(&slug)).await?.is_empty()
    {
        number += 1;
        slug = format!("{base}-{number}");
    }
    Ok(slug)
}

/// Checks that a record may have a slug. A former slug of its own is free.
pub async fn check(
    conn: &mut Connection,
    kind: Kind,
    id: Option<i32>,
    slug: &str,
) -> Result<(), EditError> {
    let owner = id_of(conn, kind, slug).await?.filter(|owner| Some(*owner) != id);
    let former = former(conn, kind, &[slug.to_owned()]).await?;
    let redirects = former.get(slug).is_some_and(|owner| Some(*owner) != id);
    let reason: fn(String) -> Reason = match () {
        () if kind == Kind::Film && RESERVED_MOVIE_SLUGS.contains(&slug) => Reason::Reserved,
        () if owner.is_some() => Reason::Taken,
        () if redirects => Reason::Redirects,
        () => return Ok(()),
    };
    Err(Invalid::new("slug", reason(slug.to_owned())).into())
}

/// Gives a record another slug, if it differs: the old one redirects to the record from now on.
///
/// # Errors
/// As [`check`].
pub async fn rename(
    conn: &mut Connection,
    kind: Kind,
    id: i32,
    old: &str,
    new: &str,
) -> Result<(), EditError> {
    if old == new {
        return Ok(());
    }
    check(conn, kind, Some(id), new).await?;
    forget(conn, kind, id, &[new.to_owned()]).await?;
    Ok(redirect(conn, kind, id, &[old.to_owned()]).await?)
}

/// Makes slugs redirect to a record.
pub async fn redirect(
    conn: &mut Connection,
    kind: Kind,
    id: i32,
    slugs: &[String],
) -> QueryResult<()> {
    let rows: Vec<_> = slugs
        .iter()
        .map(|slug| {
            let slug = old_slugs::slug.eq(slug);
            (old_slugs::kind.eq(kind.name()), slug, old_slugs::subject_id.eq(id))
        })
        .collect();
    diesel::insert_into(old_slugs::table)
        .values(rows)
        .on_conflict((old_slugs::kind, old_slugs::slug))
        .do_update()
        .set(old_slugs::subject_id.eq(id))
        .execute(conn)
        .await?;
    Ok(())
}

/// Frees former slugs of a record.
pub async fn forget(
    conn: &mut Connection,
    kind: Kind,
    id: i32,
    slugs: &[String],
) -> QueryResult<()> {
    let forgotten = old_slugs::table
        .filter(old_slugs::kind.eq(kind.name()))
        .filter(old_slugs::subject_id.eq(id))
        .filter(old_slugs::slug.eq_any(slugs));
    diesel::delete(forgotten).execute(conn).await?;
    Ok(())
}
