//! Rows of tab-separated fields. There is no quoting: a quotation mark is a letter.

use anyhow::{Context, bail};

use super::super::bytes::Opened;
use super::super::lines::Lines;
use super::super::report::{Notes, Place};

/// A field that holds nothing.
pub const NULL: &str = "\\N";

/// A file of which `N` columns matter.
pub struct Tsv<const N: usize> {
    lines: Lines,
    /// Where those columns are.
    wanted: [usize; N],
    columns: usize,
    row: String,
    ends: Vec<usize>,
    place: Place,
}

impl<const N: usize> Tsv<N> {
    /// # Errors
    /// When the header lacks one of the columns.
    pub fn new(file: Opened, columns: &[&str; N]) -> anyhow::Result<Self> {
        let mut lines = Lines::new(file);
        let header = lines.next()?.unwrap_or_default().to_owned();
        let place = lines.place().clone();
        let names: Vec<&str> = header.split('\t').collect();
        let mut wanted = [0; N];
        for (index, column) in wanted.iter_mut().zip(columns) {
            let found = names.iter().position(|name| name == column);
            *index = found.with_context(|| format!("{place}: there is no column {column:?}"))?;
        }
        let columns = names.len();
        Ok(Self { lines, wanted, columns, row: String::new(), ends: Vec::new(), place })
    }

    /// The wanted fields of the next row, in the order in which they were asked for, and where it
    /// stands. A row of
    /// another width is reported; at the end of the file it means that the file was cut off.
    pub fn next(&mut self, notes: &mut Notes) -> anyhow::Result<Option<([&str; N], &Place)>> {
        loop {
            let Some(line) = self.lines.next()? else { return Ok(None) };
            self.row.clear();
            self.row.push_str(line);
            self.ends.clear();
            self.ends.extend(line.match_indices('\t').map(|(at, _)| at));
            self.ends.push(self.row.len());
            self.place.line = self.lines.place().line;
            if self.ends.len() == self.columns {
                break;
            }
            let fields = self.ends.len();
            if !self.lines.ended() {
                bail!("{}: the file is cut off", self.place);
            }
            let reason = format!("{fields} fields instead of {}", self.columns);
            notes.skip(&self.place, "a row of another width", reason);
        }
        let fields = self.wanted.map(|index| {
            let start = index.checked_sub(1).map_or(0, |before| self.ends[before] + 1);
            &self.row[start..self.ends[index]]
        });
        Ok(Some((fields, &self.place)))
    }

    /// Of the row read last, and at first of the header.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

/// The number in `tt0079944` or `nm0000001`.
pub fn number(identifier: &str) -> Option<u32> {
    let digits = identifier.get(2..)?;
    let all = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    all.then(|| digits.parse().ok())?
}
