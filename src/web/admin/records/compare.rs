//! Differences of two versions, word by word.

use serde::Serialize;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::catalog::editing::{Diff, Kind, changes_of, texts};

/// A field that differs.
#[derive(Debug, Serialize)]
pub(in super::super) struct FieldDiff {
    field: &'static str,
    old: String,
    new: String,
    /// Of long texts, the words.
    words: Vec<Words>,
}

/// Words that both texts have, or one of them.
#[derive(Debug, Serialize, PartialEq, Eq)]
struct Words {
    /// `same`, `old` or `new`.
    state: &'static str,
    text: String,
}

/// Texts from this length on are compared word by word, in bytes.
const LONG: usize = 30;

/// Returns the fields of a diff in the order of the form.
pub(in super::super) fn fields(kind: Kind, diff: &Diff) -> Vec<FieldDiff> {
    let shown = |value: &Value| texts(value).join("\n");
    let changed = changes_of(kind, diff).map(|(field, old, new)| {
        let (old, new) = (shown(old), shown(new));
        let words = if old.len().min(new.len()) < LONG { Vec::new() } else { words(&old, &new) };
        FieldDiff { field, old, new, words }
    });
    changed.collect()
}

fn words(old: &str, new: &str) -> Vec<Words> {
    let mut words: Vec<Words> = Vec::new();
    for change in TextDiff::from_words(old, new).iter_all_changes() {
        let state = match change.tag() {
            ChangeTag::Equal => "same",
            ChangeTag::Delete => "old",
            ChangeTag::Insert => "new",
        };
        match words.last_mut().filter(|last| last.state == state) {
            Some(last) => last.text.push_str(change.value()),
            None => words.push(Words { state, text: change.value().to_owned() }),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_differ_stand_between_those_that_both_have() {
        let words = words("the old king dies", "the young king dies");
        let found: Vec<_> = words.iter().map(|words| (words.state, words.text.as_str())).collect();
        assert_eq!(
            found,
            [("same", "the "), ("old", "old"), ("new", "young"), ("same", " king dies")]
        );
    }
}
