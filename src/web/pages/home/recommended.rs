//! Recommendations, based only on the visitor's marks and recently viewed films.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::catalog::index::{Index, Related};
use crate::catalog::movies::{self, CreditedMovie};
use crate::db::Connection;
use crate::web::components::card::Card;
use crate::web::components::explanation::Explanation;
use crate::web::error::Result;
use crate::web::visitor::{Mark, Marks, Visitor};

const MAX_FILMS: usize = 12;

/// Films that recommendations are based on; the latest ones.
const MAX_SEEDS: usize = 12;

/// Half stars; films rated lower are not a base for recommendations.
const MIN_RATING: i64 = 6;

/// Returns films that resemble the visitor's, each with an explanation; none that is already viewed
/// or marked. The same session and catalogue give the same films.
pub async fn cards(conn: &mut Connection, index: &Index, visitor: &Visitor) -> Result<Vec<Card>> {
    let seeds = seeds(visitor.marks());
    let related = index.related(&seeds, &known(visitor.marks()), MAX_FILMS);
    let ids: Vec<i32> = related.iter().flat_map(|one| [one.id, one.seed]).collect();
    let films = movies::with_ids(conn, &ids).await?;
    let mut films: HashMap<i32, CreditedMovie> =
        films.into_iter().map(|film| (film.movie.id, film)).collect();
    let titles: HashMap<i32, String> =
        films.iter().map(|(id, film)| (*id, film.movie.title.clone())).collect();
    let card = |one: &Related<'_>| {
        let film = films.remove(&one.id)?;
        let like = titles.get(&one.seed).cloned();
        let explanation = Some(Explanation::new(&one.shared, &film.directors, like));
        Some(Card { explanation, ..Card::from(film) })
    };
    Ok(Card::grid(related.iter().filter_map(card)))
}

/// Returns the films last viewed, listed or seen, except those rated low.
fn seeds(marks: &Marks) -> Vec<i32> {
    let mut last: HashMap<i32, i64> = HashMap::new();
    for mark in [Mark::Listed, Mark::Seen, Mark::Viewed] {
        for (film, time) in marks.films(mark) {
            let latest = last.entry(film).or_insert(time);
            *latest = time.max(*latest);
        }
    }
    last.retain(|film, _| marks.get(Mark::Rating, *film).is_none_or(|rating| rating >= MIN_RATING));
    let mut seeds: Vec<(i32, i64)> = last.into_iter().collect();
    seeds.sort_unstable_by_key(|&(film, time)| Reverse((time, film)));
    seeds.truncate(MAX_SEEDS);
    seeds.into_iter().map(|(film, _)| film).collect()
}

/// Returns the films not to recommend.
fn known(marks: &Marks) -> Vec<i32> {
    Mark::ALL.into_iter().flat_map(|mark| marks.films(mark)).map(|(film, _)| film).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_the_latest_films_not_rated_low() {
        let mut marks = Marks::default();
        for (mark, film, value) in [
            (Mark::Viewed, 1, 100),
            (Mark::Listed, 1, 50),
            (Mark::Listed, 2, 300),
            (Mark::Seen, 3, 200),
            (Mark::Rating, 3, 5),
            (Mark::Seen, 4, 150),
            (Mark::Rating, 4, 6),
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
