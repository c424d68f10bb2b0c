//! Undoes history entries, and restores earlier versions.

use std::collections::BTreeSet;

use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use serde_json::{Value, json};

use super::changes::{self, Change, Filter};
use super::facts::{Diff, Facts, Stored, changes_of, texts};
use super::merge::{self, Merged};
use super::problem::{Conflict, EditError};
use super::track::{Author, MAX_ENTRIES, Operation, track};
use super::{Kind, LONG_TIMEOUTS, find, load, lock, save, slugs, trash};
use crate::db::Connection;

/// Number of records changed at a time.
const CHUNK: usize = 1000;

/// The record that an undone entry concerned.
#[derive(Debug, Clone, Copy)]
pub struct Reverted {
    pub kind: Kind,
    pub id: i32,
    /// Whether the record is in the trash now.
    pub is_trashed: bool,
}

/// Undoes a history entry in one transaction, and writes an entry that refers to it.
///
/// # Errors
/// [`EditError::Conflict`] with the fields that have changed again.
pub async fn revert(
    conn: &mut Connection,
    id: i64,
    author: &Author,
) -> Result<Reverted, EditError> {
    conn.transaction(async |conn| {
        conn.batch_execute(LONG_TIMEOUTS).await?;
        let change = changes::find(conn, id).await?.ok_or(EditError::NotFound)?;
        undo(conn, &change, author).await
    })
    .await
}

/// Undoes the entries of one operation on records of a kind in one transaction; returns how many there
/// were.
///
/// # Errors
/// As [`revert`]; nothing is undone then.
pub async fn revert_batch(
    conn: &mut Connection,
    kind: Kind,
    batch: i64,
    author: &Author,
) -> Result<usize, EditError> {
    conn.transaction(async |conn| {
        conn.batch_execute(LONG_TIMEOUTS).await?;
        // Only the records that were chosen: films that lost a tag get it back with the tag.
        let filter = Filter { kind: Some(kind), batch: Some(batch), ..Filter::default() };
        let limit = i64::try_from(MAX_ENTRIES).unwrap_or(i64::MAX);
        let entries = changes::list(conn, &filter, limit).await?;
        let new_batch = Some(changes::new_batch());
        let operation = Operation { batch: new_batch, ..Operation::new(author, "revert") };
        let (removals, edits): (Vec<&Change>, Vec<&Change>) =
            entries.iter().partition(|change| change.action == "trash");
        if !removals.is_empty() {
            let ids: Vec<i32> = removals.iter().map(|change| change.subject_id).collect();
            let trashed = trash::of_subjects(conn, kind, &ids).await?;
            let restoration = Operation { action: "restore", ..operation.clone() };
            trash::take(conn, &trashed, &restoration).await?;
        }
        for edits in edits.chunks(CHUNK) {
            revert_edits(conn, kind, edits, &operation).await?;
        }
        Ok(removals.len() + edits.len())
    })
    .await
}

/// Undoes edits of several records, each with its own facts and address.
async fn revert_edits(
    conn: &mut Connection,
    kind: Kind,
    edits: &[&Change],
    operation: &Operation<'_>,
) -> Result<(), EditError> {
    let ids: Vec<i32> = edits.iter().map(|change| change.subject_id).collect();
    lock(conn, kind, &ids).await?;
    let stored = load(conn, kind, &ids).await?;
    let mut facts = Vec::new();
    for change in edits {
        let record = stored.get(&change.subject_id).ok_or(EditError::Trashed(0))?;
        facts.push((record.id, undone(kind, record, change)?));
        release_or_hold(conn, kind, record.id, &change.diff()).await?;
    }
    let records: Vec<(i32, &Facts)> = facts.iter().map(|(id, facts)| (*id, facts)).collect();
    track(conn, kind, &ids, operation, async |conn| {
        super::store(conn, kind, &records, &BTreeSet::new(), operation).await
    })
    .await?;
    Ok(())
}

/// Gives a record the held fields that it had before a change, if the change chose others.
async fn release_or_hold(
    conn: &mut Connection,
    kind: Kind,
    id: i32,
    diff: &Diff,
) -> Result<(), EditError> {
    let before = diff.get("hold").and_then(|hold| hold.get(0)).map(texts);
    match before {
        Some(before) => save::hold(conn, kind, id, &before.into_iter().collect()).await,
        None => Ok(()),
    }
}

