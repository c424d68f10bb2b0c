//! `marquee show`, `edit`, `remove`, `restore`, `merge`, `history` and `undo`

use anyhow::{Context, bail, ensure};
use marquee::catalog::editing::changes::{self, Change, Filter};
use marquee::catalog::editing::merge::{self, Merge as Merged};
use marquee::catalog::editing::{self, Moved};
use marquee::catalog::editing::{Author, EditError, Kind, Submission, revert, save, trash};
use marquee::config::records::{Edit, History, Merge, Record, Records, Undo};
use marquee::config::{self, Command, Settings};
use marquee::db::{self, Connection};
use marquee::operators::Actor;
use serde_json::{Value, json};

use super::{Database, actor};

/// Runs one of these commands.
pub async fn run(settings: &Settings, command: Command) -> anyhow::Result<()> {
    let database = Database::open(settings).await?;
    let done = async {
        let conn = &mut db::connect(database.url()).await?;
        match command {
            Command::Show(record) => show(conn, &record).await,
            Command::Edit(edit) => self::edit(conn, edit).await,
            Command::Remove(records) => remove(conn, &records).await,
            Command::Restore(records) => restore(conn, &records).await,
            Command::Merge(merge) => self::merge(conn, &merge).await,
            Command::History(history) => self::history(conn, &history).await,
            Command::Undo(undo) => self::undo(conn, &undo).await,
            _ => Ok(()),
        }
    };
    let done = done.await;
    database.close().await?;
    done
}

async fn show(conn: &mut Connection, record: &Record) -> anyhow::Result<()> {
    let id = id(conn, record.kind, &record.slug).await?;
    let stored = editing::find(conn, record.kind, id).await?;
    let mut line = serde_json::to_value(&stored.facts)?;
    line["id"] = json!(id);
    line["version"] = json!(stored.version);
    println!("{line}");
    Ok(())
}

async fn edit(conn: &mut Connection, edit: Edit) -> anyhow::Result<()> {
    let Edit { record: Record { kind, slug }, values, version, by } = edit;
    let mut pairs = Vec::new();
    for value in &values {
        let (field, value) = value
            .split_once('=')
            .with_context(|| format!("{value:?}: write FIELD=VALUE, as in year=1985"))?;
        pairs.push((field, value));
    }
    let (mut submission, unknown) = Submission::from_pairs(kind, pairs.into_iter());
    if let Some(field) = unknown.first() {
        let fields: Vec<&str> = kind.fields().iter().map(|field| field.name).collect();
        bail!(
            "{field}: no field of {} is called that; they have {}",
            kind.name(),
            fields.join(", ")
        );
    }
    submission.version = version.or(submission.version);
    submission.note = by.note.clone().or(submission.note);
    let id = id(conn, kind, &slug).await?;
    let author = author(conn, &by.author).await?;
    let saved = save(conn, kind, Some(id), &submission, &author).await.map_err(refusal)?;
    match saved.changed.is_empty() {
        true => println!("nothing to do: {} has these values already", saved.title),
        false => println!("{}: changed {}", saved.title, saved.changed.join(", ")),
    }
    Ok(())
}

