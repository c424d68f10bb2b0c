//! A file of comma-separated values: a header line, then rows whose cells are read by the name of
//! their column.

use std::collections::HashMap;

use anyhow::{Context, bail};
use csv::{ErrorKind, StringRecord, Terminator};

use super::bytes::{Limited, Opened};
use super::report::{Notes, Place};

/// What differs between families of files.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    pub delimiter: u8,
    /// The mark before a quote inside quotes; without one, a quote is written twice (RFC 4180).
    pub escape: Option<u8>,
    /// A cell that holds nothing.
    pub null: &'static str,
}

pub const RFC_4180: Dialect = Dialect { delimiter: b',', escape: None, null: "" };

pub struct Table {
    reader: csv::Reader<Limited>,
    columns: HashMap<String, usize>,
    width: usize,
    row: StringRecord,
    place: Place,
    dialect: Dialect,
    /// The first line is already a row: the file has no header.
    started: bool,
}

impl Table {
    /// `columns`, if any, are the names in place of the header's, which may be missing.
    pub fn open(file: Opened, dialect: Dialect, columns: &[&str]) -> anyhow::Result<Self> {
        let place = Place { file: file.name, line: 1 };
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(dialect.delimiter)
            // Counting lines right; a carriage return before it is trimmed with the last cell.
            .terminator(Terminator::Any(b'\n'))
            .escape(dialect.escape)
            .double_quote(dialect.escape.is_none())
            .from_reader(Limited::new(file.bytes));
        let (row, no_columns) = (StringRecord::new(), HashMap::new());
        let mut table =
            Self { reader, columns: no_columns, width: 0, row, place, dialect, started: false };
        if !table.read()? {
            bail!("{}: the file is empty", table.place.file);
        }
        table.width = table.row.len();
        let first = table.row.iter().map(str::trim).next();
        table.started = columns.first().is_some_and(|column| first != Some(column));
        let header: Vec<&str> = match columns {
            [] => table.row.iter().map(str::trim).collect(),
            columns => columns.to_vec(),
        };
        // Of two columns of one name the first is meant.
        let named = header.iter().enumerate().rev();
        table.columns = named.map(|(index, name)| ((*name).to_owned(), index)).collect();
        Ok(table)
    }

    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// Whether there is another row with as many cells as the header; others are reported.
    pub fn next(&mut self, notes: &mut Notes) -> anyhow::Result<bool> {
        loop {
            if !std::mem::take(&mut self.started) && !self.read()? {
                return Ok(false);
            }
            let (cells, columns) = (self.row.len(), self.width);
            if self.row.iter().all(is_blank) {
                notes.skip(&self.place, "an empty row", "the row is empty");
            } else if cells >= columns && self.row.iter().skip(columns).all(is_blank) {
                return Ok(true);
            } else if self.reader.get_ref().ended_within_a_line() {
                bail!(
                    "{}: the file is cut off: its last row has {cells} columns instead of {columns}",
                    self.place
                );
            } else {
                let reason = format!("{cells} columns instead of {columns}");
                notes.skip(&self.place, "a row of another width", reason);
            }
        }
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The cell in that column, trimmed; `None` if it is empty, null, or there is no such column.
    pub fn get(&self, column: &str) -> Option<&str> {
        let cell = self.row.get(*self.columns.get(column)?)?.trim();
        (!cell.is_empty() && cell != self.dialect.null).then_some(cell)
    }

    fn read(&mut self) -> anyhow::Result<bool> {
        self.reader.get_mut().renew();
        let line = self.reader.position().line();
        let read = self.reader.read_record(&mut self.row);
        self.place.line = self.row.position().map_or(line, csv::Position::line);
        read.map_err(|error| match error.into_kind() {
            ErrorKind::Utf8 { .. } => anyhow::anyhow!("the text is not UTF-8"),
            ErrorKind::Io(error) => {
                anyhow::Error::new(error).context("the file is cut off or damaged")
            }
            kind => anyhow::anyhow!("{kind:?}"),
        })
        .with_context(|| self.place.to_string())
    }
}

fn is_blank(cell: &str) -> bool {
    cell.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::import::bytes;
    use crate::catalog::import::tests::input;

    fn rows(bytes: &[u8], dialect: Dialect) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        let file = bytes::open(input("t.csv", bytes), None)?;
        let mut table = Table::open(file, dialect, &["id", "name"])?;
        let (mut rows, mut notes) = (Vec::new(), Notes::default());
        while table.next(&mut notes)? {
            let cell = |name| table.get(name).unwrap_or("-");
            rows.push(format!("{} {}", cell("id"), cell("name")));
        }
        Ok((rows, notes.take().0.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn cells_are_read_by_name_and_odd_rows_are_told() {
        let text = "\u{feff}id,name\r\n1,\"A \"\"b\"\", c\"\r\n,\r\n2\r\n3, x ,\r\n4,y,z\r\n";
        let (rows, notes) = rows(text.as_bytes(), RFC_4180).unwrap();
        assert_eq!(rows, ["1 A \"b\", c", "3 x"]);
        assert_eq!(
            notes,
            [
                "t.csv:3: the row is empty",
                "t.csv:4: 1 columns instead of 2",
                "t.csv:6: 3 columns instead of 2"
            ]
        );
    }

    #[test]
    fn a_backslash_may_escape_quotes_and_not_be_lost_in_null() {
        let omdb = Dialect { escape: Some(b'\\'), null: "\\N", ..RFC_4180 };
        let text = "\"id\",\"name\"\n\"1\",\"A \\\"b\\\"\"\n\"2\",\\N\n";
        assert_eq!(rows(text.as_bytes(), omdb).unwrap().0, ["1 A \"b\"", "2 -"]);
        let bare = "\"1\",\"A\"\n";
        assert_eq!(rows(bare.as_bytes(), omdb).unwrap().0, ["1 A"]);
    }

    #[test]
    fn a_cut_file_and_an_endless_quote_are_errors() {
        let error = |bytes: &[u8]| format!("{:#}", rows(bytes, RFC_4180).unwrap_err());
        assert!(error(b"id,name\n1,a\n2").contains("t.csv:3: the file is cut off"));
        assert!(error(b"id,name\n1,caf\xe9\n").contains("t.csv:2: the text is not UTF-8"));
        assert!(error(b"").contains("empty"));
        let mut endless = b"id,name\n1,\"".to_vec();
        endless.resize(3_000_000, b'x');
        assert!(error(&endless).contains("longer than"));
    }
}
