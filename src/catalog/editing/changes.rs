//! The history: who changed which fact of which record, and when.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use rand::Rng;
use serde_json::Value;

use super::facts::{Diff, Facts, Stored, changes_of};
use super::track::Operation;
use super::{Kind, load};
use crate::db::Connection;
use crate::schema::changes;

/// Number of entries written in one statement: a statement has at most 65,535 parameters.
const BATCH: usize = 4000;

/// Numbers up to this one are exact in any JSON parser.
const MAX_BATCH: i64 = 1 << 53;

/// A change of one record that is to be written.
#[derive(Debug)]
pub struct Entry {
    pub kind: Kind,
    pub subject_id: i32,
    pub subject: String,
    pub version: i32,
    pub diff: Diff,
}

/// A history entry.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = changes)]
pub struct Change {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub operator_id: Option<i32>,
    pub actor: String,
    pub action: String,
    pub kind: String,
    pub subject_id: i32,
    pub subject: String,
    pub version: i32,
    pub diff: Value,
    pub note: Option<String>,
    pub batch: Option<i64>,
    pub reverts: Option<i64>,
    pub request_id: Option<String>,
}

impl Change {
    pub fn kind(&self) -> Option<Kind> {
        Kind::from_name(&self.kind)
    }

    pub fn diff(&self) -> Diff {
        self.diff.as_object().cloned().unwrap_or_default()
    }
}

/// The entries that a list shows.
#[derive(Debug, Default)]
pub struct Filter {
    pub kind: Option<Kind>,
    pub subject: Option<i32>,
    pub actor: Option<String>,
    pub action: Option<String>,
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
    /// Only entries before this one.
    pub before: Option<i64>,
    pub batch: Option<i64>,
}

/// Writes entries; returns their ids in the same order.
pub(super) async fn record(
    conn: &mut Connection,
    operation: &Operation<'_>,
    entries: &[Entry],
) -> QueryResult<Vec<i64>> {
    let mut ids = Vec::with_capacity(entries.len());
    for entries in entries.chunks(BATCH) {
        let rows: Vec<_> = entries
            .iter()
            .map(|entry| {
                (
                    changes::operator_id.eq(operation.author.operator_id),
                    changes::actor.eq(&operation.author.name),
                    changes::action.eq(operation.action),
                    changes::kind.eq(entry.kind.name()),
                    changes::subject_id.eq(entry.subject_id),
                    changes::subject.eq(&entry.subject),
                    changes::version.eq(entry.version),
                    changes::diff.eq(Value::Object(entry.diff.clone())),
                    changes::note.eq(operation.note),
                    changes::batch.eq(operation.batch),
                    changes::reverts.eq(operation.reverts),
                    changes::request_id.eq(&operation.author.request_id),
                )
            })
            .collect();
        let insert = diesel::insert_into(changes::table).values(rows).returning(changes::id);
        ids.extend(insert.get_results::<i64>(conn).await?);
    }
    Ok(ids)
}

/// Writes the entry of a record that was just inserted.
pub(super) async fn created(
    conn: &mut Connection,
    kind: Kind,
    id: i32,
    operation: &Operation<'_>,
) -> QueryResult<()> {
    let operation = Operation { action: "create", ..operation.on_others() };
    if let Some(record) = load(conn, kind, &[id]).await?.get(&id) {
        let diff = Facts::unknown(kind).diff(&record.facts);
        let entry = Entry::of(kind, record, record.version, diff);
        self::record(conn, &operation, &[entry]).await?;
    }
    Ok(())
}

/// Returns a new number for the changes of one operation.
pub(super) fn new_batch() -> i64 {
    rand::rng().random_range(1..MAX_BATCH)
}

pub async fn find(conn: &mut Connection, id: i64) -> QueryResult<Option<Change>> {
    Change::query().filter(changes::id.eq(id)).first(conn).await.optional()
}

/// Loads the latest entries that meet a filter, the newest first.
pub async fn list(conn: &mut Connection, filter: &Filter, limit: i64) -> QueryResult<Vec<Change>> {
    let mut query = changes::table.select(Change::as_select()).into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(changes::kind.eq(kind.name()));
    }
    if let Some(subject) = filter.subject {
        query = query.filter(changes::subject_id.eq(subject));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(changes::actor.eq(actor));
    }
    if let Some(action) = &filter.action {
        query = query.filter(changes::action.eq(action));
    }
    if let Some(from) = filter.from.and_then(|day| day.and_hms_opt(0, 0, 0)) {
        query = query.filter(changes::at.ge(from.and_utc()));
    }
    if let Some(to) = filter.to.and_then(|day| day.succ_opt()?.and_hms_opt(0, 0, 0)) {
        query = query.filter(changes::at.lt(to.and_utc()));
    }
    if let Some(before) = filter.before {
        query = query.filter(changes::id.lt(before));
    }
    if let Some(batch) = filter.batch {
        query = query.filter(changes::batch.eq(batch));
    }
    query.order(changes::id.desc()).limit(limit).load(conn).await
}

/// Loads the entries of a record after one of its versions, the newest first.
pub async fn since(
    conn: &mut Connection,
    kind: Kind,
    id: i32,
    version: i32,
) -> QueryResult<Vec<Change>> {
    Change::query()
        .filter(changes::kind.eq(kind.name()))
        .filter(changes::subject_id.eq(id))
        .filter(changes::version.gt(version))
        .order(changes::id.desc())
        .load(conn)
        .await
}

/// Returns the facts of a record at an earlier version, and the latest entry of each field that was
/// changed since. `None` if the history does not reach back.
pub async fn facts_at(
    conn: &mut Connection,
    kind: Kind,
    record: &Stored,
    version: i32,
) -> QueryResult<Option<(Facts, BTreeMap<&'static str, Change>)>> {
    let entries = since(conn, kind, record.id, version).await?;
    let mut facts = record.facts.clone();
    let mut latest = BTreeMap::new();
    let mut missing = record.version;
    for entry in &entries {
        let diff = entry.diff();
        for (field, _, _) in changes_of(kind, &diff) {
            latest.entry(field).or_insert_with(|| entry.clone());
        }
        facts.undo(kind, &diff);
        if entry.version == missing {
            missing -= 1;
        }
    }
    Ok((missing == version).then_some((facts, latest)))
}
