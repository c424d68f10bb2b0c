//! The facts of a record by field, and the difference of two.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Kind;
use super::problem::{Conflict, EditError};

/// A field of a kind of records, named as in forms, commands and the history.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    /// Whether the field holds several values, one a line.
    pub is_list: bool,
}

impl Field {
    pub const fn one(name: &'static str) -> Self {
        Self { name, is_list: false }
    }

    pub const fn list(name: &'static str) -> Self {
        Self { name, is_list: true }
    }
}

/// The old and the new value of each field that differs.
pub type Diff = Map<String, Value>;

/// The facts of a record. Unknown facts are `null`, and lists without values are empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Facts(Map<String, Value>);

/// A record in the database.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: i32,
    pub version: i32,
    /// Fields that imports leave alone.
    pub held: BTreeSet<String>,
    pub facts: Facts,
}

impl Stored {
    /// Returns the title or name.
    pub fn title(&self, kind: Kind) -> String {
        self.facts.text(kind.title_field())
    }

    pub fn slug(&self) -> String {
        self.facts.text("slug")
    }

    /// Fails if the record is of another version than the operator saw.
    pub(super) fn check_version(&self, kind: Kind, seen: Option<i32>) -> Result<(), EditError> {
        if seen.is_none_or(|seen| seen == self.version) {
            return Ok(());
        }
        let field = kind.title_field();
        let (theirs, mine) = (self.title(kind), self.title(kind));
        Err(EditError::Conflict(vec![Conflict { field, theirs, mine, actor: None, at: None }]))
    }
}

impl Facts {
    /// Returns the facts of a record of which nothing is known.
    pub fn unknown(kind: Kind) -> Self {
        let blank =
            |field: &Field| if field.is_list { Value::Array(Vec::new()) } else { Value::Null };
        Self(kind.fields().iter().map(|field| (field.name.to_owned(), blank(field))).collect())
    }

    pub fn get(&self, field: &str) -> &Value {
        self.0.get(field).unwrap_or(&Value::Null)
    }

    pub fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.0.insert(field.to_owned(), value.into());
    }

    /// Returns the values of a field as texts.
    pub fn lines(&self, field: &str) -> Vec<String> {
        texts(self.get(field))
    }

    /// Returns a field as a form shows it: lists have one value a line.
    pub fn text(&self, field: &str) -> String {
        self.lines(field).join("\n")
    }

    /// Returns the text of a field with one value, if there is one.
    pub fn some(&self, field: &str) -> Option<String> {
        self.lines(field).into_iter().next().filter(|text| !text.is_empty())
    }

    /// Returns a number.
    pub fn number(&self, field: &str) -> Option<i16> {
        self.get(field).as_i64().and_then(|number| number.try_into().ok())
    }

    pub fn is_blank(&self, field: &str) -> bool {
        self.lines(field).is_empty()
    }

    /// Returns what has to change for these facts to become `after`.
    pub fn diff(&self, after: &Self) -> Diff {
        let names: BTreeSet<&String> = self.0.keys().chain(after.0.keys()).collect();
        let changed = names.into_iter().filter(|name| self.get(name) != after.get(name));
        changed
            .map(|name| {
                let values = vec![self.get(name).clone(), after.get(name).clone()];
                (name.clone(), Value::Array(values))
            })
            .collect()
    }

    /// Sets each field of a diff to its old value.
    pub fn undo(&mut self, kind: Kind, diff: &Diff) {
        for (field, old, _) in changes_of(kind, diff) {
            self.set(field, old.clone());
        }
    }
}

/// Returns the fields of a diff with their old and new values. A diff also names what is no field, as
/// the ids that a merge moved.
pub fn changes_of(kind: Kind, diff: &Diff) -> impl Iterator<Item = (&'static str, &Value, &Value)> {
    kind.fields().iter().filter_map(|field| match diff.get(field.name)?.as_array()?.as_slice() {
        [old, new] => Some((field.name, old, new)),
        _ => None,
    })
}

/// Returns the values of a fact as texts.
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Bool(true) => vec!["yes".to_owned()],
        Value::Bool(false) => Vec::new(),
        other => vec![other.to_string()],
    }
}
