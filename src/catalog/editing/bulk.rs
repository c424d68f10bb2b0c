//! One change of many films, people or tags: a single transaction with a single undo.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use serde::Serialize;
use serde_json::{Value, json};

use super::changes;
use super::facts::Facts;
use super::problem::{EditError, Invalid, Reason};
use super::track::{Author, MAX_ENTRIES, Operation, track};
use super::{Kind, LONG_TIMEOUTS, load, lock, names, save, trash};
use crate::db::Connection;
use crate::schema::jobs;

/// Maximum number of records in one action.
pub const MAX_RECORDS: usize = MAX_ENTRIES;

/// Number of records changed at a time.
const CHUNK: usize = 1000;

/// A bulk action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    AddTag(String),
    RemoveTag(String),
    /// Lets imports change held facts again.
    Release,
    Trash,
}

impl Action {
    /// Returns the action of this name, if the kind has it.
    pub fn parse(kind: Kind, name: &str, value: &str) -> Option<Self> {
        match name {
            "add-tag" if kind == Kind::Film => Some(Self::AddTag(value.trim().to_owned())),
            "remove-tag" if kind == Kind::Film => Some(Self::RemoveTag(value.trim().to_owned())),
            "release" if kind.has_holds() => Some(Self::Release),
            "trash" => Some(Self::Trash),
            _ => None,
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::AddTag(_) => "add-tag",
            Self::RemoveTag(_) => "remove-tag",
            Self::Release => "release",
            Self::Trash => "trash",
        }
    }
}

/// A finished bulk action.
#[derive(Debug, Clone, HasQuery, Serialize)]
pub struct Job {
    pub id: i64,
    pub kind: String,
    pub state: String,
    pub operator_id: Option<i32>,
    pub options: Value,
    pub done: i32,
    pub total: i32,
    pub result: Value,
    pub created_at: DateTime<Utc>,
}

impl Job {
    /// Returns the number of its history entries.
    pub fn batch(&self) -> Option<i64> {
        self.result.get("batch").and_then(Value::as_i64)
    }
}

/// Checks an action before it is confirmed.
///
/// # Errors
/// [`EditError::Invalid`] for too many records and for an unknown tag.
pub async fn check(
    conn: &mut Connection,
    count: usize,
    action: &Action,
    author: &Author,
) -> Result<(), EditError> {
    if count > MAX_RECORDS {
        return Err(Invalid::new("id", Reason::TooMany(MAX_RECORDS)).into());
    }
    if let Action::AddTag(tag) | Action::RemoveTag(tag) = action {
        let operation = Operation::new(author, "bulk");
        let unknown = |_| Invalid::new("value", Reason::UnknownName(tag.clone()));
        names::tags_of(conn, &BTreeSet::from([tag.clone()]), false, &operation)
            .await
            .map_err(unknown)?;
    }
    Ok(())
}

/// Changes records; returns the id of the job that describes it.
///
/// # Errors
/// As [`check`]; nothing is changed then.
pub async fn run(
    conn: &mut Connection,
    kind: Kind,
    ids: &[i32],
    action: &Action,
    author: &Author,
) -> Result<i64, EditError> {
    conn.transaction(async |conn| {
        conn.batch_execute(LONG_TIMEOUTS).await?;
        check(conn, ids.len(), action, author).await?;
        lock(conn, kind, ids).await?;
        let batch = changes::new_batch();
        let operation = Operation { batch: Some(batch), ..Operation::new(author, "bulk") };
        let mut done = 0;
        for ids in ids.chunks(CHUNK) {
            done += match action {
                Action::AddTag(tag) => retag(conn, ids, tag, true, &operation).await?,
                Action::RemoveTag(tag) => retag(conn, ids, tag, false, &operation).await?,
                Action::Release => release(conn, kind, ids, &operation).await?,
                Action::Trash => {
                    let operation = Operation { action: "trash", ..operation.clone() };
                    trash::put(conn, kind, ids, &operation, "removed").await?;
                    ids.len()
                }
            };
        }
        let value = match action {
            Action::AddTag(tag) | Action::RemoveTag(tag) => Some(tag),
            Action::Release | Action::Trash => None,
        };
        let total = i32::try_from(ids.len()).unwrap_or(i32::MAX);
        let job = diesel::insert_into(jobs::table)
            .values((
                jobs::kind.eq("bulk"),
                jobs::state.eq("done"),
                jobs::operator_id.eq(author.operator_id),
                jobs::options.eq(json!({
                    "kind": kind.name(), "action": action.name(), "value": value,
                })),
                jobs::done.eq(i32::try_from(done).unwrap_or(i32::MAX)),
                jobs::total.eq(total),
                jobs::result.eq(json!({"batch": batch})),
            ))
            .returning(jobs::id);
        Ok(job.get_result(conn).await?)
    })
    .await
}

