//! A visitor's marks on films: watchlist, seen, rating and viewing history.
//!
//! Each mark is a session key of its own, such as `listed:17`, so that concurrent requests do not
//! overwrite each other's marks.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde_json::Value;

/// Maximum number of films with the same mark, except [`Mark::Viewed`].
pub const MAX_FILMS: usize = 2000;

/// Maximum number of films in the viewing history.
pub const MAX_VIEWED: usize = 20;

/// The highest rating, five stars, in half stars.
pub const MAX_HALF_STARS: u8 = 10;

/// The year 10000 in seconds since 1970, an upper bound for times.
const END_OF_TIME: i64 = 253_402_300_800;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// On the watchlist; the value is when it was added, in seconds since 1970.
    Listed,
    /// The value is when it was marked, in seconds since 1970.
    Seen,
    /// The value is 1 to 10 half stars. Sessions store it as 0.5 to 5 stars.
    Rating,
    /// The value is when the film's page was last viewed, in seconds since 1970.
    Viewed,
}

impl Mark {
    pub const ALL: [Self; 4] = [Self::Listed, Self::Seen, Self::Rating, Self::Viewed];

    pub fn name(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Seen => "seen",
            Self::Rating => "rating",
            Self::Viewed => "viewed",
        }
    }

    /// Returns the session key of this mark on a film.
    pub fn key(self, film: i32) -> String {
        format!("{}:{film}", self.name())
    }

    /// Parses a session entry into mark, film id and value. Returns `None` for any other entry.
    pub fn parse(key: &str, value: &Value) -> Option<(Self, i32, i64)> {
        let (name, id) = key.split_once(':')?;
        let mark = Self::ALL.into_iter().find(|mark| mark.name() == name)?;
        // `parse` also accepts a sign and leading zeros, which are never written.
        let film =
            id.parse().ok().filter(|_| id.starts_with(|first| ('1'..='9').contains(&first)))?;
        let value = match mark {
            Self::Rating => half_stars(value.as_f64()?)?,
            Self::Listed | Self::Seen | Self::Viewed => value.as_i64()?,
        };
        mark.allows(value).then_some((mark, film, value))
    }

    /// Returns the value as a session stores it.
    pub fn to_json(self, value: i64) -> Value {
        match self {
            Self::Rating if value % 2 != 0 => stars(value).into(),
            Self::Rating => (value / 2).into(),
            Self::Listed | Self::Seen | Self::Viewed => value.into(),
        }
    }

    fn allows(self, value: i64) -> bool {
        match self {
            Self::Rating => (1..=i64::from(MAX_HALF_STARS)).contains(&value),
            Self::Listed | Self::Seen | Self::Viewed => (1..END_OF_TIME).contains(&value),
        }
    }

    pub fn max(self) -> usize {
        if self == Self::Viewed { MAX_VIEWED } else { MAX_FILMS }
    }
}

/// Converts stars into half stars. Returns `None` unless they are a multiple of a half up to five.
pub fn half_stars(stars: f64) -> Option<i64> {
    (1..=i64::from(MAX_HALF_STARS)).find(|halves| self::stars(*halves).to_bits() == stars.to_bits())
}

/// Converts half stars into stars.
pub fn stars(half_stars: i64) -> f64 {
    f64::from(i32::try_from(half_stars).unwrap_or_default()) / 2.0
}

/// All marks of a visitor: a map from films to values for each of [`Mark::ALL`].
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

    /// Returns films and values, the highest value first; for times that is the latest.
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

    /// Returns a time for a new mark: `now`, or later than all others, so that marks made within a
    /// second keep their order.
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
    fn written_mark_parses_to_the_same_mark() {
        for mark in Mark::ALL {
            for value in [5, 6] {
                let (key, json) = (mark.key(17), mark.to_json(value));
                assert_eq!(Mark::parse(&key, &json), Some((mark, 17, value)), "{key} {json}");
            }
        }
        assert_eq!((Mark::Rating.to_json(8), Mark::Rating.to_json(9)), (json!(4), json!(4.5)));
    }

    #[test]
    fn unknown_session_entry_is_not_a_mark() {
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
            ("rating:1", json!(2.25)),
            ("rating:1", json!(5.5)),
            ("loved:1", json!(1)),
            ("theme", json!("dark")),
        ];
        for (key, value) in odd {
            assert_eq!(Mark::parse(key, &value), None, "{key} {value}");
        }
    }

    #[test]
    fn latest_mark_is_first_even_within_a_second() {
        let mut marks = Marks::default();
        for film in [5, 3, 9] {
            let time = marks.time(Mark::Listed, 1000);
            marks.insert(Mark::Listed, film, time);
        }
        let films: Vec<i32> = marks.films(Mark::Listed).into_iter().map(|(film, _)| film).collect();
        assert_eq!(films, [9, 3, 5]);
    }
}
