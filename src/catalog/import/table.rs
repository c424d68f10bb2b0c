//! Tables: a header line, then rows whose cells are read by the name of their column.

use anyhow::{Context, bail};
use csv::{ErrorKind, StringRecord, Terminator};

use super::diagnostics::{Diagnostics, SourceLocation};
use super::input::Opened;
use super::limited::Limited;

/// The differences between families of files.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    pub delimiter: u8,
    /// The character before a quote inside quotes; without one, a quote is doubled (RFC 4180).
    pub escape: Option<u8>,
    /// The cell for no value.
    pub null: &'static str,
}

pub const RFC_4180: Dialect = Dialect { delimiter: b',', escape: None, null: "" };

/// Rows within one quoted value that show that its closing quote is missing.
const MIN_ROWS_IN_A_VALUE: usize = 2;

pub struct Table {
    reader: csv::Reader<Limited>,
    columns: Vec<String>,
    width: usize,
    row: StringRecord,
    location: SourceLocation,
    dialect: Dialect,
    encoding_error: String,
    /// The first line is already a row: the file has no header.
    started: bool,
}

impl Table {
    /// `columns`, if any, are the names in place of the header's, which may be missing.
    ///
    /// # Errors
    /// When the file is empty or damaged.
    pub fn open(file: Opened, dialect: Dialect, columns: &[&str]) -> anyhow::Result<Self> {
        let location = SourceLocation::new(file.name, 1);
        let encoding_error = Opened::encoding_error(&file.head);
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(dialect.delimiter)
            // Counts lines right; a carriage return before it is trimmed with the last cell.
            .terminator(Terminator::Any(b'\n'))
            .escape(dialect.escape)
            .double_quote(dialect.escape.is_none())
            .from_reader(Limited::with_quotes(file.bytes, dialect.delimiter, dialect.escape));
        let mut table = Self {
            reader,
            columns: Vec::new(),
            width: 0,
            row: StringRecord::new(),
            location,
            dialect,
            encoding_error,
            started: false,
        };
        if !table.read()? {
            bail!("{}: the file is empty", table.location.file);
        }
        // Excel writes the delimiter in a line of its own.
        let is_separator_line =
            table.row.get(0).is_some_and(|cell| cell.trim().starts_with("sep="));
        if columns.is_empty() && is_separator_line && !table.read()? {
            bail!("{}: the file is empty", table.location.file);
        }
        table.width = table.row.len();
        let first = table.row.iter().map(str::trim).next();
        table.started = columns.first().is_some_and(|column| first != Some(column));
        table.columns = match columns {
            [] => table.row.iter().map(|cell| cell.trim().to_owned()).collect(),
            columns => columns.iter().map(|column| (*column).to_owned()).collect(),
        };
        Ok(table)
    }

    /// The names of the header, in its order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Whether there is another row with as many cells as the header; others are reported.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn next(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<bool> {
        loop {
            if !std::mem::take(&mut self.started) && !self.read()? {
                return Ok(false);
            }
            self.check_quotes(diagnostics);
            let (cells, columns) = (self.row.len(), self.width);
            if self.row.iter().all(is_blank) {
                diagnostics.skip(&self.location, "an empty row", "the row is empty");
            } else if cells >= columns && self.row.iter().skip(columns).all(is_blank) {
                self.check_for_rows(diagnostics);
                return Ok(true);
            } else if self.reader.get_ref().ended_within_a_line() {
                bail!(
                    "{}: the file is cut off: its last row has {cells} columns instead of {columns}",
                    self.location
                );
            } else {
                let message = format!(
                    "the row has {cells} columns and the header {columns}; a value with the delimiter \
                     {:?} in it must be quoted",
                    char::from(self.dialect.delimiter)
                );
                diagnostics.skip(&self.location, "a row with another number of columns", message);
            }
        }
    }

    pub fn location(&self) -> &SourceLocation {
        &self.location
    }

    /// Returns the cell in that column, trimmed; `None` if it is empty, null, or there is no such
    /// column. Of two columns of one name it is the first.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.cell(self.columns.iter().position(|name| name == column)?)
    }

    /// Returns a cell by the number of its column.
    pub fn cell(&self, column: usize) -> Option<&str> {
        let cell = self.row.get(column)?.trim();
        (!cell.is_empty() && cell != self.dialect.null).then_some(cell)
    }

    /// Reports a quoted value whose lines look like rows: its closing quote may be missing.
    fn check_for_rows(&self, diagnostics: &mut Diagnostics) {
        let delimiter = char::from(self.dialect.delimiter);
        let is_row = |line: &&str| line.matches(delimiter).count() + 1 == self.width;
        for cell in self.row.iter().filter(|cell| cell.contains('\n')) {
            let rows = cell.lines().skip(1).filter(is_row).count();
            if rows >= MIN_ROWS_IN_A_VALUE && self.width > 1 {
                let message = format!(
                    "a quoted value of this row holds {rows} lines that look like rows: the quote that \
                     opens here may not be closed"
                );
                diagnostics.fix(&self.location, "a quoted value that holds rows", message);
            }
        }
    }

    /// Reports quotes within quoted values that are neither doubled nor escaped.
    fn check_quotes(&mut self, diagnostics: &mut Diagnostics) {
        let end = self.reader.position().line();
        while let Some(line) = self.reader.get_mut().stray_quote(end) {
            let location = SourceLocation { line, ..self.location.clone() };
            let message =
                "a quoted value goes on after its closing quote; a quote in it must be doubled";
            diagnostics.fix(&location, "a quote that is not doubled", message.to_owned());
        }
    }

    fn read(&mut self) -> anyhow::Result<bool> {
        self.reader.get_mut().renew();
        let line = self.reader.position().line();
        let read = self.reader.read_record(&mut self.row);
        self.location.line = self.row.position().map_or(line, csv::Position::line);
        let read = read
            .map_err(|error| match error.into_kind() {
                ErrorKind::Utf8 { .. } => anyhow::anyhow!("{}", self.encoding_error),
                ErrorKind::Io(error) => {
                    anyhow::Error::new(error).context("the file is cut off or damaged")
                }
                kind => anyhow::anyhow!("{kind:?}"),
            })
            .with_context(|| self.location.to_string())?;
        // Every row was read before the end was reached, except one with an open quote.
        if let Some(line) = self.reader.get_ref().open_quote().filter(|_| self.reader.is_done()) {
            let location = SourceLocation { line, ..self.location.clone() };
            bail!("{location}: the quote that opens in this line is never closed");
        }
        Ok(read)
    }
}

