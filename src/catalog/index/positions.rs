//! The positions of changed rows in the collation order of the database.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Integer};
use diesel_async::RunQueryDsl;

use super::as_u32;
use crate::catalog::id_remap::IdRemap;
use crate::db::Connection;

/// A table with its sort column; ties are broken by id.
pub(super) struct SortedTable {
    pub table: &'static str,
    pub column: &'static str,
}

#[derive(QueryableByName)]
struct Comparison {
    #[diesel(sql_type = Bool)]
    before: bool,
}

/// Returns the new positions of the rows `old`, of which those at the ascending positions `removed` are
/// removed and the rows `new` are added. Both lists of ids are sorted.
///
/// # Errors
/// Returns an error if the database fails, or a kept row is missing.
pub(super) async fn remap(
    conn: &mut Connection,
    table: &SortedTable,
    old: &[i32],
    removed: &[u32],
    new: &[i32],
) -> QueryResult<IdRemap> {
    let kept = IdRemap::new(old.len(), removed, &[]).merge(old.iter().copied(), []);
    Ok(IdRemap::new(old.len(), removed, &before(conn, table, &kept, new).await?))
}

/// Counts the sorted rows `kept` before each of `new`, by one binary search for all of them: twenty
/// short statements for a million rows.
async fn before(
    conn: &mut Connection,
    SortedTable { table, column }: &SortedTable,
    kept: &[i32],
    new: &[i32],
) -> QueryResult<Vec<u32>> {
    let statement = format!(
        "SELECT (one.{column}, one.id) < (other.{column}, other.id) AS before \
         FROM unnest($1, $2) WITH ORDINALITY AS pair (one, other, position) \
         JOIN {table} AS one ON one.id = pair.one JOIN {table} AS other ON other.id = pair.other \
         ORDER BY position"
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
            return Ok(ranges.into_iter().map(|range| as_u32(range.start)).collect());
        }
        let comparisons: Vec<Comparison> = sql_query(&statement)
            .bind::<Array<Integer>, _>(probes)
            .bind::<Array<Integer>, _>(ids)
            .load(conn)
            .await?;
        // A row is missing although the change log does not mention it.
        if comparisons.len() != open.len() {
            return Err(diesel::result::Error::NotFound);
        }
        for (range, Comparison { before }) in open.into_iter().zip(comparisons) {
            let middle = range.start.midpoint(range.end);
            *range = if before { middle + 1..range.end } else { range.start..middle };
        }
    }
}
