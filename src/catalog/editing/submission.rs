//! The input of forms and commands that edit a record.

use std::collections::{BTreeMap, BTreeSet};

use super::Kind;

/// The input of an operator for a record.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// The version that the operator saw; `None` for the current one.
    pub version: Option<i32>,
    /// Texts by field; fields that are not there keep their value, blank ones are cleared.
    pub fields: BTreeMap<&'static str, String>,
    /// The fields that imports must leave alone; `None` keeps those of before.
    pub hold: Option<BTreeSet<String>>,
    /// Former slugs that are to redirect no longer.
    pub forget_slugs: Vec<String>,
    /// Fields whose unknown names become new records.
    pub create: BTreeSet<String>,
    pub allow_duplicate: bool,
    pub note: Option<String>,
}

impl Submission {
    /// Reads names and values. The values of a list are lines or repeated, of other fields the last one
    /// counts. Also returns the names that mean nothing for this kind.
    pub fn from_pairs<'a>(
        kind: Kind,
        pairs: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> (Self, Vec<String>) {
        let mut submission = Self::default();
        let mut unknown = Vec::new();
        for (name, value) in pairs {
            if let Some(field) = kind.field(name) {
                let text = submission.fields.entry(field.name).or_default();
                if !field.is_list {
                    text.clear();
                } else if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(value);
                continue;
            }
            let value = value.trim();
            match name {
                "version" => submission.version = value.parse().ok(),
                "note" => submission.note = Some(value.to_owned()),
                "allow_duplicate" => submission.allow_duplicate = value == "yes",
                "create" => _ = submission.create.insert(value.to_owned()),
                "forget_slug" => submission.forget_slugs.push(value.to_owned()),
                // A blank value alone holds nothing.
                "hold" => {
                    let hold = submission.hold.get_or_insert_default();
                    hold.extend(kind.field(value).map(|field| field.name.to_owned()));
                }
                name => unknown.push(name.to_owned()),
            }
        }
        (submission, unknown)
    }
}