fn is_blank(cell: &str) -> bool {
    cell.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::catalog::import::tests::opened;

    fn rows(bytes: &[u8], dialect: Dialect) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        let file = opened("t.csv", bytes)?;
        let mut table = Table::open(file, dialect, &["id", "name"])?;
        let (mut rows, mut problems) = (Vec::new(), Diagnostics::default());
        while table.next(&mut problems)? {
            let cell = |name| table.get(name).unwrap_or("-");
            rows.push(format!("{} {}", cell("id"), cell("name")));
        }
        Ok((rows, problems.take().0.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn quotes_that_are_not_doubled_are_reported() {
        let text =
            "id,name\n1,\"A \"b\" c\"\n2,\"B\" \n3,\"C \"\"d\"\"\"\n4,5\" disk\n5,\"E\nF\"g\n";
        let (rows, problems) = rows(text.as_bytes(), RFC_4180).unwrap();
        assert_eq!(rows.len(), 5);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].starts_with("t.csv:2: ") && problems[1].starts_with("t.csv:7: "));
    }

    #[test]
    fn cells_are_read_by_name_and_odd_rows_are_reported() {
        let text = "\u{feff}id,name\r\n1,\"A \"\"b\"\", c\"\r\n,\r\n2\r\n3, x ,\r\n4,y,z\r\n";
        let (rows, problems) = rows(text.as_bytes(), RFC_4180).unwrap();
        assert_eq!(rows, ["1 A \"b\", c", "3 x"]);
        assert_eq!(
            problems,
            [
                "t.csv:3: the row is empty",
                "t.csv:4: the row has 1 columns and the header 2; a value with the delimiter ',' in it \
                 must be quoted",
                "t.csv:6: the row has 3 columns and the header 2; a value with the delimiter ',' in it \
                 must be quoted"
            ]
        );
    }

    #[test]
    fn cell_that_spans_rows_is_reported() {
        let text = "id,name\n1,\"A\n2,B\n3,C\n4,\"D\n5,E\n";
        let (rows, problems) = rows(text.as_bytes(), RFC_4180).unwrap();
        assert_eq!((rows.len(), problems.len()), (2, 2), "{problems:?}");
        assert!(problems[0].starts_with("t.csv:5: a quoted value goes on"));
        assert!(problems[1].starts_with("t.csv:2: a quoted value of this row holds 3 lines"));
    }

    #[test]
    fn csv_backslash_escapes_quotes_except_in_null() {
        let omdb = Dialect { escape: Some(b'\\'), null: "\\N", ..RFC_4180 };
        let text = "\"id\",\"name\"\n\"1\",\"A \\\"b\\\"\"\n\"2\",\\N\n";
        assert_eq!(rows(text.as_bytes(), omdb).unwrap().0, ["1 A \"b\"", "2 -"]);
        let bare = "\"1\",\"A\"\n";
        assert_eq!(rows(bare.as_bytes(), omdb).unwrap().0, ["1 A"]);
    }

    #[test]
    fn cut_files_and_open_quotes_are_errors() {
        let error = |bytes: &[u8]| format!("{:#}", rows(bytes, RFC_4180).unwrap_err());
        assert!(error(b"id,name\n1,a\n2").contains("t.csv:3: the file is cut off"));
        assert!(
            error(b"id,name\n1,caf\xe9\n").contains("t.csv:2: the text is not UTF-8; it may be")
        );
        assert!(error(b"").contains("empty"));
        assert!(error(b"id,name\n1,a\n2,\"open\n3,b\n").contains("t.csv:3: the quote"));
        let mut endless = b"id,name\n1,\"".to_vec();
        endless.resize(3_000_000, b'x');
        assert!(error(&endless).contains("longer than"));
    }
}
