//! Tables and documents of any origin, whose columns are known by their names.

pub mod csv;
pub mod json;
pub mod xml;

use std::collections::HashMap;

use super::source::SourceRecord;
use crate::catalog::record::Key;

/// Joins the rows that are about one film, in the order of their first rows.
#[derive(Default)]
struct MergedRows {
    records: Option<std::vec::IntoIter<SourceRecord>>,
}

impl MergedRows {
    /// Returns the next film. The first call reads every row.
    fn next(
        &mut self,
        mut row: impl FnMut() -> anyhow::Result<Option<SourceRecord>>,
    ) -> anyhow::Result<Option<SourceRecord>> {
        if let Some(records) = &mut self.records {
            return Ok(records.next());
        }
        let mut records: Vec<SourceRecord> = Vec::new();
        let mut by_film: HashMap<String, usize> = HashMap::new();
        while let Some(record) = row()? {
            let film = record.draft.first(Key::Wikidata).map(str::to_owned);
            match film.as_ref().and_then(|film| by_film.get(film)) {
                Some(index) => records[*index].draft.merge(record.draft),
                None => {
                    by_film.extend(film.map(|film| (film, records.len())));
                    records.push(record);
                }
            }
        }
        let records = self.records.insert(records.into_iter());
        Ok(records.next())
    }
}
