//! Rows of tab-separated fields. There is no quoting: a quotation mark is a character like any other.

use anyhow::{Context, bail};

use super::super::diagnostics::{Diagnostics, SourceLocation};
use super::super::input::Opened;
use super::super::lines::Lines;

/// The field for no value.
pub const NULL: &str = "\\N";

/// A file of which `N` columns matter.
pub struct Tsv<const N: usize> {
    lines: Lines,
    /// The positions of those columns.
    wanted: [usize; N],
    columns: usize,
    row: String,
    ends: Vec<usize>,
    location: SourceLocation,
}

impl<const N: usize> Tsv<N> {
    /// # Errors
    /// When the header lacks one of the columns.
    pub fn new(file: Opened, columns: &[&str; N]) -> anyhow::Result<Self> {
        let mut lines = Lines::new(file);
        let header = lines.next()?.unwrap_or_default().to_owned();
        let location = lines.location().clone();
        let names: Vec<&str> = header.split('\t').collect();
        let mut wanted = [0; N];
        for (index, column) in wanted.iter_mut().zip(columns) {
            let found = names.iter().position(|name| name == column);
            *index = found.with_context(|| format!("{location}: there is no column {column:?}"))?;
        }
        let columns = names.len();
        Ok(Self { lines, wanted, columns, row: String::new(), ends: Vec::new(), location })
    }

    /// Returns the fields of the next row, in the order of the columns that were asked for, and its
    /// location. A row with another number of columns is reported; at the end of the file it means that
    /// the file was cut off.
    pub fn next(
        &mut self,
        diagnostics: &mut Diagnostics,
    ) -> anyhow::Result<Option<([&str; N], &SourceLocation)>> {
        loop {
            let Some(line) = self.lines.next()? else { return Ok(None) };
            self.row.clear();
            self.row.push_str(line);
            self.ends.clear();
            self.ends.extend(line.match_indices('\t').map(|(at, _)| at));
            self.ends.push(self.row.len());
            self.location.line = self.lines.location().line;
            if self.ends.len() == self.columns {
                break;
            }
            let fields = self.ends.len();
            if !self.lines.ended() {
                bail!("{}: the file is cut off", self.location);
            }
            let reason = format!("{fields} fields instead of {}", self.columns);
            diagnostics.skip(&self.location, "a row with another number of columns", reason);
        }
        let fields = self.wanted.map(|index| {
            let start = index.checked_sub(1).map_or(0, |before| self.ends[before] + 1);
            &self.row[start..self.ends[index]]
        });
        Ok(Some((fields, &self.location)))
    }

    /// The location of the row read last, and at first of the header.
    pub fn location(&self) -> &SourceLocation {
        &self.location
    }
}

/// Returns the number in `tt0079944` or `nm0000001`.
pub fn number(identifier: &str) -> Option<u32> {
    let digits = identifier.get(2..)?;
    let all = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    all.then(|| digits.parse().ok())?
}