async fn undo(
    conn: &mut Connection,
    change: &Change,
    author: &Author,
) -> Result<Reverted, EditError> {
    let (kind, id) = (change.kind().ok_or(EditError::NotFound)?, change.subject_id);
    lock(conn, kind, &[id]).await?;
    let operation = Operation { reverts: Some(change.id), ..Operation::new(author, "revert") };
    let diff = change.diff();
    let trashed = trash::of_subject(conn, kind, id).await?;
    if let Some(into) = diff.get("into").and_then(Value::as_i64) {
        // The entry of the merged record: undo that of the remaining one.
        let filter = Filter { batch: change.batch, ..Filter::default() };
        let entries = changes::list(conn, &filter, 10).await?;
        let merge = entries.into_iter().find(|entry| {
            i64::from(entry.subject_id) == into && entry.diff().contains_key("merged")
        });
        return Box::pin(undo(conn, &merge.ok_or(EditError::NotFound)?, author)).await;
    }
    // The title shows whether the entry created the record, removed it, or neither.
    let title = changes_of(kind, &diff).find(|(field, ..)| *field == kind.title_field());
    match title {
        Some((_, Value::Null, _)) => {
            let operation = Operation { action: "trash", ..operation };
            let stored = find(conn, kind, id).await?;
            stored.check_version(kind, Some(change.version))?;
            trash::put(conn, kind, &[id], &operation, "removed").await?;
            return Ok(Reverted { kind, id, is_trashed: true });
        }
        Some((.., Value::Null)) => {
            let trashed = trashed.ok_or(EditError::NotFound)?;
            let operation = Operation { action: "restore", ..operation };
            trash::take(conn, &[trashed.id], &operation).await?;
            return Ok(Reverted { kind, id, is_trashed: false });
        }
        _ => {}
    }
    let stored = find(conn, kind, id).await?;
    let facts = undone(kind, &stored, change)?;
    if let Some(merged) = diff.get("merged") {
        let merged: Option<Merged> = serde_json::from_value(merged.clone()).ok();
        let merged = merged.ok_or(EditError::NotFound)?;
        // The facts that came from the other record are free for it again.
        let mut operation = operation.clone();
        operation.details.insert("unmerged".to_owned(), json!(merged.from));
        write(conn, kind, &stored, &facts, &operation).await?;
        merge::split(conn, kind, &stored, &merged, &operation).await?;
    } else if let Some(from) = diff.get("unmerged").and_then(Value::as_i64) {
        let from = find(conn, kind, i32::try_from(from).unwrap_or_default()).await?;
        let operation = Operation { action: "merge", ..operation };
        merge::run(conn, kind, &from, &stored, &facts, &operation).await?;
    } else {
        let mut operation = operation.clone();
        if let Some(hold) = diff.get("hold").and_then(Value::as_array) {
            let swapped: Vec<&Value> = hold.iter().rev().collect();
            operation.details.insert("hold".to_owned(), json!(swapped));
        }
        release_or_hold(conn, kind, id, &diff).await?;
        write(conn, kind, &stored, &facts, &operation).await?;
    }
    Ok(Reverted { kind, id, is_trashed: false })
}

/// Returns the facts of a record without a change.
///
/// # Errors
/// [`EditError::Conflict`] with the fields that have changed since.
fn undone(kind: Kind, stored: &Stored, change: &Change) -> Result<Facts, EditError> {
    let diff = change.diff();
    let again = changes_of(kind, &diff).filter(|(field, _, new)| stored.facts.get(field) != *new);
    let conflicts: Vec<Conflict> = again
        .map(|(field, old, _)| Conflict {
            field,
            theirs: stored.facts.text(field),
            mine: texts(old).join("\n"),
            actor: None,
            at: None,
        })
        .collect();
    if !conflicts.is_empty() {
        return Err(EditError::Conflict(conflicts));
    }
    let mut facts = stored.facts.clone();
    facts.undo(kind, &diff);
    Ok(facts)
}

/// Restores a record as it was at an earlier version, in one transaction. `version` is the one that the
/// operator saw.
///
/// # Errors
/// [`EditError::NotFound`] if the history does not reach back to that version.
pub async fn revert_to(
    conn: &mut Connection,
    kind: Kind,
    id: i32,
    to: i32,
    version: Option<i32>,
    author: &Author,
) -> Result<(), EditError> {
    conn.transaction(async |conn| {
        conn.batch_execute(LONG_TIMEOUTS).await?;
        lock(conn, kind, &[id]).await?;
        let stored = find(conn, kind, id).await?;
        stored.check_version(kind, version)?;
        let earlier = changes::facts_at(conn, kind, &stored, to).await?;
        let (facts, _) = earlier.ok_or(EditError::NotFound)?;
        write(conn, kind, &stored, &facts, &Operation::new(author, "revert")).await
    })
    .await
}

/// Stores facts that the record had before.
async fn write(
    conn: &mut Connection,
    kind: Kind,
    stored: &Stored,
    facts: &Facts,
    operation: &Operation<'_>,
) -> Result<(), EditError> {
    let id = stored.id;
    slugs::rename(conn, kind, id, &stored.slug(), &facts.text("slug")).await?;
    track(conn, kind, &[id], operation, async |conn| {
        super::store(conn, kind, &[(id, facts)], &BTreeSet::new(), operation).await
    })
    .await?;
    Ok(())
}
