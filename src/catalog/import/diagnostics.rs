//! The problems of an import: one for each record or value that was not taken as written.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use crate::catalog::record;

/// The position of a record in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLocation {
    pub file: Arc<str>,
    /// From 1.
    pub line: u64,
}

/// The outcome for a record or value that was not taken as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The record was left out.
    Skipped,
    /// The record was taken, with a value left out or corrected.
    Fixed,
    /// A column or key of the file was not used.
    Unused,
}

/// The reason why a record was skipped, or a value left out or corrected.
#[derive(Debug, Clone)]
pub struct Problem {
    pub location: SourceLocation,
    pub outcome: Outcome,
    /// The same for every problem of one kind: plans count by it.
    pub cause: &'static str,
    /// In full, with the value concerned.
    pub message: String,
}

impl SourceLocation {
    pub fn new(file: Arc<str>, line: u64) -> Self {
        Self { file, line }
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.file, self.line)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.location, self.message)
    }
}

/// Numbers of records or values by cause.
pub type Causes = BTreeMap<&'static str, u64>;

/// Problems that are collected before they are passed on.
const BATCH: usize = 1000;

/// Collects problems while records are read.
#[derive(Default)]
pub struct Diagnostics {
    problems: Vec<Problem>,
    /// Records that the import's options exclude, such as episodes: millions in some files, so they
    /// are counted and not listed.
    excluded: Causes,
    /// Skipped and excluded records.
    read: u64,
    /// Reports of unused parts, which many files may share.
    unused: HashSet<String>,
    /// Receives the problems when there are many, to bound memory.
    flush: Option<Box<dyn FnMut(Vec<Problem>)>>,
}

impl Diagnostics {
    pub fn with_flush(flush: impl FnMut(Vec<Problem>) + 'static) -> Self {
        Self { flush: Some(Box::new(flush)), ..Self::default() }
    }

    /// Returns everything collected since the last call: problems, excluded records, and the number of
    /// records that were skipped or excluded.
    pub fn take(&mut self) -> (Vec<Problem>, Causes, u64) {
        let read = std::mem::take(&mut self.read);
        (std::mem::take(&mut self.problems), std::mem::take(&mut self.excluded), read)
    }

    /// Reports a record that cannot be used.
    pub fn skip(&mut self, at: &SourceLocation, cause: &'static str, message: impl Into<String>) {
        self.read += 1;
        self.add(at, Outcome::Skipped, cause, message.into());
    }

    /// Reports a value that was left out or corrected.
    pub fn fix(&mut self, at: &SourceLocation, cause: &'static str, message: impl Into<String>) {
        self.add(at, Outcome::Fixed, cause, message.into());
    }

    /// Reports a part of the file that is not used, once.
    pub fn unused(&mut self, at: &SourceLocation, message: String) {
        if self.unused.insert(message.clone()) {
            self.add(at, Outcome::Unused, "not used", message);
        }
    }

    /// Reports the problems of a record's values.
    pub fn fixed(&mut self, at: &SourceLocation, problems: &[record::Problem]) {
        for problem in problems {
            self.add(at, Outcome::Fixed, problem.code.text(), problem.to_string());
        }
    }

    /// Counts a record that the import's options exclude.
    pub fn exclude(&mut self, cause: &'static str) {
        self.read += 1;
        *self.excluded.entry(cause).or_default() += 1;
    }

    fn add(&mut self, at: &SourceLocation, outcome: Outcome, cause: &'static str, message: String) {
        self.problems.push(Problem { location: at.clone(), outcome, cause, message });
        if let Some(flush) = self.flush.as_mut().filter(|_| self.problems.len() >= BATCH) {
            flush(std::mem::take(&mut self.problems));
        }
    }
}
