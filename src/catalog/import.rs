//! Films and directors from files into the catalogue: streaming, all or nothing, repeatable.
//!
//! The forms are described in `docs/import.md`. A file that is damaged or not of its form means that
//! nothing is imported. A record that is well-formed but cannot be used (no title) is skipped, a
//! fact that cannot be true (a film of the year 12) is left out; both are reported with file, line
//! and reason. A thread reads while the records read before are written.

mod bytes;
mod clean;
mod imdb;
mod json_lines;
mod lines;
mod map;
mod matching;
mod movielens;
mod omdb;
mod people;
mod record;
mod report;
mod slugs;
mod source;
mod table;
mod tmdb;
mod writer;

use std::io::Read;

use anyhow::Context;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager};
use tokio::sync::mpsc;

pub use self::map::Map;
use self::people::People;
use self::record::Record;
use self::report::Notes;
pub use self::report::{Causes, Counts, Place, Problem, Summary, Verdict};
use self::source::Entry;
pub use self::source::{Format, Reading};
use self::writer::Writer;
use crate::db::Connection;

type Transactions = <Connection as AsyncConnection>::TransactionManager;

/// Records written together: enough to make round trips cheap, few enough to hold in memory.
const BATCH: usize = 1000;

/// One file, or a part of the catalogue inside the program.
pub struct Input {
    /// As reports name it.
    pub name: String,
    /// Plain, gzip or bzip2.
    pub bytes: Box<dyn Read + Send>,
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
    pub reading: Reading,
}

/// Imports every input in one transaction: readers of the site see the old catalogue until the
/// end, and keep it when anything fails.
///
/// # Errors
/// When an input is damaged (with file and line) or the database fails; nothing is changed then.
pub async fn run(
    conn: &mut Connection,
    inputs: Vec<Input>,
    options: &Options,
    on_problem: &mut dyn FnMut(&Problem),
) -> anyhow::Result<Summary> {
    Transactions::begin_transaction(conn).await?;
    let mut import = Import {
        writer: Writer::default(),
        people: People::new(options),
        summary: Summary::default(),
        on_problem,
    };
    let imported = import.all(conn, inputs, options).await;
    match &imported {
        Ok(()) => Transactions::commit_transaction(conn).await?,
        Err(_) => Transactions::rollback_transaction(conn).await?,
    }
    imported?;
    // The planner knows the new sizes at once, not only after the next autovacuum.
    diesel::sql_query("ANALYZE movies, directors, movie_directors, tags, movie_tags")
        .execute(conn)
        .await?;
    Ok(import.summary)
}

/// What the reading thread has read.
#[derive(Default)]
struct Batch {
    films: Vec<(Place, record::Film)>,
    directors: Vec<record::Director>,
    problems: Vec<Problem>,
    passed_over: Causes,
    read: u64,
}

/// Reads all inputs, as fast as the batches are taken.
fn read(
    inputs: Vec<Input>,
    reading: &Reading,
    batches: &mpsc::Sender<Batch>,
) -> anyhow::Result<()> {
    let at_once = batches.clone();
    let mut notes = Notes::handed_to(move |problems| {
        // Nobody takes it when writing has failed; the reading ends with the next batch.
        _ = at_once.blocking_send(Batch { problems, ..Batch::default() });
    });
    let mut batch = Batch::default();
    for mut source in source::open(inputs, reading)? {
        while let Some(Entry { place, draft }) = source.next(&mut notes)? {
            batch.read += 1;
            match draft.record(&place, &mut notes) {
                Some(Record::Film(film)) => batch.films.push((place, film)),
                Some(Record::Director(director)) => batch.directors.push(director),
                None => {}
            }
            if batch.films.len() + batch.directors.len() >= BATCH {
                (batch.problems, batch.passed_over) = notes.take();
                if batches.blocking_send(std::mem::take(&mut batch)).is_err() {
                    return Ok(());
                }
            }
        }
    }
    (batch.problems, batch.passed_over) = notes.take();
    _ = batches.blocking_send(batch);
    Ok(())
}

struct Import<'a> {
    writer: Writer,
    people: People,
    summary: Summary,
    on_problem: &'a mut dyn FnMut(&Problem),
}

impl Import<'_> {
    async fn all(
        &mut self,
        conn: &mut Connection,
        inputs: Vec<Input>,
        options: &Options,
    ) -> anyhow::Result<()> {
        // One import at a time: two at once could each add the same film. Plans are made at the first
        // batch and kept: those for small tables would read the large ones from end to end.
        conn.batch_execute("SELECT pg_advisory_xact_lock(7305702); SET LOCAL enable_seqscan = off")
            .await?;
        let (sender, mut batches) = mpsc::channel(2);
        let reading = options.reading.clone();
        let reader = tokio::task::spawn_blocking(move || read(inputs, &reading, &sender));
        while let Some(batch) = batches.recv().await {
            self.write(conn, batch).await?;
        }
        reader.await.context("the reading thread ended")??;
        if options.replace {
            self.summary.removed = self.writer.remove_others(conn).await?;
        }
        Ok(())
    }

    async fn write(&mut self, conn: &mut Connection, batch: Batch) -> anyhow::Result<()> {
        let Batch { films, directors, problems, passed_over, read } = batch;
        self.summary.read += read;
        for (cause, count) in passed_over {
            *self.summary.passed_over.entry(cause).or_default() += count;
        }
        for problem in problems {
            self.report(&problem);
        }
        let written = self.writer.write(conn, films, &mut self.people).await?;
        self.summary.movies.added += written.counts.added;
        self.summary.movies.updated += written.counts.updated;
        self.summary.movies.unchanged += written.counts.unchanged;
        self.summary.directors.added += written.new_directors;
        for problem in written.repeated {
            self.report(&problem);
        }
        self.people.write(conn, directors, &mut self.summary.directors).await
    }

    fn report(&mut self, problem: &Problem) {
        self.summary.count(problem);
        (self.on_problem)(problem);
    }
}

#[cfg(test)]
mod tests;
