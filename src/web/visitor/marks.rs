//! What a visitor says of single films, and which films were opened.
//!
//! Each mark is a session key of its own, `listed:17`, so that marks made in two tabs at once
//! both stay.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde_json::Value;

/// Films with the same mark, but for [`Mark::Viewed`].
pub const MOST_FILMS: usize = 2000;

/// The last films opened.
pub const MOST_VIEWED: usize = 20;

/// The year 10000, in seconds since 1970: no time of ours lies beyond.
const END_OF_TIME: i64 = 253_402_300_800;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// On the watchlist; the value is when it came there, in seconds since 1970.
    Listed,
    /// Likewise.
    Seen,
    /// The value is 1 to 5.
    Rating,
    /// The value is when the film's page was last opened.
    Viewed,
}

impl Mark {
    pub const ALL: [Self; 4] = [Self::Listed, Self::Seen, Self::Rating, Self::Viewed];

    fn name(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Seen => "seen",
            Self::Rating => "rating",
            Self::Viewed => "viewed",
        }
    }

    /// The session key of this mark on that film.
    pub fn key(self, film: i32) -> String {
        format!("{}:{film}", self.name())
    }

    /// The mark and the film's id, when the key and its value are what the site writes.
    pub fn parse(key: &str, value: &Value) -> Option<(Self, i32, i64)> {
        let (name, id) = key.split_once(':')?;
        let mark = Self::ALL.into_iter().find(|mark| mark.name() == name)?;
        // As it is written: without a sign or zeros before it.
        let film =
            id.parse().ok().filter(|_| id.starts_with(|first| ('1'..='9').contains(&first)))?;
        let value = value.as_i64().filter(|value| mark.allows(*value))?;
        Some((mark, film, value))
    }

    fn allows(self, value: i64) -> bool {
        match self {
            Self::Rating => (1..=5).contains(&value),
            Self::Listed | Self::Seen | Self::Viewed => (1..END_OF_TIME).contains(&value),
        }
    }

    pub fn most(self) -> usize {
        if self == Self::Viewed { MOST_VIEWED } else { MOST_FILMS }
    }
}

/// All marks of one visitor: films and values, in the order of [`Mark::ALL`].
#[derive(Debug, Clone, Default)]
pub struct Marks([HashMap<i32, i64>; Mark::ALL.len()]);

impl Marks {
    fn of(&self, mark: Mark) -> &HashMap<i32, i64> {
        &self.0[mark as usize]
    }

    pub fn get(&self, mark: Mark, film: i32) -> Option<i64> {
        self.of(mark).get(&film).copied()
    }

    pub fn has(&self, mark: Mark, film: i32) -> bool {
        self.get(mark, film).is_some()
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(HashMap::is_empty)
    }

    pub fn count(&self, mark: Mark) -> usize {
        self.of(mark).len()
    }

    /// Films and values, the highest value first: of those with a time, the latest.
    pub fn films(&self, mark: Mark) -> Vec<(i32, i64)> {
        let films = self.of(mark).iter();
        let mut films: Vec<(i32, i64)> = films.map(|(film, value)| (*film, *value)).collect();
        films.sort_unstable_by_key(|&(film, value)| Reverse((value, film)));
        films
    }

    pub fn insert(&mut self, mark: Mark, film: i32, value: i64) {
        self.0[mark as usize].insert(film, value);
    }

    pub fn remove(&mut self, mark: Mark, film: i32) {
        self.0[mark as usize].remove(&film);
    }

    /// A time for a new mark: `now`, but later than every other one, so that the order in which
    /// marks were made stays, also within a second.
    pub fn time(&self, mark: Mark, now: i64) -> i64 {
        let latest = self.of(mark).values().max();
        latest.map_or(now, |latest| now.max(latest + 1)).min(END_OF_TIME - 1)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_read_back_as_it_was_written() {
        for mark in Mark::ALL {
            assert_eq!(Mark::parse(&mark.key(17), &json!(5)), Some((mark, 17, 5)));
        }
    }

    #[test]
    fn what_the_site_does_not_write_is_no_mark() {
        let odd = [
            ("listed:", json!(1)),
            ("listed:0", json!(1)),
            ("listed:-1", json!(1)),
            ("listed:+1", json!(1)),
            ("listed:01", json!(1)),
            ("listed:99999999999", json!(1)),
            ("listed:1", json!(0)),
            ("listed:1", json!("1")),
            ("listed:1", json!(1.5)),
            ("listed:1", json!(i64::MAX)),
            ("rating:1", json!(6)),
            ("rating:1", json!(0)),
            ("loved:1", json!(1)),
            ("theme", json!("dark")),
        ];
        for (key, value) in odd {
            assert_eq!(Mark::parse(key, &value), None, "{key} {value}");
        }
    }

    #[test]
    fn the_latest_comes_first_also_within_a_second() {
        let mut marks = Marks::default();
        for film in [5, 3, 9] {
            let time = marks.time(Mark::Listed, 1000);
            marks.insert(Mark::Listed, film, time);
        }
        let films: Vec<i32> = marks.films(Mark::Listed).into_iter().map(|(film, _)| film).collect();
        assert_eq!(films, [9, 3, 5]);
    }
}
