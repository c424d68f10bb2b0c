//! Films and directors from JSON lines into the catalogue: streaming, all or nothing, repeatable.
//!
//! The form is described in `docs/import.md`. A line that is no JSON, or in which a key has the
//! wrong type, means a damaged file: nothing is imported. A record that is well-formed but
//! cannot be used (no title) is skipped, a fact that cannot be true (a film of 12 years) is left
//! out; both are reported with file, line and reason.

mod matching;
mod people;
mod reader;
mod record;
mod writer;

use std::collections::HashMap;
use std::fmt;
use std::io::Read;

use anyhow::Context;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager};

use self::people::People;
use self::reader::Lines;
use self::record::{Record, Rejected};
use self::writer::Writer;
use crate::db::Connection;

type Transactions = <Connection as AsyncConnection>::TransactionManager;

/// Records written together: enough to make round trips cheap, few enough to hold in memory.
const BATCH: usize = 1000;

/// One file, or the catalogue inside the program.
pub struct Input<'a> {
    /// As reports name it.
    pub name: String,
    /// Plain or gzip.
    pub bytes: Box<dyn Read + Send + 'a>,
}

/// What holds for the whole import.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where texts come from that do not name a source themselves.
    pub source: String,
    /// Their licence.
    pub licence: String,
    /// Remove the films that the files do not hold.
    pub replace: bool,
}

/// Why a record was skipped, or a fact left out.
pub struct Problem<'a> {
    pub file: &'a str,
    /// From 1.
    pub line: u64,
    pub reason: String,
}

impl fmt::Display for Problem<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// How many films and directors were what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    pub movies: Counts,
    pub directors: Counts,
    pub skipped: u64,
    /// Facts left out of records that were taken.
    pub left_out: u64,
    pub removed: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub added: u64,
    pub updated: u64,
    pub unchanged: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "films:     {}", self.movies)?;
        writeln!(out, "directors: {}", self.directors)?;
        write!(out, "records skipped: {}, facts left out: {}", self.skipped, self.left_out)?;
        if self.removed > 0 {
            write!(out, "\nfilms removed: {}", self.removed)?;
        }
        Ok(())
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { added, updated, unchanged } = self;
        write!(out, "{added} added, {updated} updated, {unchanged} unchanged")
    }
}

/// Imports every input in one transaction: readers of the site see the old catalogue until the
/// end, and keep it when anything fails.
///
/// # Errors
/// When an input is damaged (with file and line) or the database fails; nothing is changed then.
pub async fn run(
    conn: &mut Connection,
    inputs: Vec<Input<'_>>,
    options: &Options,
    on_problem: &mut dyn FnMut(&Problem<'_>),
) -> anyhow::Result<Summary> {
    Transactions::begin_transaction(conn).await?;
    let mut import = Import {
        writer: Writer::new(),
        people: People::new(options),
        summary: Summary::default(),
        on_problem,
    };
    let imported = import.all(conn, inputs, options.replace).await;
    match &imported {
        Ok(_) => Transactions::commit_transaction(conn).await?,
        Err(_) => Transactions::rollback_transaction(conn).await?,
    }
    let summary = imported?;
    // The planner knows the new sizes at once, not only after the next autovacuum.
    diesel::sql_query("ANALYZE movies, directors, movie_directors, tags, movie_tags")
        .execute(conn)
        .await?;
    Ok(summary)
}

struct Import<'a> {
    writer: Writer,
    people: People,
    summary: Summary,
    on_problem: &'a mut dyn FnMut(&Problem<'_>),
}

impl Import<'_> {
    async fn all(
        &mut self,
        conn: &mut Connection,
        inputs: Vec<Input<'_>>,
        replace: bool,
    ) -> anyhow::Result<Summary> {
        // One import at a time: two at once could each add the same film.
        conn.batch_execute("SELECT pg_advisory_xact_lock(7305702)").await?;
        for input in inputs {
            self.read(conn, input).await?;
        }
        if replace {
            self.summary.removed = self.writer.remove_others(conn).await?;
        }
        Ok(self.summary)
    }

    async fn read(&mut self, conn: &mut Connection, input: Input<'_>) -> anyhow::Result<()> {
        let file = input.name;
        let mut lines = Lines::new(file.clone(), input.bytes)?;
        let mut films = Vec::new();
        let mut directors = Vec::new();
        while let Some((line, text)) = lines.next()? {
            let mut left_out = |reason: String| {
                self.summary.left_out += 1;
                (self.on_problem)(&Problem { file: &file, line, reason });
            };
            match record::parse(text, &mut left_out) {
                Ok(Record::Film(film)) => films.push((line, film)),
                Ok(Record::Director(director)) => directors.push(director),
                Err(Rejected::Unusable(reason)) => self.skip(&file, line, reason),
                Err(Rejected::Damaged(error)) => {
                    return Err(error).with_context(|| format!("{file}:{line}"));
                }
            }
            if films.len() >= BATCH {
                self.write_films(conn, &file, std::mem::take(&mut films)).await?;
            }
            if directors.len() >= BATCH {
                let batch = std::mem::take(&mut directors);
                self.people.write(conn, batch, &mut self.summary.directors).await?;
            }
        }
        self.write_films(conn, &file, films).await?;
        self.people.write(conn, directors, &mut self.summary.directors).await
    }

    async fn write_films(
        &mut self,
        conn: &mut Connection,
        file: &str,
        films: Vec<(u64, record::Film)>,
    ) -> anyhow::Result<()> {
        let written = self.writer.write(conn, films, &mut self.people).await?;
        self.summary.movies.added += written.counts.added;
        self.summary.movies.updated += written.counts.updated;
        self.summary.movies.unchanged += written.counts.unchanged;
        self.summary.directors.added += written.new_directors;
        for (line, reason) in written.repeated {
            self.skip(file, line, reason);
        }
        Ok(())
    }

    fn skip(&mut self, file: &str, line: u64, reason: String) {
        self.summary.skipped += 1;
        (self.on_problem)(&Problem { file, line, reason });
    }
}

/// Runs `insert` with the slugs `base`, then `base-2`, `base-3` … for those that were taken,
/// until every row has one. `insert` returns which of the slugs it was given went in.
async fn with_free_slugs<F>(bases: &[String], mut insert: F) -> anyhow::Result<Vec<i32>>
where
    F: AsyncFnMut(&[(usize, String)]) -> anyhow::Result<HashMap<String, i32>>,
{
    let mut ids = vec![0; bases.len()];
    let mut open: Vec<usize> = (0..bases.len()).collect();
    for attempt in 1.. {
        if open.is_empty() {
            break;
        }
        let slug = |index: &usize| match attempt {
            1 => (*index, bases[*index].clone()),
            _ => (*index, format!("{}-{attempt}", bases[*index])),
        };
        let mut tried: Vec<(usize, String)> = open.iter().map(slug).collect();
        // The same slug twice in one statement: the first has it, the others go on.
        let mut seen = std::collections::HashSet::new();
        tried.retain(|(_, slug)| seen.insert(slug.clone()));
        let inserted = insert(&tried).await?;
        for (index, slug) in tried {
            if let Some(id) = inserted.get(&slug) {
                ids[index] = *id;
            }
        }
        open.retain(|index| ids[*index] == 0);
    }
    Ok(ids)
}
