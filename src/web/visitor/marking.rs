//! Setting and removing marks.

use chrono::Utc;
use serde_json::Value;

use super::marks::Mark;
use super::{MAX_VIEWED, Visitor};
use crate::sessions::ValueError;
use crate::web::error::{Error, Result};

/// Maximum size of a session in bytes of JSON, enough for about 2,300 marks.
const MAX_SESSION_SIZE: usize = 64 * 1024;

impl Visitor {
    /// Sets or removes a mark. Idempotent.
    ///
    /// # Errors
    /// [`Error::Full`] when there is no room.
    pub fn mark(&mut self, mark: Mark, film: i32, on: bool) -> Result<()> {
        if !on {
            return self.unmark(mark, film);
        }
        let new = || self.marks.time(mark, Utc::now().timestamp());
        let time = self.marks.get(mark, film).unwrap_or_else(new);
        self.set(&[(mark, film, time)])
    }

    /// Marks a film as seen and, unless the visitor prefers to keep it there, removes it from the
    /// watchlist. Returns when it was added to the watchlist if it was removed.
    ///
    /// # Errors
    /// As [`Visitor::mark`].
    pub fn mark_seen(&mut self, film: i32) -> Result<Option<i64>> {
        self.mark(Mark::Seen, film, true)?;
        let listed = self.marks.get(Mark::Listed, film);
        let removed = listed.filter(|_| !self.preferences.keep_seen_listed);
        if removed.is_some() {
            self.unmark(Mark::Listed, film)?;
        }
        Ok(removed)
    }

    /// Undoes [`Visitor::mark_seen`]: puts the film back in its place on the watchlist.
    ///
    /// # Errors
    /// As [`Visitor::mark`].
    pub fn undo_seen(&mut self, film: i32, listed: i64) -> Result<()> {
        let listed = listed.clamp(1, Utc::now().timestamp());
        self.set(&[(Mark::Listed, film, listed)])?;
        self.unmark(Mark::Seen, film)
    }

    /// Rates a film in half stars and marks it as seen; `None` removes the rating. Returns the
    /// same as [`Visitor::mark_seen`].
    ///
    /// # Errors
    /// As [`Visitor::mark`].
    pub fn rate(&mut self, film: i32, half_stars: Option<i64>) -> Result<Option<i64>> {
        let Some(half_stars) = half_stars else {
            self.unmark(Mark::Rating, film)?;
            return Ok(None);
        };
        self.set(&[(Mark::Rating, film, half_stars)])?;
        self.mark_seen(film)
    }

    /// Adds a film to the viewing history, if that is on, and removes the oldest entries until
    /// there is room.
    ///
    /// # Errors
    /// If the store fails.
    pub fn view(&mut self, film: i32) -> Result<()> {
        if !self.preferences.history || self.is_prefetch || !self.is_remembered() {
            return Ok(());
        }
        let time = self.marks.time(Mark::Viewed, Utc::now().timestamp());
        let mut others = self.keep_last_viewed(MAX_VIEWED - 1, Some(film))?;
        while let Err(error) = self.set(&[(Mark::Viewed, film, time)]) {
            match (error, others.pop()) {
                (Error::Full(_), Some(old)) => self.unmark(Mark::Viewed, old)?,
                (Error::Full(_), None) => break,
                (error, _) => return Err(error),
            }
        }
        Ok(())
    }

    /// Keeps the latest `most` films of the history, not counting `film`, and returns them.
    pub(super) fn keep_last_viewed(&mut self, most: usize, film: Option<i32>) -> Result<Vec<i32>> {
        let viewed = self.marks.films(Mark::Viewed).into_iter().map(|(viewed, _)| viewed);
        let mut viewed: Vec<i32> = viewed.filter(|viewed| Some(*viewed) != film).collect();
        for old in viewed.split_off(viewed.len().min(most)) {
            self.unmark(Mark::Viewed, old)?;
        }
        Ok(viewed)
    }

    /// Removes all marks of a kind.
    ///
    /// # Errors
    /// If the site has no sessions.
    pub fn unmark_all(&mut self, mark: Mark) -> Result<()> {
        for (film, _) in self.marks.films(mark) {
            self.unmark(mark, film)?;
        }
        Ok(())
    }

    fn unmark(&mut self, mark: Mark, film: i32) -> Result<()> {
        let session = self.session()?;
        session.delete(&mark.key(film));
        let merged =
            self.merged_marks.iter().filter(|(other, _, into)| (*other, *into) == (mark, film));
        for (_, from, _) in merged {
            session.delete(&mark.key(*from));
        }
        self.marks.remove(mark, film);
        Ok(())
    }

    /// Sets all of these marks, or none on an error. Replaces the values of existing marks.
    ///
    /// # Errors
    /// As [`Visitor::mark`].
    pub fn set(&mut self, marks: &[(Mark, i32, i64)]) -> Result<()> {
        self.set_with(marks, &[])
    }

    /// As [`Visitor::set`], with further session values.
    pub(super) fn set_with(
        &mut self,
        marks: &[(Mark, i32, i64)],
        others: &[(&str, &Value)],
    ) -> Result<()> {
        let session = self.session()?;
        for kind in Mark::ALL {
            let new = marks
                .iter()
                .filter(|(mark, film, _)| *mark == kind && !self.marks.has(kind, *film));
            if self.marks.count(kind) + new.count() > kind.max() && kind != Mark::Viewed {
                return Err(Error::Full(Some(kind)));
            }
        }
        let marked = marks.iter().map(|(mark, film, n)| (mark.key(*film), mark.to_json(*n)));
        let others = others.iter().map(|(key, value)| ((*key).to_owned(), (*value).clone()));
        let values: Vec<(String, Value)> = marked.chain(others).collect();
        let mut size: usize = values.iter().map(|(key, value)| written(key, value)).sum();
        session.for_each(|key, value| size += written(key, value));
        if size > MAX_SESSION_SIZE {
            return Err(Error::Full(None));
        }
        session.update(values.iter().map(|(key, value)| (key.as_str(), value)))?;
        for (mark, film, value) in marks {
            self.marks.insert(*mark, *film, *value);
        }
        Ok(())
    }
}

/// Returns the size in bytes of `"key":value,`.
fn written(key: &str, value: &Value) -> usize {
    key.len() + value.to_string().len() + 4
}

impl From<ValueError> for Error {
    fn from(error: ValueError) -> Self {
        match error {
            ValueError::TooLarge { .. } => Self::Full(None),
            error => Self::Internal(error.into()),
        }
    }
}
