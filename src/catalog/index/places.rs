//! Where films and directors stand in the database's own order.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Integer};
use diesel_async::RunQueryDsl;

use super::number;
use crate::catalog::id_remap::IdRemap;
use crate::db::Connection;

/// A table with the column that its rows are in order of, ties by id.
pub(super) struct Ordered {
    pub table: &'static str,
    pub column: &'static str,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    before: bool,
}

/// New numbers for rows whose ids were `old`, in order: those at `gone` fall away, ascending; those
/// with the ids `new` are added, in order, too.
pub(super) async fn renumber(
    conn: &mut Connection,
    rows: &Ordered,
    old: &[i32],
    gone: &[u32],
    new: &[i32],
) -> QueryResult<IdRemap> {
    let kept = IdRemap::new(old.len(), gone, &[]).merge(old.iter().copied(), []);
    Ok(IdRemap::new(old.len(), gone, &before(conn, rows, &kept, new).await?))
}

/// How many of the rows `kept`, which are in order, stand before each of `new`. The range where it
/// can stand is halved for all at once: twenty statements for a million rows, of few rows each.
async fn before(
    conn: &mut Connection,
    Ordered { table, column }: &Ordered,
    kept: &[i32],
    new: &[i32],
) -> QueryResult<Vec<u32>> {
    let statement = format!(
        "SELECT (one.{column}, one.id) < (other.{column}, other.id) AS before \
         FROM unnest($1, $2) WITH ORDINALITY AS pair (one, other, place) \
         JOIN {table} AS one ON one.id = pair.one JOIN {table} AS other ON other.id = pair.other \
         ORDER BY place"
    );
    let mut ranges = vec![0..kept.len(); new.len()];
    loop {
        let (mut open, mut probes, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for (range, id) in ranges.iter_mut().zip(new).filter(|(range, _)| range.start < range.end) {
            probes.push(kept[range.start.midpoint(range.end)]);
            ids.push(*id);
            open.push(range);
        }
        if open.is_empty() {
            return Ok(ranges.into_iter().map(|range| number(range.start)).collect());
        }
        let answers: Vec<Answer> = sql_query(&statement)
            .bind::<Array<Integer>, _>(probes)
            .bind::<Array<Integer>, _>(ids)
            .load(conn)
            .await?;
        // A row is gone that nobody said had changed.
        if answers.len() != open.len() {
            return Err(diesel::result::Error::NotFound);
        }
        for (range, Answer { before }) in open.into_iter().zip(answers) {
            let middle = range.start.midpoint(range.end);
            *range = if before { middle + 1..range.end } else { range.start..middle };
        }
    }
}
