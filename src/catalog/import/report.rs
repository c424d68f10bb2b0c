//! What an import tells its operator: one problem for each record or fact that was not taken as it
//! stands, and one summary.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<str>,
    /// From 1.
    pub line: u64,
}

/// What became of a record that could not be taken as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Skipped,
    /// Taken, with a fact left out or put right.
    Mended,
}

/// Why a record was skipped, or a fact left out.
#[derive(Debug, Clone)]
pub struct Problem {
    pub place: Place,
    pub verdict: Verdict,
    /// The same for every problem of one kind: summaries count by it.
    pub cause: &'static str,
    /// In full, with the value concerned.
    pub reason: String,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.file, self.line)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.reason)
    }
}

/// How many of each cause.
pub type Causes = BTreeMap<&'static str, u64>;

/// Problems that are collected before they are handed on.
const HANDFUL: usize = 1000;

/// Collects what is wrong with records while they are read.
#[derive(Default)]
pub struct Notes {
    problems: Vec<Problem>,
    /// Records that the rules of the import exclude, as episodes and films for adults: millions in
    /// some files, so they are counted and not listed.
    passed_over: Causes,
    /// Takes the problems when there are many, so that a file of nothing else does not fill the
    /// memory.
    hand_on: Option<Box<dyn FnMut(Vec<Problem>)>>,
}

impl Notes {
    pub fn handed_to(hand_on: impl FnMut(Vec<Problem>) + 'static) -> Self {
        Self { hand_on: Some(Box::new(hand_on)), ..Self::default() }
    }

    /// All that was collected since.
    pub fn take(&mut self) -> (Vec<Problem>, Causes) {
        (std::mem::take(&mut self.problems), std::mem::take(&mut self.passed_over))
    }

    pub fn skip(&mut self, place: &Place, cause: &'static str, reason: impl Into<String>) {
        self.add(place, Verdict::Skipped, cause, reason.into());
    }

    pub fn mend(&mut self, place: &Place, cause: &'static str, reason: impl Into<String>) {
        self.add(place, Verdict::Mended, cause, reason.into());
    }

    /// A record that the rules of the import exclude.
    pub fn pass_over(&mut self, cause: &'static str) {
        *self.passed_over.entry(cause).or_default() += 1;
    }

    fn add(&mut self, place: &Place, verdict: Verdict, cause: &'static str, reason: String) {
        self.problems.push(Problem { place: place.clone(), verdict, cause, reason });
        if let Some(hand_on) = self.hand_on.as_mut().filter(|_| self.problems.len() >= HANDFUL) {
            hand_on(std::mem::take(&mut self.problems));
        }
    }
}

/// How many films and directors were what.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Records met in the files.
    pub read: u64,
    pub movies: Counts,
    pub directors: Counts,
    /// Records that could not be used.
    pub skipped: u64,
    /// Facts left out of records that were taken, or put right.
    pub mended: u64,
    pub skipped_by: Causes,
    pub mended_by: Causes,
    pub passed_over: Causes,
    /// Films that `replace` removed.
    pub removed: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub added: u64,
    pub updated: u64,
    pub unchanged: u64,
}

impl Summary {
    pub(super) fn count(&mut self, problem: &Problem) {
        let (total, causes) = match problem.verdict {
            Verdict::Skipped => (&mut self.skipped, &mut self.skipped_by),
            Verdict::Mended => (&mut self.mended, &mut self.mended_by),
        };
        *total += 1;
        *causes.entry(problem.cause).or_default() += 1;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "films:     {}", self.movies)?;
        writeln!(out, "directors: {}", self.directors)?;
        write!(out, "records read: {}", self.read)?;
        causes(out, "skipped", self.skipped, &self.skipped_by)?;
        causes(out, "mended", self.mended, &self.mended_by)?;
        causes(out, "passed over", self.passed_over.values().sum(), &self.passed_over)?;
        if self.removed > 0 {
            write!(out, "\nfilms removed: {}", self.removed)?;
        }
        Ok(())
    }
}

fn causes(out: &mut fmt::Formatter<'_>, name: &str, total: u64, causes: &Causes) -> fmt::Result {
    if total > 0 {
        write!(out, "\n{name}: {total}")?;
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
