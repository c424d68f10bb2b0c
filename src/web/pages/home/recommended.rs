//! Films for this visitor, from what this session knows and nothing else.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::catalog::index::{Index, Related};
use crate::catalog::movies::{self, CreditedMovie};
use crate::db::Connection;
use crate::web::components::card::Card;
use crate::web::components::explanation::Reason;
use crate::web::error::Result;
use crate::web::visitor::{Mark, Marks, Visitor};

const MOST: usize = 12;

/// Films that recommendations start from: the last ones.
const MOST_SEEDS: usize = 12;

/// A film with fewer stars is no reason to see another like it.
const LIKED: i64 = 3;

/// Each with the film that it is like, and what the two share. The same session and catalogue give
/// the same films; none that was opened, listed, seen or rated is among them.
pub async fn cards(conn: &mut Connection, index: &Index, visitor: &Visitor) -> Result<Vec<Card>> {
    let seeds = seeds(visitor.marks());
    let related = index.related(&seeds, &known(visitor.marks()), MOST);
    let ids: Vec<i32> = related.iter().flat_map(|one| [one.id, one.seed]).collect();
    let films = movies::with_ids(conn, &ids).await?;
    let mut films: HashMap<i32, CreditedMovie> =
        films.into_iter().map(|film| (film.movie.id, film)).collect();
    let titles: HashMap<i32, String> =
        films.iter().map(|(id, film)| (*id, film.movie.title.clone())).collect();
    let card = |one: &Related<'_>| {
        let film = films.remove(&one.id)?;
        let like = titles.get(&one.seed).cloned();
        let reason = Some(Reason::new(&one.shared, &film.directors, like));
        Some(Card { reason, ..Card::from(film) })
    };
    Ok(related.iter().filter_map(card).collect())
}

/// The films that were opened, listed or seen last, but for those that were not liked.
fn seeds(marks: &Marks) -> Vec<i32> {
    let mut last: HashMap<i32, i64> = HashMap::new();
    for mark in [Mark::Listed, Mark::Seen, Mark::Viewed] {
        for (film, time) in marks.films(mark) {
            let latest = last.entry(film).or_insert(time);
            *latest = time.max(*latest);
        }
    }
    last.retain(|film, _| marks.get(Mark::Rating, *film).is_none_or(|stars| stars >= LIKED));
    let mut seeds: Vec<(i32, i64)> = last.into_iter().collect();
    seeds.sort_unstable_by_key(|&(film, time)| Reverse((time, film)));
    seeds.truncate(MOST_SEEDS);
    seeds.into_iter().map(|(film, _)| film).collect()
}

fn known(marks: &Marks) -> Vec<i32> {
    Mark::ALL.into_iter().flat_map(|mark| marks.films(mark)).map(|(film, _)| film).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_films_that_were_not_disliked_are_what_counts() {
        let mut marks = Marks::default();
        for (mark, film, value) in [
            (Mark::Viewed, 1, 100),
            (Mark::Listed, 1, 50),
            (Mark::Listed, 2, 300),
            (Mark::Seen, 3, 200),
            (Mark::Rating, 3, 2),
            (Mark::Seen, 4, 150),
            (Mark::Rating, 4, 3),
        ] {
            marks.insert(mark, film, value);
        }
        assert_eq!(seeds(&marks), [2, 4, 1]);
        for film in 10..40 {
            marks.insert(Mark::Viewed, film, 1000);
        }
        assert_eq!(seeds(&marks), (28..40).rev().collect::<Vec<_>>());
    }
}
