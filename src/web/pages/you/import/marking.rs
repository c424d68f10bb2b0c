//! Marks the films of lists from other sites.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveTime, Utc};

use super::name_choices;
use super::report::{Counts, ImportPage, LineText};
use crate::catalog::lookup::{self, MovieRef, Resolved};
use crate::db::Connection;
use crate::web::error::{Error, Result};
use crate::web::pages::you::list_file::{Line, Lists, Rating};
use crate::web::visitor::{Mark, Visitor};

/// Marks that are stored at once. When a list becomes full, up to this many fitting marks are left out.
const BATCH_SIZE: usize = 50;

/// The marks that the lines about one film give it.
#[derive(Default)]
struct Merged {
    listed: Option<i64>,
    seen: Option<i64>,
    /// Half stars.
    rating: Option<i64>,
    is_rounded: bool,
    /// The lines have a rating, and the visitor chose the watchlist.
    is_moved: bool,
}

/// Marks the films of the lists; of several lines about one film, the latest counts.
/// `is_seen` is the visitor's choice for lines that do not tell.
pub async fn add(
    conn: &mut Connection,
    visitor: &mut Visitor,
    lists: Lists,
    is_seen: bool,
) -> Result<ImportPage> {
    let mut page = ImportPage::default();
    page.set_skipped(lists.untitled, lists.others, lists.separate, lists.unused);
    let mut lines = lists.lines;
    lines.sort_by_key(|line| line.day);
    let references: Vec<MovieRef> = lines.iter().map(|line| line.film.clone()).collect();
    let resolved = lookup::find(conn, &references).await?;
    let mut films: HashMap<i32, Merged> = HashMap::new();
    let mut order: Vec<i32> = Vec::new();
    let mut ambiguous = Vec::new();
    let mut unresolved: HashSet<MovieRef> = HashSet::new();
    for (line, resolved) in lines.into_iter().zip(resolved) {
        if let Some(Rating::Unreadable(text)) = &line.rating {
            page.unreadable.push(LineText::value(&line.file, line.number, text));
        }
        if let Resolved::One(id) = resolved {
            let merged = films.entry(id).or_insert_with(|| {
                order.push(id);
                Merged::default()
            });
            merged.add(&line, is_seen);
        } else if unresolved.insert(line.film.clone()) {
            let text = LineText::new(&line.file, line.number, &line.film);
            match resolved {
                Resolved::Several(ids) => ambiguous.push((text, ids)),
                _ => page.missing.push(text),
            }
        }
    }
    page.set_counts(store(visitor, &films, &order)?);
    page.ambiguous = name_choices(conn, ambiguous).await?;
    page.shorten();
    Ok(page)
}

impl Merged {
    fn add(&mut self, line: &Line, is_seen: bool) {
        let time = time(line);
        if line.seen.unwrap_or(is_seen) {
            self.is_moved |= line.file.is_empty() && line.rating.is_some() && !is_seen;
            self.seen = Some(time);
        } else {
            self.listed = Some(time);
        }
        if let Some(Rating::HalfStars { half_stars, is_rounded }) = line.rating {
            self.rating = Some(half_stars);
            self.is_rounded = is_rounded;
        }
    }

    fn get(&self, mark: Mark) -> Option<i64> {
        match mark {
            Mark::Listed => self.listed,
            Mark::Seen => self.seen,
            Mark::Rating => self.rating,
            Mark::Viewed => None,
        }
    }
}

/// Stores the marks that the visitor does not have yet, as far as there is room.
fn store(visitor: &mut Visitor, films: &HashMap<i32, Merged>, order: &[i32]) -> Result<Counts> {
    let mut stored: HashMap<&str, usize> = HashMap::new();
    let mut rounded = 0;
    let mut new: HashSet<i32> = HashSet::new();
    let mut no_room: HashSet<i32> = HashSet::new();
    for mark in Mark::ALL {
        let marks: Vec<(Mark, i32, i64)> = order
            .iter()
            .filter_map(|id| Some((mark, *id, films[id].get(mark)?)))
            .filter(|(_, id, value)| match visitor.marks().get(mark, *id) {
                Some(known) => mark == Mark::Rating && known != *value,
                None => true,
            })
            .collect();
        new.extend(marks.iter().map(|(_, id, _)| *id));
        for some in marks.chunks(BATCH_SIZE) {
            match visitor.set(some) {
                Ok(()) => {
                    *stored.entry(mark.name()).or_default() += some.len();
                    let is_rounded = |id| mark == Mark::Rating && films[id].is_rounded;
                    rounded += some.iter().filter(|(_, id, _)| is_rounded(id)).count();
                }
                Err(Error::Full(_)) => no_room.extend(some.iter().map(|(_, id, _)| *id)),
                Err(error) => return Err(error),
            }
        }
    }
    let count = |mark: Mark| stored.get(mark.name()).copied().unwrap_or_default();
    Ok(Counts {
        to_watchlist: count(Mark::Listed),
        to_seen: count(Mark::Seen),
        ratings: count(Mark::Rating),
        rounded,
        moved: films.values().filter(|film| film.is_moved).count(),
        already: order.len() - new.len(),
        no_room: no_room.len(),
    })
}

/// Returns the time of a mark in seconds since 1970: the day of the line. Films of the same day keep the
/// order of the file.
fn time(line: &Line) -> i64 {
    let now = Utc::now().timestamp();
    let day = line.day.map(|day| day.and_time(NaiveTime::MIN).and_utc().timestamp());
    let day = day.filter(|day| (1..=now).contains(day)).unwrap_or(now);
    day + i64::try_from(line.number).unwrap_or_default().min(86_399)
}
