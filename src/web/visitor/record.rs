//! All that is stored of a visitor: to look at, to take along, to bring back, to erase.

use std::collections::HashSet;

use serde_json::Value;

use super::marks::Mark;
use super::preferences::Preferences;
use super::{MOST_VIEWED, NOTICE, NUM_VISITS, Visitor};
use crate::sessions::Data;
use crate::web::error::Result;

/// What became of an export that was brought back.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Values that are as in the export now.
    pub kept: usize,
    /// Marks on films that the catalogue does not have.
    pub gone: usize,
    /// Values that this site does not know.
    pub unknown: usize,
}

impl Visitor {
    /// Every stored value, by key.
    pub fn record(&self) -> Data {
        self.session.as_ref().map(|session| session.items()).unwrap_or_default()
    }

    /// Adds an earlier export to what is there; where both have a value, the export's counts.
    /// `films` are those of the export that the catalogue has.
    ///
    /// # Errors
    /// When there is no room; then nothing changes.
    pub fn restore(&mut self, export: &Data, films: &HashSet<i32>) -> Result<Restored> {
        let mut restored = Restored::default();
        let mut marks = Vec::new();
        let mut others = Vec::new();
        for (key, value) in export {
            match Kind::of(key, value) {
                Kind::Mark(_, film, _) if !films.contains(&film) => restored.gone += 1,
                Kind::Mark(mark, film, value) => marks.push((mark, film, value)),
                Kind::Unknown => restored.unknown += 1,
                Kind::Visits | Kind::Preference | Kind::Notice(_) => {
                    others.push((key.as_str(), value));
                }
            }
        }
        restored.kept = marks.len() + others.len();
        self.set_with(&marks, &others)?;
        self.keep_last_viewed(MOST_VIEWED, None)?;
        self.preferences = Preferences::of(self.session()?, self.preferences);
        Ok(restored)
    }

    /// The session ends, here and in the store; the next page is a stranger's.
    ///
    /// # Errors
    /// When nothing is kept of anybody.
    pub fn erase(&mut self) -> Result<()> {
        self.session()?.flush();
        Ok(())
    }
}

/// The films that an export speaks of.
pub fn films(export: &Data) -> Vec<i32> {
    let kinds = export.iter().map(|(key, value)| Kind::of(key, value));
    kinds
        .filter_map(|kind| if let Kind::Mark(_, film, _) = kind { Some(film) } else { None })
        .collect()
}

/// What a stored value is.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Views of the movie list.
    Visits,
    Preference,
    /// A mark on a film, and its value.
    Mark(Mark, i32, i64),
    /// A notice that was put away, by its slug.
    Notice(&'a str),
    /// Nothing that this version of the site could have stored.
    Unknown,
}

impl<'a> Kind<'a> {
    pub fn of(key: &'a str, value: &Value) -> Self {
        if let Some((mark, film, value)) = Mark::parse(key, value) {
            return Self::Mark(mark, film, value);
        }
        let text = value.as_str().unwrap_or_default();
        if let Some(slug) = key.strip_prefix(NOTICE)
            && slug.len() <= 60
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
    fn every_preference_is_known_and_only_as_it_is_kept() {
        for (key, value) in Preferences::default().values() {
            assert_eq!(Kind::of(key, &value), Kind::Preference, "{key}");
            for odd in [json!("odd"), json!("24"), json!(7), json!(null), json!(["light"])] {
                assert_eq!(Kind::of(key, &odd), Kind::Unknown, "{key} {odd}");
            }
        }
    }
}
