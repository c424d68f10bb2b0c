//! Movies and people from files into the catalogue: streaming, all or nothing, repeatable.
//!
//! `docs/import.md` is the contract: every record ends as added, updated, unchanged, skipped or excluded,
//! and every value as stored or reported. A file that is damaged or of no known format means that nothing
//! is imported. One thread reads while the records read before are written.

mod archive;
mod cells;
mod decisions;
mod decoder;
mod diagnostics;
mod generic;
mod imdb;
mod input;
mod limited;
mod lines;
mod literal;
mod mapping;
mod matching;
mod movielens;
mod nfo;
mod omdb;
mod options;
mod people;
mod plan;
mod profile;
mod slugs;
mod source;
mod table;
mod tmdb;
mod upload;
mod usual_columns;
mod writer;

use anyhow::{Context, bail, ensure};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager};
use tokio::sync::mpsc;

pub use self::diagnostics::{Causes, Diagnostics, Outcome, Problem, SourceLocation};
pub use self::generic::csv::delimiter;
pub use self::input::Input;
pub use self::mapping::Mapping;
pub use self::matching::{Identity, candidates, list_of_scheme, list_scheme};
pub use self::options::{Format, OptionError, Options, ReadOptions};
use self::people::People;
pub use self::plan::{ColumnPlan, Counts, FilePlan, Plan};
use self::source::SourceRecord;
pub use self::upload::{TextError, text_files};
use self::writer::Writer;
use crate::catalog::movies;
use crate::catalog::record::{MovieRecord, PersonRecord, Rules};
use crate::db::Connection;

type Transactions = <Connection as AsyncConnection>::TransactionManager;

/// Records written together: enough to make round trips cheap, few enough to hold in memory.
const BATCH: usize = 1000;

/// Imports every input in one transaction: readers of the site see the old catalogue until the end, and
/// keep it when anything fails. A dry run ends the transaction without storing anything.
///
/// # Errors
/// When an input is damaged (with file and line), holds no film, or would remove most of the catalogue,
/// or when the database fails; nothing is changed then.
pub async fn run(
    conn: &mut Connection,
    inputs: Vec<Input>,
    options: &Options,
    on_problem: &mut dyn FnMut(&Problem),
) -> anyhow::Result<Plan> {
    Transactions::begin_transaction(conn).await?;
    let mut import = Import {
        writer: Writer::default(),
        people: People::new(options),
        plan: Plan::default(),
        on_problem,
    };
    let imported = import.all(conn, inputs, options).await;
    match &imported {
        Ok(()) if !options.dry_run => Transactions::commit_transaction(conn).await?,
        Ok(()) | Err(_) => Transactions::rollback_transaction(conn).await?,
    }
    imported?;
    if !options.dry_run {
        // The planner knows the new sizes at once, not only after the next autovacuum.
        diesel::sql_query("ANALYZE movies, people, credits, tags, movie_tags")
            .execute(conn)
            .await?;
    }
    Ok(import.plan)
}

/// A message of the reading thread.
#[derive(Default)]
struct Batch {
    movies: Vec<(SourceLocation, MovieRecord)>,
    people: Vec<PersonRecord>,
    problems: Vec<Problem>,
    excluded: Causes,
    read: u64,
    files: Vec<FilePlan>,
}

impl Batch {
    fn take(&mut self, diagnostics: &mut Diagnostics) -> Self {
        let (problems, excluded, read) = diagnostics.take();
        self.problems = problems;
        self.excluded = excluded;
        self.read += read;
        std::mem::take(self)
    }
}

/// Reads all inputs, as fast as the batches are taken.
fn read(
    inputs: Vec<Input>,
    options: &ReadOptions,
    batches: &mpsc::Sender<Batch>,
) -> anyhow::Result<()> {
    let at_once = batches.clone();
    let mut diagnostics = Diagnostics::with_flush(move |problems| {
        // The receiver is gone when writing has failed; the reading ends with the next batch.
        _ = at_once.blocking_send(Batch { problems, ..Batch::default() });
    });
    let mut batch = Batch::default();
    let mut columns: Vec<ColumnPlan> = Vec::new();
    for mut opened in source::open(inputs, options)? {
        let rules = Rules {
            blank_clears: opened.blank_clears,
            date_format: options.date_format.clone(),
            list: opened.list.clone(),
            is_typed: false,
        };
        let mut usable = 0_u64;
        while let Some(record) = opened.source.next(&mut diagnostics)? {
            usable += u64::from(validate(record, &rules, &mut batch, &mut diagnostics));
            if batch.movies.len() + batch.people.len() >= BATCH
                && batches.blocking_send(batch.take(&mut diagnostics)).is_err()
            {
                return Ok(());
            }
        }
        let found = opened.source.columns();
        let name = opened.files.as_slice().first().cloned().unwrap_or_else(|| "".into());
        columns.extend(found.iter().cloned());
        for file in opened.files {
            batch.files.push(FilePlan {
                name: file,
                format: opened.format,
                reason: opened.reason.clone(),
                columns: found.clone(),
            });
        }
        // The problems of its records say why; they go before the error.
        if usable == 0 {
            if options.mapping.needs_columns() {
                options.mapping.check(&columns)?;
            }
            let problems = batch.take(&mut diagnostics);
            let (skipped, excluded) = (problems.read, problems.excluded.values().sum::<u64>());
            _ = batches.blocking_send(problems);
            bail!(no_film(&name, &opened.reason, &found, skipped - excluded, excluded));
        }
    }
    if options.mapping.needs_columns() {
        options.mapping.check(&columns)?;
    }
    _ = batches.blocking_send(batch.take(&mut diagnostics));
    Ok(())
}

