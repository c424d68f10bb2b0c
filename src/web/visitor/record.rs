//! All data stored about a visitor: read, export, import, delete.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::marks::Mark;
use super::preferences::Preferences;
use super::{MAX_VIEWED, NOTICE, NUM_VISITS, Visitor};
use crate::catalog::fold::is_slug;
use crate::sessions::Data;
use crate::web::error::Result;

/// The numbers of values restored from an export.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Restored {
    watchlist: usize,
    seen: usize,
    ratings: usize,
    viewed: usize,
    preferences: usize,
    /// The visit counter and dismissed notices.
    others: usize,
    /// Skipped: films that an older export identifies only by number. Numbers differ between databases.
    #[serde(skip)]
    pub numbered: BTreeSet<i32>,
    /// Skipped: values that this site does not use.
    unknown: usize,
}

impl Visitor {
    /// Returns all stored values by key.
    pub fn record(&self) -> Data {
        self.session.as_ref().map(|session| session.items()).unwrap_or_default()
    }

    /// Merges an export into the session; its values replace existing ones. `marks` are the marks of its
    /// films that the catalogue has.
    ///
    /// # Errors
    /// If there is no room; then nothing changes.
    pub fn restore(&mut self, export: &Data, marks: &[(Mark, i32, i64)]) -> Result<Restored> {
        let mut restored = Restored::default();
        let mut others = Vec::new();
        for (mark, ..) in marks {
            *match mark {
                Mark::Listed => &mut restored.watchlist,
                Mark::Seen => &mut restored.seen,
                Mark::Rating => &mut restored.ratings,
                Mark::Viewed => &mut restored.viewed,
            } += 1;
        }
        for (key, value) in export {
            match Kind::of(key, value) {
                Kind::Mark(_, film, _) => {
                    restored.numbered.insert(film);
                }
                Kind::Unknown => restored.unknown += 1,
                kind => {
                    others.push((key.as_str(), value));
                    *match kind {
                        Kind::Preference => &mut restored.preferences,
                        _ => &mut restored.others,
                    } += 1;
                }
            }
        }
        self.set_with(marks, &others)?;
        self.keep_last_viewed(MAX_VIEWED, None)?;
        self.preferences = Preferences::of(self.session()?, self.preferences);
        Ok(restored)
    }

    /// Deletes the session here and in the store.
    ///
    /// # Errors
    /// If the site has no sessions.
    pub fn erase(&mut self) -> Result<()> {
        self.session()?.flush();
        Ok(())
    }
}

/// The meaning of a stored value.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Views of the movie list.
    Visits,
    Preference,
    /// A mark on a film, and its value.
    Mark(Mark, i32, i64),
    /// A dismissed notice, by its slug.
    Notice(&'a str),
    /// Nothing that this version of the site stores.
    Unknown,
}

impl<'a> Kind<'a> {
    pub fn of(key: &'a str, value: &Value) -> Self {
        if let Some((mark, film, value)) = Mark::parse(key, value) {
            return Self::Mark(mark, film, value);
        }
        let text = value.as_str().unwrap_or_default();
        if let Some(slug) = key.strip_prefix(NOTICE)
            && is_slug(slug)
            && text.len() == 8
        {
            return Self::Notice(slug);
        }
        match key {
            NUM_VISITS if value.as_i64().is_some_and(|visits| visits >= 0) => Self::Visits,
            key if Preferences::default().set_kept(key, value) => Self::Preference,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn notices_have_slugs() {
        let digest = json!("12345678");
        assert_eq!(Kind::of("notice:no-account", &digest), Kind::Notice("no-account"));
        for key in ["notice:", "notice:\0", "notice:A b", "notice:a\u{85}"] {
            assert_eq!(Kind::of(key, &digest), Kind::Unknown, "{key:?}");
        }
    }

    #[test]
    fn invalid_preference_values_are_ignored() {
        for (key, value) in Preferences::default().values() {
            assert_eq!(Kind::of(key, &value), Kind::Preference, "{key}");
            for odd in [json!("odd"), json!("24"), json!(7), json!(null), json!(["light"])] {
                assert_eq!(Kind::of(key, &odd), Kind::Unknown, "{key} {odd}");
            }
        }
    }
}
