//! Setting and taking back marks.

use chrono::Utc;
use serde_json::Value;

use super::marks::Mark;
use super::{MOST_VIEWED, Visitor};
use crate::sessions::ValueError;
use crate::web::error::{Error, Result};
use crate::web::render::format::grouped;

/// Bytes of JSON that one session may grow to by marks: about 2,300 of them.
pub const LARGEST: usize = 64 * 1024;

impl Visitor {
    /// Sets or takes back a mark. Doing so twice changes nothing more.
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

    /// Rates a film from 1 to 5, which says that it was seen, too; `None` takes the rating back.
    ///
    /// # Errors
    /// As [`Visitor::mark`].
    pub fn rate(&mut self, film: i32, stars: Option<i64>) -> Result<()> {
        let Some(stars) = stars else { return self.unmark(Mark::Rating, film) };
        let mut marks = vec![(Mark::Rating, film, stars)];
        if !self.marks.has(Mark::Seen, film) {
            marks.push((Mark::Seen, film, self.marks.time(Mark::Seen, Utc::now().timestamp())));
        }
        self.set(&marks)
    }

    /// Records that a film was opened, if the visitor has that on; the oldest entry gives way.
    /// Where there is no room, the record is what is done without.
    ///
    /// # Errors
    /// When the value cannot be stored for another reason.
    pub fn view(&mut self, film: i32) -> Result<()> {
        if !self.preferences.history || self.unseen || !self.is_remembered() {
            return Ok(());
        }
        let time = self.marks.time(Mark::Viewed, Utc::now().timestamp());
        let mut others = self.keep_last_viewed(MOST_VIEWED - 1, Some(film))?;
        while let Err(error) = self.set(&[(Mark::Viewed, film, time)]) {
            match (error, others.pop()) {
                (Error::Full(_), Some(old)) => self.unmark(Mark::Viewed, old)?,
                (Error::Full(_), None) => break,
                (error, _) => return Err(error),
            }
        }
        Ok(())
    }

    /// Forgets all but the last `most` films opened, `film` apart; returns those, the last first.
    pub(super) fn keep_last_viewed(&mut self, most: usize, film: Option<i32>) -> Result<Vec<i32>> {
        let viewed = self.marks.films(Mark::Viewed).into_iter().map(|(viewed, _)| viewed);
        let mut viewed: Vec<i32> = viewed.filter(|viewed| Some(*viewed) != film).collect();
        for old in viewed.split_off(viewed.len().min(most)) {
            self.unmark(Mark::Viewed, old)?;
        }
        Ok(viewed)
    }

    /// Takes back every mark of one kind.
    ///
    /// # Errors
    /// When nothing is kept of anybody.
    pub fn unmark_all(&mut self, mark: Mark) -> Result<()> {
        for (film, _) in self.marks.films(mark) {
            self.unmark(mark, film)?;
        }
        Ok(())
    }

    fn unmark(&mut self, mark: Mark, film: i32) -> Result<()> {
        self.session()?.delete(&mark.key(film));
        self.marks.remove(mark, film);
        Ok(())
    }

    /// All of these, or on an error none. A mark that is there gets the new value.
    ///
    /// # Errors
    /// As [`Visitor::mark`].
    pub fn set(&mut self, marks: &[(Mark, i32, i64)]) -> Result<()> {
        self.set_with(marks, &[])
    }

    /// As [`Visitor::set`], with other values by key.
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
            if self.marks.count(kind) + new.count() > kind.most() && kind != Mark::Viewed {
                return Err(Error::Full(format!(
                    "You can have {} films {}. Take some away first.",
                    grouped(i64::try_from(kind.most()).unwrap_or_default()),
                    place(kind)
                )));
            }
        }
        let marked = marks.iter().map(|(mark, film, n)| (mark.key(*film), Value::from(*n)));
        let others = others.iter().map(|(key, value)| ((*key).to_owned(), (*value).clone()));
        let values: Vec<(String, Value)> = marked.chain(others).collect();
        let mut size: usize = values.iter().map(|(key, value)| written(key, value)).sum();
        session.for_each(|key, value| size += written(key, value));
        if size > LARGEST {
            return Err(no_room());
        }
        session.update(values.iter().map(|(key, value)| (key.as_str(), value)))?;
        for (mark, film, value) in marks {
            self.marks.insert(*mark, *film, *value);
        }
        Ok(())
    }
}

fn place(mark: Mark) -> &'static str {
    match mark {
        Mark::Listed => "on the watchlist",
        Mark::Seen => "marked as seen",
        Mark::Rating => "rated",
        Mark::Viewed => "in the history",
    }
}

/// Bytes of `"key":value,` as JSON.
fn written(key: &str, value: &Value) -> usize {
    key.len() + value.to_string().len() + 4
}

fn no_room() -> Error {
    Error::Full(
        "Everything kept for you fills the room there is. Take some films away first.".to_owned(),
    )
}

impl From<ValueError> for Error {
    fn from(error: ValueError) -> Self {
        match error {
            ValueError::TooLarge { .. } => no_room(),
            error => Self::Internal(error.into()),
        }
    }
}
