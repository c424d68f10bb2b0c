//! All that is stored of a visitor: to look at, to take along, to bring back, to erase.

use serde_json::Value;

use super::marks::Mark;
use super::preferences::{self, HISTORY, PER_PAGE, SEEN_FILMS, SORT, SeenFilms, THEME, Theme};
use super::{NOTICE, NUM_VISITS, Visitor};
use crate::sessions::Data;
use crate::web::Result;

impl Visitor {
    /// Every stored value, by key.
    pub fn record(&self) -> Data {
        self.session.as_ref().map(|session| session.items()).unwrap_or_default()
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

/// What a stored value is.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Views of the movie list.
    Visits,
    /// One, by the name that a reader knows it by.
    Preference(&'static str),
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
        let (known, kind) = match key {
            NUM_VISITS => (value.as_i64().is_some_and(|visits| visits >= 0), Self::Visits),
            PER_PAGE => (
                preferences::page_size(&value.to_string()).is_some(),
                Self::Preference("Films on a page"),
            ),
            SORT => (preferences::sort(text).is_some(), Self::Preference("Order of lists")),
            THEME => (Theme::parse(text).is_some(), Self::Preference("Colours")),
            HISTORY => {
                (preferences::switch(text).is_some(), Self::Preference("Record the films you open"))
            }
            SEEN_FILMS => {
                (SeenFilms::parse(text).is_some(), Self::Preference("Films seen, in lists"))
            }
            _ => (false, Self::Unknown),
        };
        if known { kind } else { Self::Unknown }
    }
}
