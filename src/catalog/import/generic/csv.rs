//! A table of any origin.

use anyhow::bail;

use super::super::diagnostics::Diagnostics;
use super::super::input::Opened;
use super::super::mapping::{Columns, RawField};
use super::super::plan::ColumnPlan;
use super::super::profile::Profile;
use super::super::source::{ReadOptions, Source, SourceRecord};
use super::super::table::{Dialect, RFC_4180, Table};
use super::super::usual_columns::title_columns;
use super::MergedRows;
use crate::catalog::record::{Key, Value};

pub struct Csv {
    table: Table,
    names: Vec<String>,
    columns: Columns,
    merged: MergedRows,
}

impl Csv {
    /// # Errors
    /// When no column is a title.
    pub fn new(file: Opened, options: &ReadOptions) -> anyhow::Result<Self> {
        let delimiter = options.delimiter.unwrap_or_else(|| delimiter(&file.head));
        let table = Table::open(file, Dialect { delimiter, ..RFC_4180 }, &[])?;
        let names = table.columns().to_vec();
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        let profile = Profile::detect(&texts, &options.title_types);
        let mut columns = Columns::new(options.mapping.clone(), profile, options.clear_blank);
        for name in &names {
            columns.learn(name);
        }
        options.mapping.check(&columns.plan())?;
        if !columns.has(Key::Title) {
            bail!(
                "{}: no column is a title. The columns are {}; a title is looked for in {} and the \
                 like. --map title=COLUMN names another",
                table.location().file,
                names.join(", "),
                title_columns()
            );
        }
        Ok(Self { table, names, columns, merged: MergedRows::default() })
    }

    pub fn profile(&self) -> &Profile {
        self.columns.profile()
    }

    fn row(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>> {
        while self.table.next(diagnostics)? {
            let location = self.table.location().clone();
            let fields = self.names.iter().enumerate().map(|(index, column)| {
                let text = self.table.cell(index).map(|cell| Value::Text(cell.to_owned()));
                let values = text.into_iter().collect();
                RawField { column: column.clone(), values, unreadable: None, is_list: false }
            });
            let draft = self.columns.draft(fields.collect(), &location, diagnostics);
            if let Some(draft) = draft {
                return Ok(Some(SourceRecord { location, draft }));
            }
        }
        Ok(None)
    }
}

impl Source for Csv {
    fn next(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>> {
        if !self.columns.profile().merges_rows {
            return self.row(diagnostics);
        }
        let mut merged = std::mem::take(&mut self.merged);
        let next = merged.next(|| self.row(diagnostics));
        self.merged = merged;
        next
    }

    fn columns(&self) -> Vec<ColumnPlan> {
        self.columns.plan()
    }
}

/// Returns the delimiter of a table: what a line `sep=;` names, or what occurs most often in the header.
pub fn delimiter(head: &[u8]) -> u8 {
    let header = head.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    if let Some([delimiter]) = header.strip_prefix(b"sep=") {
        return *delimiter;
    }
    let mut quoted = false;
    let mut counts = [(b'|', 0), (b'\t', 0), (b';', 0), (b',', 0)];
    for byte in header {
        quoted ^= *byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!quoted && byte == delimiter);
        }
    }
    // Of equals the last is the greatest: the comma.
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiter_is_detected_in_the_header() {
        for (header, expected) in [
            ("title,year", b','),
            ("title;\"a,b,c\";year", b';'),
            ("title\tyear\n1,2,3,4", b'\t'),
            ("title|year", b'|'),
            ("sep=;\ntitle;year", b';'),
            ("title", b','),
        ] {
            assert_eq!(delimiter(header.as_bytes()), expected, "{header}");
        }
    }
}