/// Adds a valid record to the batch; returns whether it was valid.
fn validate(
    record: SourceRecord,
    rules: &Rules,
    batch: &mut Batch,
    diagnostics: &mut Diagnostics,
) -> bool {
    let SourceRecord { location, draft } = record;
    let is_person = draft.is_person();
    let (movie, person, problems) = if is_person {
        let (person, problems) = draft.person(rules);
        (None, person, problems)
    } else {
        let (movie, problems) = draft.movie(rules);
        (movie, None, problems)
    };
    if movie.is_none() && person.is_none() {
        // The last problem is the reason.
        let (reason, others) = problems.split_last().map_or((None, &[][..]), |(r, o)| (Some(r), o));
        diagnostics.fixed(&location, others);
        let (cause, message) = match reason {
            Some(problem) if problem.value.is_empty() && is_person => ("no name", "no name".into()),
            Some(problem) if problem.value.is_empty() => ("no title", "no title".into()),
            Some(problem) => (problem.code.text(), problem.to_string()),
            None => ("no title", "no title".to_owned()),
        };
        diagnostics.skip(&location, cause, message);
        return false;
    }
    batch.read += 1;
    diagnostics.fixed(&location, &problems);
    batch.movies.extend(movie.map(|movie| (location, movie)));
    batch.people.extend(person);
    true
}

/// Returns the error for a file without any film.
fn no_film(
    name: &str,
    reason: &str,
    columns: &[ColumnPlan],
    skipped: u64,
    excluded: u64,
) -> String {
    let mut message = format!("{name}: no film was found ({reason}).");
    if skipped > 0 || excluded > 0 {
        message += &format!(" {skipped} records were skipped and {excluded} excluded.");
    }
    if !columns.is_empty() {
        let columns: Vec<String> = columns
            .iter()
            .map(|column| match column.field {
                Some(field) => format!("{} ({})", column.name, field.name()),
                None => format!("{} (not used)", column.name),
            })
            .collect();
        message += &format!(" The columns are {}.", columns.join(", "));
    }
    message
}

struct Import<'a> {
    writer: Writer,
    people: People,
    plan: Plan,
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
        self.plan.movies_before = movies::count(conn).await?.unsigned_abs();
        let (sender, mut batches) = mpsc::channel(2);
        let read_options = options.read.clone();
        let reader = tokio::task::spawn_blocking(move || read(inputs, &read_options, &sender));
        while let Some(batch) = batches.recv().await {
            self.write(conn, batch).await?;
        }
        reader.await.context("the reading thread ended")??;
        let (films, people) = (self.plan.movies.total(), self.plan.people.total());
        ensure!(
            films > 0 || !options.require_films,
            "no film was found: the files hold {people} records about people alone; import them together \
             with a file of films"
        );
        if options.replace {
            self.replace(conn, options).await?;
        }
        Ok(())
    }

    /// Removes the movies that no record is about, unless few would be left.
    async fn replace(&mut self, conn: &mut Connection, options: &Options) -> anyhow::Result<()> {
        let (removed, titles) = self.writer.others(conn, plan::MAX_SAMPLES).await?;
        self.plan.removed = removed;
        self.plan.removed_titles = titles;
        let (before, found) = (self.plan.movies_before, self.plan.movies.total());
        if found == 0 || (2 * found < before && !options.remove_most) {
            let refusal = format!(
                "--replace would remove {removed} of {before} films, as the files hold {found}{}",
                if found > 0 { "; --remove-most confirms that" } else { "" }
            );
            ensure!(options.dry_run, refusal);
            self.plan.refusal = Some(refusal);
            return Ok(());
        }
        self.writer.remove_others(conn).await
    }

    async fn write(&mut self, conn: &mut Connection, batch: Batch) -> anyhow::Result<()> {
        let Batch { movies, people, problems, excluded, read, files } = batch;
        self.plan.read += read;
        self.plan.files.extend(files);
        for (cause, count) in excluded {
            *self.plan.excluded.entry(cause).or_default() += count;
        }
        for problem in problems {
            self.report(&problem);
        }
        let samples = plan::MAX_SAMPLES - self.plan.samples.len();
        self.plan.samples.extend(movies.iter().take(samples).map(|(_, movie)| movie.clone()));
        let slugs = people.iter().filter_map(|one| Some((&one.person, one.slug.as_deref()?)));
        let slugs = slugs.collect();
        let written = self.writer.write(conn, movies, &slugs, &mut self.people).await?;
        self.plan.movies.added += written.counts.added;
        self.plan.movies.updated += written.counts.updated;
        self.plan.movies.unchanged += written.counts.unchanged;
        self.plan.people_added += written.people_added;
        for problem in written.skipped {
            self.report(&problem);
        }
        self.people.write(conn, people, &mut self.plan.people).await
    }

    fn report(&mut self, problem: &Problem) {
        self.plan.count(problem);
        (self.on_problem)(problem);
    }
}

#[cfg(test)]
mod tests;
