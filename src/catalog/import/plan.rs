//! The result of an import, or of a dry run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::diagnostics::{Causes, Outcome, Problem};
use super::source::Format;
use crate::catalog::record::{Key, MovieRecord};

/// Problems of one kind that are kept as examples.
pub const MAX_EXAMPLES: usize = 10;
/// Movies that are shown as they would be stored, and movies that would be removed.
pub const MAX_SAMPLES: usize = 10;

/// The result of an import. A dry run returns it without storing anything.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub files: Vec<FilePlan>,
    /// Records in the files: each is counted in `movies`, `people`, `skipped` or `excluded`.
    pub read: u64,
    pub movies: Counts,
    /// Records about people.
    pub people: Counts,
    /// People that only the movies' credits name.
    pub people_added: u64,
    /// Records that could not be used.
    pub skipped: Causes,
    /// Records that the options exclude.
    pub excluded: Causes,
    /// Values that were left out or corrected.
    pub fixed: Causes,
    /// The first problems of each kind, by cause.
    pub problems: BTreeMap<&'static str, Vec<Problem>>,
    /// The first movies as they are stored.
    pub samples: Vec<MovieRecord>,
    /// Movies in the catalogue before the import.
    pub movies_before: u64,
    /// Movies that `replace` removes.
    pub removed: u64,
    /// Titles of the first of them.
    pub removed_titles: Vec<String>,
    /// Why `replace` would be refused.
    pub refusal: Option<String>,
}

/// How one file was read.
#[derive(Debug, Clone)]
pub struct FilePlan {
    pub name: Arc<str>,
    pub format: Format,
    /// Why the file is of that format.
    pub reason: String,
    /// Empty for formats whose columns are fixed.
    pub columns: Vec<ColumnPlan>,
}

/// A column or key of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPlan {
    pub name: Arc<str>,
    /// `None` if the column is not used.
    pub field: Option<Key>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub added: u64,
    pub updated: u64,
    pub unchanged: u64,
}

impl Counts {
    pub fn total(self) -> u64 {
        self.added + self.updated + self.unchanged
    }
}

impl Plan {
    pub(super) fn count(&mut self, problem: &Problem) {
        let causes = match problem.outcome {
            Outcome::Skipped => &mut self.skipped,
            Outcome::Fixed => &mut self.fixed,
            Outcome::Unused => return,
        };
        *causes.entry(problem.cause).or_default() += 1;
        let examples = self.problems.entry(problem.cause).or_default();
        if examples.len() < MAX_EXAMPLES {
            examples.push(problem.clone());
        }
    }

    pub fn total_skipped(&self) -> u64 {
        self.skipped.values().sum()
    }

    pub fn total_fixed(&self) -> u64 {
        self.fixed.values().sum()
    }

    pub fn total_excluded(&self) -> u64 {
        self.excluded.values().sum()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            writeln!(out, "{}: {}", file.name, file.reason)?;
            let used = file.columns.iter().filter_map(|column| {
                column.field.map(|field| format!("{} ({})", column.name, field.name()))
            });
            list(out, "    used: ", &used.collect::<Vec<_>>())?;
            let unused = file.columns.iter().filter(|column| column.field.is_none());
            list(
                out,
                "    not used: ",
                &unused.map(|one| one.name.to_string()).collect::<Vec<_>>(),
            )?;
        }
        writeln!(out, "films: {}", self.movies)?;
        if self.people.total() > 0 {
            writeln!(out, "records about directors: {}", self.people)?;
        }
        if self.people_added > 0 {
            writeln!(out, "people added with films: {}", self.people_added)?;
        }
        write!(out, "records read: {}", self.read)?;
        causes(out, "skipped", &self.skipped)?;
        causes(out, "excluded", &self.excluded)?;
        causes(out, "values left out or corrected", &self.fixed)?;
        if self.removed > 0 {
            write!(out, "\nfilms removed: {}", self.removed)?;
        }
        Ok(())
    }
}

fn list(out: &mut fmt::Formatter<'_>, label: &str, names: &[String]) -> fmt::Result {
    if names.is_empty() { Ok(()) } else { writeln!(out, "{label}{}", names.join(", ")) }
}

fn causes(out: &mut fmt::Formatter<'_>, name: &str, causes: &Causes) -> fmt::Result {
    if !causes.is_empty() {
        write!(out, "\n{name}: {}", causes.values().sum::<u64>())?;
    }
    for (cause, count) in causes {
        write!(out, "\n{count:>10}  {cause}")?;
    }
    Ok(())
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { added, updated, unchanged } = self;
        write!(out, "{added} added, {updated} updated, {unchanged} unchanged")
    }
}
