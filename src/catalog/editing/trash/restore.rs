//! Restoring records from the trash.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Jsonb;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Value, json};

use super::super::changes::{self, Entry};
use super::super::facts::{Diff, Facts};
use super::super::problem::EditError;
use super::super::track::{Author, Operation, track};
use super::super::{Kind, LONG_TIMEOUTS, load, slugs};
use crate::db::Connection;
use crate::schema::trash;

/// A restored record.
#[derive(Debug, Clone)]
pub struct Restored {
    pub kind: Kind,
    pub id: i32,
    pub title: String,
    /// The slug, if its former one has been taken meanwhile.
    pub new_slug: Option<String>,
}

/// Restores a record in one transaction.
///
/// # Errors
/// [`EditError::Purged`] if the record is not kept any more.
pub async fn restore(
    conn: &mut Connection,
    id: i64,
    author: &Author,
) -> Result<Restored, EditError> {
    conn.transaction(async |conn| {
        conn.batch_execute(LONG_TIMEOUTS).await?;
        let operation = Operation::new(author, "restore");
        let mut restored = take(conn, &[id], &operation).await?;
        restored.pop().ok_or(EditError::NotFound)
    })
    .await
}

/// Restores records of one kind within a transaction.
pub(in crate::catalog::editing) async fn take(
    conn: &mut Connection,
    ids: &[i64],
    operation: &Operation<'_>,
) -> Result<Vec<Restored>, EditError> {
    type Row = (i64, String, i32, String, String, Option<Value>);
    let rows: Vec<Row> = trash::table
        .filter(trash::id.eq_any(ids))
        .select((
            trash::id,
            trash::kind,
            trash::subject_id,
            trash::title,
            trash::slug,
            trash::record,
        ))
        .order(trash::id)
        .for_update()
        .load(conn)
        .await?;
    let Some(kind) = rows.as_slice().first().and_then(|(_, kind, ..)| Kind::from_name(kind)) else {
        return Err(EditError::NotFound);
    };
    let slugs: Vec<String> = rows.iter().map(|(.., slug, _)| slug.clone()).collect();
    let taken = slugs::taken(conn, kind, &slugs).await?;
    let mut tables: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut restored = Vec::new();
    for (_, _, subject_id, title, slug, record) in rows {
        let mut record = record.ok_or(EditError::Purged)?;
        let free = match taken.contains(&slug) {
            true => slugs::free(conn, kind, &slug).await?,
            false => slug.clone(),
        };
        // The entries of the removal and of the restoration.
        let version = record[kind.table()][0]["version"].as_i64().unwrap_or(1) + 2;
        record[kind.table()][0]["version"] = json!(version);
        record[kind.table()][0]["slug"] = json!(free);
        for (table, _) in kind.tables() {
            if let Some(rows) = record[table].as_array() {
                tables.entry(table).or_default().extend(rows.iter().cloned());
            }
        }
        let new_slug = Some(free).filter(|free| *free != slug);
        restored.push(Restored { kind, id: subject_id, title, new_slug });
    }
    let films = films_in(kind, &tables);
    let batch = operation.batch.unwrap_or_else(changes::new_batch);
    let operation = Operation { batch: Some(batch), ..operation.clone() };
    let on_films = Operation { action: "edit", holds: false, ..operation.on_others() };
    track(conn, Kind::Film, &films, &on_films, async |conn| {
        for (table, _) in kind.tables() {
            let rows = Value::Array(tables.remove(table).unwrap_or_default());
            sql_query(insertion(kind, table)).bind::<Jsonb, _>(rows).execute(conn).await?;
        }
        Ok(())
    })
    .await?;
    diesel::delete(trash::table.filter(trash::id.eq_any(ids))).execute(conn).await?;
    let subjects: Vec<i32> = restored.iter().map(|record| record.id).collect();
    let stored = load(conn, kind, &subjects).await?;
    let entries = stored.values().map(|record| {
        let mut diff: Diff = Facts::unknown(kind).diff(&record.facts);
        diff.extend(operation.details.clone());
        Entry::of(kind, record, record.version, diff)
    });
    changes::record(conn, &operation, &entries.collect::<Vec<_>>()).await?;
    Ok(restored)
}

/// Returns the films that name restored people or tags.
fn films_in(kind: Kind, tables: &BTreeMap<&str, Vec<Value>>) -> Vec<i32> {
    let attached = match kind {
        Kind::Person | Kind::Tag => tables.get(kind.tables()[1].0),
        Kind::Film | Kind::Notice => None,
    };
    let ids = attached.into_iter().flatten().filter_map(|row| row["movie_id"].as_i64());
    ids.filter_map(|id| id.try_into().ok()).collect()
}

/// Returns the statement that inserts rows again. Rows that refer to records that are gone are left
/// out; a credit or tag whose position is taken goes to the end.
fn insertion(kind: Kind, table: &str) -> String {
    let rows = format!("jsonb_populate_recordset(NULL::{table}, $1)");
    let at_end = |columns: &str, same: &str, other: &str, others: &str| {
        format!(
            "INSERT INTO {table} (movie_id, position, {columns}) SELECT r.movie_id, \
             CASE WHEN EXISTS (SELECT FROM {table} t WHERE {same} AND t.position = r.position) \
             THEN (SELECT max(t.position) + 1 FROM {table} t WHERE {same}) ELSE r.position END, \
             {columns} FROM {rows} r WHERE EXISTS (SELECT FROM movies WHERE id = r.movie_id) \
             AND EXISTS (SELECT FROM {others} WHERE id = r.{other}) \
             AND NOT EXISTS (SELECT FROM {table} t WHERE {same} AND t.{other} = r.{other})"
        )
    };
    match table {
        "credits" => at_end(
            "person_id, role, character",
            "t.movie_id = r.movie_id AND t.role = r.role",
            "person_id",
            "people",
        ),
        "movie_tags" => at_end("tag_id", "t.movie_id = r.movie_id", "tag_id", "tags"),
        table if table == kind.table() => {
            format!("INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT r.* FROM {rows} r")
        }
        table => format!("INSERT INTO {table} SELECT r.* FROM {rows} r"),
    }
}
