//! The frame of every change: compares the facts before and after, raises versions, and writes the
//! history.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Text};
use diesel_async::RunQueryDsl;
use serde_json::{Map, Value};

use super::changes::{self, Entry};
use super::facts::{Diff, Stored};
use super::problem::EditError;
use super::{Kind, load};
use crate::db::Connection;

/// Maximum number of records that get a history entry each in one operation.
pub const MAX_ENTRIES: usize = 10_000;

/// The operator or command that makes a change.
#[derive(Debug, Clone)]
pub struct Author {
    /// `None` for commands and imports.
    pub operator_id: Option<i32>,
    pub name: String,
    pub request_id: Option<String>,
}

/// An operation as the history records it.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    pub author: &'a Author,
    pub action: &'static str,
    pub note: Option<&'a str>,
    pub batch: Option<i64>,
    pub reverts: Option<i64>,
    /// Further details of the entries, next to the changed facts.
    pub details: Map<String, Value>,
    /// Whether imports leave the changed facts alone from now on.
    pub holds: bool,
}

impl<'a> Operation<'a> {
    pub fn new(author: &'a Author, action: &'static str) -> Self {
        Self {
            author,
            action,
            note: None,
            batch: None,
            reverts: None,
            details: Map::new(),
            holds: true,
        }
    }

    pub fn with_note(self, note: Option<&'a str>) -> Self {
        Self { note: note.map(str::trim).filter(|note| !note.is_empty()), ..self }
    }

    /// Returns the operation on records that are changed along with the main one.
    pub fn on_others(&self) -> Self {
        Self { details: Map::new(), ..self.clone() }
    }
}

/// Runs `change` on records, then raises the version of each whose facts it changed and writes its
/// history entry. Returns the diffs by id. Of more than [`MAX_ENTRIES`] records nothing is written.
pub(super) async fn track<F>(
    conn: &mut Connection,
    kind: Kind,
    ids: &[i32],
    operation: &Operation<'_>,
    change: F,
) -> Result<BTreeMap<i32, Diff>, EditError>
where
    F: AsyncFnOnce(&mut Connection) -> Result<(), EditError>,
{
    if ids.len() > MAX_ENTRIES {
        change(conn).await?;
        return Ok(BTreeMap::new());
    }
    let before = load(conn, kind, ids).await?;
    change(conn).await?;
    let after = load(conn, kind, ids).await?;
    let mut diffs = BTreeMap::new();
    for (id, record) in &after {
        let Some(before) = before.get(id) else { continue };
        let mut diff = before.facts.diff(&record.facts);
        diff.extend(operation.details.clone());
        if !diff.is_empty() {
            diffs.insert(*id, diff);
        }
    }
    raise(conn, kind, &diffs, operation.holds).await?;
    let entries = diffs.iter().filter_map(|(id, diff)| {
        let record = after.get(id)?;
        Some(Entry::of(kind, record, record.version + 1, diff.clone()))
    });
    changes::record(conn, operation, &entries.collect::<Vec<_>>()).await?;
    Ok(diffs)
}

/// Raises the versions of changed records, and holds their changed facts.
async fn raise(
    conn: &mut Connection,
    kind: Kind,
    diffs: &BTreeMap<i32, Diff>,
    holds: bool,
) -> Result<(), EditError> {
    let ids: Vec<i32> = diffs.keys().copied().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let table = kind.table();
    let raised = format!("UPDATE {table} SET version = version + 1 WHERE id = ANY ($1)");
    sql_query(raised).bind::<Array<Integer>, _>(&ids).execute(conn).await?;
    if !holds || !kind.has_holds() {
        return Ok(());
    }
    let changed = |diff: &Diff| -> BTreeSet<&'static str> {
        let fields = kind.fields().iter().map(|field| field.name);
        fields.filter(|field| *field != "slug" && diff.contains_key(*field)).collect()
    };
    let fields: Vec<String> = diffs
        .values()
        .map(|diff| changed(diff).into_iter().collect::<Vec<_>>().join(","))
        .collect();
    let held = format!(
        "UPDATE {table} SET held = ARRAY(SELECT DISTINCT field FROM unnest(held || \
             string_to_array(changed.fields, ',')) AS field WHERE field <> '' ORDER BY field) \
         FROM unnest($1, $2) AS changed (id, fields) WHERE {table}.id = changed.id"
    );
    let held = sql_query(held).bind::<Array<Integer>, _>(&ids);
    held.bind::<Array<Text>, _>(fields).execute(conn).await?;
    Ok(())
}

impl Entry {
    pub(super) fn of(kind: Kind, record: &Stored, version: i32, diff: Diff) -> Self {
        Self { kind, subject_id: record.id, subject: record.title(kind), version, diff }
    }
}