async fn remove(conn: &mut Connection, records: &Records) -> anyhow::Result<()> {
    let Records { kind, slugs, by } = records;
    let mut ids = Vec::new();
    for slug in slugs {
        match editing::id_of(conn, *kind, slug).await? {
            Some(id) => ids.push(id),
            None if trash::of_slug(conn, *kind, slug).await?.is_some() => {
                println!("nothing to do: {slug} is in the trash");
            }
            None => bail!("{slug}: there is no such record among the {}", kind.name()),
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let author = author(conn, &by.author).await?;
    trash::remove(conn, *kind, &ids, None, &author, by.note.as_deref()).await.map_err(refusal)?;
    println!("moved to the trash: {}", ids.len());
    Ok(())
}

async fn restore(conn: &mut Connection, records: &Records) -> anyhow::Result<()> {
    let Records { kind, slugs, by } = records;
    let author = author(conn, &by.author).await?;
    for slug in slugs {
        let Some(trashed) = trash::of_slug(conn, *kind, slug).await? else {
            ensure!(
                editing::id_of(conn, *kind, slug).await?.is_some(),
                "{slug}: there is no such record among the {}",
                kind.name()
            );
            println!("nothing to do: {slug} is not in the trash");
            continue;
        };
        let restored = trash::restore(conn, trashed.id, &author).await.map_err(refusal)?;
        match restored.new_slug {
            Some(new) => println!("restored {} as {new}, because {slug} is taken", restored.title),
            None => println!("restored {}", restored.title),
        }
    }
    Ok(())
}

async fn merge(conn: &mut Connection, merge: &Merge) -> anyhow::Result<()> {
    let Merge { kind, from, into, by } = merge;
    let into_id = id(conn, *kind, into).await?;
    let Some(from_id) = editing::id_of(conn, *kind, from).await? else {
        let moved = editing::moved(conn, *kind, from).await?;
        ensure!(
            matches!(moved, Some(Moved::To { id, .. }) if id == into_id),
            "{from}: there is no such record among the {}",
            kind.name()
        );
        println!("nothing to do: {from} leads to {into} already");
        return Ok(());
    };
    let author = author(conn, &by.author).await?;
    let merge = Merged { from: from_id, into: into_id, ..Merged::default() };
    merge::merge(conn, *kind, &merge, &author, by.note.as_deref()).await.map_err(refusal)?;
    println!("merged {from} into {into}");
    Ok(())
}

async fn history(conn: &mut Connection, history: &History) -> anyhow::Result<()> {
    let mut filter = Filter { kind: history.kind, ..Filter::default() };
    if let (Some(kind), Some(slug)) = (history.kind, &history.slug) {
        let subject = match editing::id_of(conn, kind, slug).await? {
            Some(id) => Some(id),
            None => trash::of_slug(conn, kind, slug).await?.map(|trashed| trashed.subject_id),
        };
        filter.subject = Some(subject.with_context(|| format!("{slug}: no record had this name"))?);
    }
    for change in changes::list(conn, &filter, history.limit.into()).await? {
        println!("{}", line(&change));
    }
    Ok(())
}

/// Returns a history entry as a line of JSON.
fn line(change: &Change) -> Value {
    json!({
        "id": change.id, "at": change.at, "actor": change.actor, "action": change.action,
        "kind": change.kind, "subject": change.subject, "version": change.version,
        "diff": change.diff, "note": change.note, "reverts": change.reverts,
    })
}

async fn undo(conn: &mut Connection, undo: &Undo) -> anyhow::Result<()> {
    let author = author(conn, &undo.by.author).await?;
    let reverted = revert::revert(conn, undo.change, &author).await.map_err(refusal)?;
    println!("undid change {} of {} {}", undo.change, reverted.kind.name(), reverted.id);
    Ok(())
}

async fn id(conn: &mut Connection, kind: Kind, slug: &str) -> anyhow::Result<i32> {
    if let Some(id) = editing::id_of(conn, kind, slug).await? {
        return Ok(id);
    }
    match editing::moved(conn, kind, slug).await? {
        Some(Moved::To { slug: new, .. }) => bail!("{slug}: the record is called {new} now"),
        Some(Moved::Gone) => bail!("{slug}: the record is in the trash"),
        None => bail!("{slug}: there is no such record among the {}", kind.name()),
    }
}

/// Returns the author of a change for the history.
pub(super) async fn author(conn: &mut Connection, by: &config::Author) -> anyhow::Result<Author> {
    let Actor { id, name, .. } = actor(conn, by).await?;
    Ok(Author { operator_id: id, name, request_id: None })
}

/// Prints one line for each problem.
pub(super) fn refusal(error: EditError) -> anyhow::Error {
    if let EditError::Invalid(_) | EditError::Conflict(_) = &error {
        eprintln!("{error}");
        return anyhow::anyhow!("nothing was changed");
    }
    error.into()
}
