//! The trash: a removed record leaves the tables of the catalogue and is kept as JSON, row by row.

mod restore;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Integer, Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use serde::Serialize;
use serde_json::Value;

pub(super) use self::restore::take;
pub use self::restore::{Restored, restore};
use super::changes::{self, Entry};
use super::facts::{Diff, Facts};
use super::problem::EditError;
use super::track::{Author, Operation, track};
use super::{Kind, LONG_TIMEOUTS, load, lock};
use crate::db::Connection;
use crate::schema::trash;

/// A record in the trash.
#[derive(Debug, Clone, HasQuery, Serialize)]
#[diesel(table_name = trash)]
pub struct Trashed {
    pub id: i64,
    pub kind: String,
    pub subject_id: i32,
    pub title: String,
    pub slug: String,
    pub reason: String,
    pub change_id: i64,
    pub trashed_at: DateTime<Utc>,
    pub purge_at: DateTime<Utc>,
    /// Whether the record can still be restored.
    #[diesel(select_expression = trash::record.is_not_null())]
    pub is_restorable: bool,
}

impl Kind {
    /// Returns the tables that hold a record, with the column of its id: its own row first.
    const fn tables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Film => &[
                ("movies", "id"),
                ("movie_identifiers", "movie_id"),
                ("movie_links", "movie_id"),
                ("credits", "movie_id"),
                ("movie_tags", "movie_id"),
            ],
            Self::Person => &[("people", "id"), ("credits", "person_id")],
            Self::Tag => &[("tags", "id"), ("movie_tags", "tag_id")],
            Self::Notice => &[("notices", "id")],
        }
    }

    /// Returns how imports recognise a removed record, as an SQL expression on its row `r`.
    const fn identity(self) -> &'static str {
        match self {
            Self::Film => {
                "jsonb_build_object('title', r.title, 'year', r.year, 'slug', r.slug, 'identifiers', \
                 (SELECT coalesce(jsonb_object_agg(scheme, value), '{}') FROM movie_identifiers \
                  WHERE movie_id = r.id), 'directors', (SELECT coalesce(jsonb_agg(d.name), '[]') \
                  FROM credits c JOIN people d ON d.id = c.person_id \
                  WHERE c.movie_id = r.id AND c.role = 'director'))"
            }
            Self::Person => "jsonb_build_object('name', r.name, 'imdb', r.imdb)",
            Self::Tag => "jsonb_build_object('name', r.name)",
            Self::Notice => "'{}'::jsonb",
        }
    }
}

/// Moves records to the trash in one transaction. `version` is the one that the operator saw.
///
/// # Errors
/// [`EditError::Conflict`] if the record has changed since.
pub async fn remove(
    conn: &mut Connection,
    kind: Kind,
    ids: &[i32],
    version: Option<i32>,
    author: &Author,
    note: Option<&str>,
) -> Result<(), EditError> {
    conn.transaction(async |conn| {
        conn.batch_execute(LONG_TIMEOUTS).await?;
        lock(conn, kind, ids).await?;
        if let [id] = ids {
            let stored = super::find(conn, kind, *id).await?;
            stored.check_version(kind, version)?;
        }
        let operation = Operation::new(author, "trash").with_note(note);
        put(conn, kind, ids, &operation, "removed").await
    })
    .await
}

/// Moves records to the trash within a transaction.
pub(super) async fn put(
    conn: &mut Connection,
    kind: Kind,
    ids: &[i32],
    operation: &Operation<'_>,
    reason: &str,
) -> Result<(), EditError> {
    let batch = operation.batch.unwrap_or_else(changes::new_batch);
    let operation = Operation { batch: Some(batch), ..operation.clone() };
    let stored = load(conn, kind, ids).await?;
    let entries: Vec<Entry> = stored
        .values()
        .map(|record| {
            let mut diff = record.facts.diff(&Facts::unknown(kind));
            diff.extend(operation.details.clone());
            Entry::of(kind, record, record.version + 1, diff)
        })
        .collect();
    let change_ids = changes::record(conn, &operation, &entries).await?;
    let ids: Vec<i32> = stored.keys().copied().collect();
    keep(conn, kind, &ids, &change_ids, reason).await?;
    let films = match kind {
        Kind::Person | Kind::Tag => films_of(conn, kind, &ids).await?,
        Kind::Film | Kind::Notice => Vec::new(),
    };
    let on_films = Operation { action: "edit", holds: false, ..operation.on_others() };
    track(conn, Kind::Film, &films, &on_films, async |conn| Ok(delete(conn, kind, &ids).await?))
        .await?;
    Ok(())
}

/// Returns the films that name these people or tags.
pub(super) async fn films_of(
    conn: &mut Connection,
    kind: Kind,
    ids: &[i32],
) -> QueryResult<Vec<i32>> {
    let (table, column) = kind.tables()[1];
    let statement =
        format!("SELECT DISTINCT movie_id AS id FROM {table} WHERE {column} = ANY ($1) ORDER BY 1");
    let films: Vec<Id> = sql_query(statement).bind::<Array<Integer>, _>(ids).load(conn).await?;
    Ok(films.into_iter().map(|film| film.id).collect())
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Integer)]
    id: i32,
}