/// Adds a tag to films or removes it; returns the number of films changed.
async fn retag(
    conn: &mut Connection,
    ids: &[i32],
    tag: &str,
    add: bool,
    operation: &Operation<'_>,
) -> Result<usize, EditError> {
    let tags = names::tags_of(conn, &BTreeSet::from([tag.to_owned()]), false, operation).await?;
    let labels = names::labels_of_tags(conn, &tags.into_values().collect()).await?;
    let Some(tag) = labels.into_values().next() else { return Ok(0) };
    let stored = load(conn, Kind::Film, ids).await?;
    let changed: Vec<(i32, Facts)> = stored
        .into_values()
        .filter(|film| film.facts.lines("tags").contains(&tag) != add)
        .map(|mut film| {
            let mut tags = film.facts.lines("tags");
            tags.retain(|other| *other != tag);
            tags.extend(add.then(|| tag.clone()));
            film.facts.set("tags", tags);
            (film.id, film.facts)
        })
        .collect();
    let records: Vec<(i32, &Facts)> = changed.iter().map(|(id, facts)| (*id, facts)).collect();
    let ids: Vec<i32> = changed.iter().map(|(id, _)| *id).collect();
    track(conn, Kind::Film, &ids, operation, async |conn| {
        super::store(conn, Kind::Film, &records, &BTreeSet::new(), operation).await
    })
    .await?;
    Ok(ids.len())
}

/// Releases all held facts; returns the number of records that had any.
async fn release(
    conn: &mut Connection,
    kind: Kind,
    ids: &[i32],
    operation: &Operation<'_>,
) -> Result<usize, EditError> {
    let held = load(conn, kind, ids).await?.into_values().filter(|record| !record.held.is_empty());
    let mut count = 0;
    for record in held {
        let mut operation = Operation { holds: false, ..operation.clone() };
        operation.details.insert("hold".to_owned(), json!([record.held, []]));
        track(conn, kind, &[record.id], &operation, async |conn| {
            save::hold(conn, kind, record.id, &BTreeSet::new()).await
        })
        .await?;
        count += 1;
    }
    Ok(count)
}

pub async fn job(conn: &mut Connection, id: i64) -> QueryResult<Option<Job>> {
    Job::query().filter(jobs::id.eq(id)).first(conn).await.optional()
}

/// Undoes a bulk action; returns the number of records.
///
/// # Errors
/// [`EditError::NotFound`] if there is no such action or it was undone before, otherwise as
/// [`super::revert::revert_batch`].
pub async fn undo(conn: &mut Connection, id: i64, author: &Author) -> Result<usize, EditError> {
    let job = job(conn, id).await?.filter(|job| job.result.get("undone").is_none());
    let job = job.ok_or(EditError::NotFound)?;
    let batch = job.batch().ok_or(EditError::NotFound)?;
    let kind = job.options["kind"].as_str().and_then(Kind::from_name);
    let kind = kind.ok_or(EditError::NotFound)?;
    conn.transaction(async |conn| {
        let undone = super::revert::revert_batch(conn, kind, batch, author).await?;
        let result = json!({"batch": batch, "undone": undone});
        diesel::update(jobs::table.find(id)).set(jobs::result.eq(result)).execute(conn).await?;
        Ok(undone)
    })
    .await
}
