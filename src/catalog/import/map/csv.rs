//! A table of any origin.

use super::super::bytes::Opened;
use super::super::report::Notes;
use super::super::source::{Entry, Source};
use super::super::table::{Dialect, RFC_4180, Table};
use super::{Fields, Map};

pub struct Csv {
    table: Table,
    map: Map,
}

impl Csv {
    /// # Errors
    /// When no column is a title.
    pub fn new(file: Opened, map: Map) -> anyhow::Result<Self> {
        let dialect = Dialect { delimiter: delimiter(&file.head), ..RFC_4180 };
        let table = Table::open(file, dialect, &[])?;
        anyhow::ensure!(
            map.knows_title(table.columns()),
            "{}: no column is the title; --map title=COLUMN names it",
            table.place().file
        );
        Ok(Self { table, map })
    }
}

impl Source for Csv {
    fn next(&mut self, notes: &mut Notes) -> anyhow::Result<Option<Entry>> {
        if !self.table.next(notes)? {
            return Ok(None);
        }
        let place = self.table.place().clone();
        let cell =
            |column: &str| Some((column.to_owned(), vec![self.table.get(column)?.to_owned()]));
        let fields: Fields = self.table.columns().filter_map(cell).collect();
        let draft = self.map.draft(&fields, &['|'], &place, notes);
        Ok(Some(Entry { place, draft }))
    }
}

/// What stands most often in the header line.
pub fn delimiter(head: &[u8]) -> u8 {
    let header = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| header.iter().filter(|byte| **byte == delimiter).count();
    // Of equals the last is the greatest: the comma.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}
