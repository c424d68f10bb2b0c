//! Problems, similar names and conflicts, as forms of records show them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::super::find::find;
use super::super::{AdminRequest, Form};
use crate::catalog::editing::{Conflict, Invalid, Kind, Reason};
use crate::catalog::index::Index;
use crate::web::error::Result;

/// Names that are suggested for an unknown one.
const MAX_SIMILAR: usize = 5;

/// The problems of a form, in addition to the messages at its fields.
#[derive(Debug, Default, Serialize)]
pub(super) struct Problems {
    /// Fields with unknown names, which the operator may add as new records.
    pub unknown: BTreeSet<&'static str>,
    /// Names like the unknown ones, by field.
    pub similar: BTreeMap<&'static str, Vec<String>>,
    /// Another film that seems to be the same.
    pub duplicate: Option<i32>,
    /// Fields that somebody else has changed meanwhile.
    pub conflicts: BTreeMap<&'static str, Theirs>,
}

/// A value that somebody else stored.
#[derive(Debug, Serialize)]
pub(super) struct Theirs {
    value: String,
    actor: Option<String>,
    at: Option<DateTime<Utc>>,
}

impl Problems {
    /// Adds a message for each invalid field to the form.
    pub async fn of_invalid(
        page: &AdminRequest,
        form: &mut Form,
        invalid: Vec<Invalid>,
    ) -> Result<Self> {
        let mut problems = Self::default();
        let index = page.admin.catalog.current();
        for Invalid { field, reason } in invalid {
            form.problem(field, &reason);
            match reason {
                Reason::UnknownName(name) => {
                    problems.unknown.insert(field);
                    let similar = match field {
                        "tags" | "value" => similar_tags(&index, &name),
                        _ => {
                            let conn = &mut page.connection().await?;
                            let found = find(page, conn, Kind::Person, &name).await?;
                            found.into_iter().take(MAX_SIMILAR).map(|one| one.value).collect()
                        }
                    };
                    problems.similar.entry(field).or_default().extend(similar);
                }
                Reason::Duplicate { id, .. } => problems.duplicate = Some(id),
                _ => {}
            }
        }
        Ok(problems)
    }

    pub fn of_conflicts(conflicts: Vec<Conflict>) -> Self {
        let theirs = |conflict: Conflict| {
            let Conflict { field, theirs, actor, at, .. } = conflict;
            (field, Theirs { value: theirs, actor, at })
        };
        Self { conflicts: conflicts.into_iter().map(theirs).collect(), ..Self::default() }
    }
}

fn similar_tags(index: &Index, name: &str) -> Vec<String> {
    let mut tags: Vec<(usize, &str)> = index
        .tags()
        .map(|(_, tag, _)| {
            let distance =
                strsim::damerau_levenshtein(&tag.label.to_lowercase(), &name.to_lowercase());
            (distance, tag.label.as_str())
        })
        .filter(|(distance, _)| *distance <= 1 + name.len() / 3)
        .collect();
    tags.sort_unstable();
    tags.into_iter().take(MAX_SIMILAR).map(|(_, name)| name.to_owned()).collect()
}