/// Copies the rows of records to the trash.
async fn keep(
    conn: &mut Connection,
    kind: Kind,
    ids: &[i32],
    change_ids: &[i64],
    reason: &str,
) -> QueryResult<()> {
    let parts = kind.tables().iter().map(|(table, column)| {
        format!(
            "'{table}', (SELECT coalesce(jsonb_agg(to_jsonb(a)), '[]') FROM {table} a \
             WHERE a.{column} = r.id)"
        )
    });
    let statement = format!(
        "INSERT INTO trash (kind, subject_id, title, slug, record, identity, reason, change_id) \
         SELECT $1, r.id, r.{title}, r.slug, jsonb_build_object({parts}), {identity}, $2, c.change \
         FROM unnest($3, $4) AS c (id, change) JOIN {table} r ON r.id = c.id",
        title = kind.title_field(),
        parts = parts.collect::<Vec<_>>().join(", "),
        identity = kind.identity(),
        table = kind.table(),
    );
    sql_query(statement)
        .bind::<Text, _>(kind.name())
        .bind::<Text, _>(reason)
        .bind::<Array<Integer>, _>(ids)
        .bind::<Array<BigInt>, _>(change_ids)
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes the rows of records, those that refer to them first.
async fn delete(conn: &mut Connection, kind: Kind, ids: &[i32]) -> QueryResult<()> {
    for (table, column) in kind.tables().iter().rev() {
        let statement = format!("DELETE FROM {table} WHERE {column} = ANY ($1)");
        sql_query(statement).bind::<Array<Integer>, _>(ids).execute(conn).await?;
    }
    Ok(())
}

pub async fn find(conn: &mut Connection, id: i64) -> QueryResult<Option<Trashed>> {
    Trashed::query().filter(trash::id.eq(id)).first(conn).await.optional()
}

/// Returns the trashed record with this id.
pub async fn of_subject(
    conn: &mut Connection,
    kind: Kind,
    id: i32,
) -> QueryResult<Option<Trashed>> {
    let of_kind = Trashed::query().filter(trash::kind.eq(kind.name()));
    of_kind.filter(trash::subject_id.eq(id)).first(conn).await.optional()
}

/// Returns the ids of these records in the trash.
pub(super) async fn of_subjects(
    conn: &mut Connection,
    kind: Kind,
    ids: &[i32],
) -> QueryResult<Vec<i64>> {
    let trashed =
        trash::table.filter(trash::kind.eq(kind.name())).filter(trash::subject_id.eq_any(ids));
    trashed.select(trash::id).load(conn).await
}

/// Returns the record that was trashed last under this slug.
pub async fn of_slug(
    conn: &mut Connection,
    kind: Kind,
    slug: &str,
) -> QueryResult<Option<Trashed>> {
    let of_kind = Trashed::query().filter(trash::kind.eq(kind.name()));
    let of_slug = of_kind.filter(trash::slug.eq(slug)).order(trash::id.desc());
    of_slug.first(conn).await.optional()
}

/// Loads the records in the trash, the latest first, optionally only those with a title that contains
/// `q`.
pub async fn list(
    conn: &mut Connection,
    kind: Option<Kind>,
    q: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<Trashed>> {
    let mut query = trash::table.select(Trashed::as_select()).into_boxed();
    if let Some(kind) = kind {
        query = query.filter(trash::kind.eq(kind.name()));
    }
    if let Some(q) = q {
        let pattern = q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        query = query.filter(trash::title.ilike(format!("%{pattern}%")));
    }
    query.order(trash::id.desc()).limit(limit).load(conn).await
}

/// Deletes a record for good; its identity and its history remain.
///
/// # Errors
/// [`EditError::NotFound`], and [`EditError::Purged`] if that has been done before.
pub async fn purge(conn: &mut Connection, id: i64, author: &Author) -> Result<(), EditError> {
    conn.transaction(async |conn| {
        let trashed = find(conn, id).await?.ok_or(EditError::NotFound)?;
        let kind = Kind::from_name(&trashed.kind).ok_or(EditError::NotFound)?;
        if !trashed.is_restorable {
            return Err(EditError::Purged);
        }
        let none: Option<Value> = None;
        diesel::update(trash::table.find(id)).set(trash::record.eq(none)).execute(conn).await?;
        let entry = Entry {
            kind,
            subject_id: trashed.subject_id,
            subject: trashed.title,
            version: 0,
            diff: Diff::new(),
        };
        changes::record(conn, &Operation::new(author, "purge"), &[entry]).await?;
        Ok(())
    })
    .await
}

/// Purges the records whose time in the trash is over; returns how many there were.
pub async fn purge_expired(conn: &mut Connection) -> QueryResult<usize> {
    let expired = trash::table
        .filter(trash::purge_at.lt(diesel::dsl::now))
        .filter(trash::record.is_not_null());
    let none: Option<Value> = None;
    diesel::update(expired).set(trash::record.eq(none)).execute(conn).await
}
