//! Creates or edits one record.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};

use super::facts::{Facts, Stored};
use super::problem::{Conflict, EditError, Invalid, Reason};
use super::submission::Submission;
use super::track::{Author, Operation, track};
use super::{Kind, LOCK_TIMEOUT, changes, film, find, lock, person, slugs, tag};
use crate::catalog::fold::slug;
use crate::db::Connection;

/// Fields by which records are told apart. Others may be edited even if two records are alike.
const IDENTIFYING: [&str; 10] = [
    "title",
    "name",
    "year",
    "directors",
    "wikidata",
    "imdb",
    "tmdb",
    "wikipedia",
    "movielens",
    "omdb",
];

/// The result of a save.
#[derive(Debug, Clone)]
pub struct Saved {
    pub id: i32,
    pub title: String,
    /// The fields that were changed; without any, nothing was stored.
    pub changed: Vec<String>,
}

/// Creates a record, or edits the one with this id, in one transaction. An edit of an earlier version
/// keeps what others changed since, unless they changed the same field.
///
/// # Errors
/// [`EditError::Invalid`] with every problem, [`EditError::Conflict`] with every field that both
/// changed; nothing is stored then.
pub async fn save(
    conn: &mut Connection,
    kind: Kind,
    id: Option<i32>,
    submission: &Submission,
    author: &Author,
) -> Result<Saved, EditError> {
    conn.transaction(async |conn| {
        conn.batch_execute(LOCK_TIMEOUT).await?;
        let Some(id) = id else { return create(conn, kind, submission, author).await };
        lock(conn, kind, &[id]).await?;
        let stored = find(conn, kind, id).await?;
        edit(conn, kind, &stored, submission, author).await
    })
    .await
}

async fn create(
    conn: &mut Connection,
    kind: Kind,
    submission: &Submission,
    author: &Author,
) -> Result<Saved, EditError> {
    let mut given = submission.fields.clone();
    given.retain(|_, text| !text.trim().is_empty());
    given.entry(kind.title_field()).or_default();
    let mut facts =
        super::validate(kind, &Facts::unknown(kind), &given).map_err(EditError::Invalid)?;
    if facts.is_blank("slug") {
        let base = slug(&facts.text(kind.title_field()), facts.number("year"));
        facts.set("slug", slugs::free(conn, kind, &base).await?);
    } else {
        slugs::check(conn, kind, None, &facts.text("slug")).await?;
    }
    check_duplicate(conn, kind, None, &facts, submission).await?;
    let title = facts.text(kind.title_field());
    let id = super::insert(conn, kind, &title, &facts.text("slug")).await?;
    let batch = Some(changes::new_batch());
    let note = submission.note.as_deref();
    let operation = Operation { batch, ..Operation::new(author, "create").with_note(note) };
    super::store(conn, kind, &[(id, &facts)], &submission.create, &operation).await?;
    let held = submission.hold.clone().unwrap_or_default();
    let fields = kind.fields().iter().map(|field| field.name);
    let set = fields.filter(|field| *field != "slug" && !facts.is_blank(field)).map(str::to_owned);
    hold(conn, kind, id, &held.into_iter().chain(set).collect()).await?;
    changes::created(conn, kind, id, &operation).await?;
    Ok(Saved { id, title, changed: given.keys().map(|field| (*field).to_owned()).collect() })
}

async fn edit(
    conn: &mut Connection,
    kind: Kind,
    stored: &Stored,
    submission: &Submission,
    author: &Author,
) -> Result<Saved, EditError> {
    let id = stored.id;
    let changed = changed_fields(conn, kind, stored, submission).await?;
    let mut facts = super::validate(kind, &stored.facts, &changed).map_err(EditError::Invalid)?;
    if changed.get("slug").is_some_and(|slug| slug.trim().is_empty()) {
        // A blank slug asks for one made from the title.
        let base = slug(&facts.text(kind.title_field()), facts.number("year"));
        let slug =
            if base == stored.slug() { base } else { slugs::free(conn, kind, &base).await? };
        facts.set("slug", slug);
    }
    if changed.keys().any(|field| IDENTIFYING.contains(field)) {
        check_duplicate(conn, kind, Some(id), &facts, submission).await?;
    }
    let note = submission.note.as_deref();
    let mut operation = Operation::new(author, "edit").with_note(note);
    if !submission.forget_slugs.is_empty() {
        let before = slugs::of_subject(conn, kind, id).await?;
        slugs::forget(conn, kind, id, &submission.forget_slugs).await?;
        let after = slugs::of_subject(conn, kind, id).await?;
        if before != after {
            operation.details.insert("old_slugs".to_owned(), serde_json::json!([before, after]));
        }
    }
    slugs::rename(conn, kind, id, &stored.slug(), &facts.text("slug")).await?;
    if let Some(wanted) = hold_after(kind, stored, submission, &changed) {
        hold(conn, kind, id, &wanted).await?;
        operation.details.insert("hold".to_owned(), serde_json::json!([stored.held, wanted]));
    }
    let diffs = track(conn, kind, &[id], &operation, async |conn| {
        if changed.is_empty() {
            return Ok(());
        }
        super::store(conn, kind, &[(id, &facts)], &submission.create, &operation).await
    })
    .await?;
    let changed = diffs.into_values().flatten().map(|(field, _)| field).collect();
    Ok(Saved { id, title: facts.text(kind.title_field()), changed })
}

/// Returns the fields that the operator changed, with their new texts.
async fn changed_fields(
    conn: &mut Connection,
    kind: Kind,
    stored: &Stored,
    submission: &Submission,
) -> Result<BTreeMap<&'static str, String>, EditError> {
    let version = submission.version.unwrap_or(stored.version).min(stored.version);
    let earlier = changes::facts_at(conn, kind, stored, version).await?;
    let (seen, latest) = match &earlier {
        Some((facts, latest)) => (Some(facts), Some(latest)),
        None => (None, None),
    };
    let (mut changed, mut conflicts) = (BTreeMap::new(), Vec::new());
    for (field, text) in &submission.fields {
        let mine = normal(text, kind, field);
        let theirs = stored.facts.text(field);
        if mine == theirs || seen.is_some_and(|seen| seen.text(field) == mine) {
            continue;
        }
        if seen.is_some_and(|seen| seen.text(field) == theirs) {
            changed.insert(*field, mine);
            continue;
        }
        let latest = latest.and_then(|latest| latest.get(field));
        let (actor, at) =
            (latest.map(|change| change.actor.clone()), latest.map(|change| change.at));
        conflicts.push(Conflict { field, theirs, mine: text.clone(), actor, at });
    }
    if conflicts.is_empty() { Ok(changed) } else { Err(EditError::Conflict(conflicts)) }
}

/// Returns a submitted text as [`Facts::text`] would: browsers end lines with CR and LF.
fn normal(text: &str, kind: Kind, field: &str) -> String {
    if kind.field(field).is_some_and(|field| field.is_list) {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        return lines.collect::<Vec<_>>().join("\n");
    }
    text.replace("\r\n", "\n").trim().to_owned()
}

/// Returns the fields to hold if the operator chose other ones than those that follow from the edit.
fn hold_after(
    kind: Kind,
    stored: &Stored,
    submission: &Submission,
    changed: &BTreeMap<&'static str, String>,
) -> Option<BTreeSet<String>> {
    // The choice of an earlier version may lack fields that others have changed since.
    let is_current = submission.version.is_none_or(|version| version >= stored.version);
    let wanted = submission.hold.clone().filter(|_| is_current && kind.has_holds())?;
    let wanted: BTreeSet<String> =
        wanted.into_iter().filter(|field| kind.field(field).is_some()).collect();
    let is_kept = |field: &String| changed.contains_key(field.as_str());
    let differs = stored.held.symmetric_difference(&wanted).any(|field| !is_kept(field));
    differs.then_some(wanted)
}

/// Sets the fields of a record that imports leave alone.
pub(super) async fn hold(
    conn: &mut Connection,
    kind: Kind,
    id: i32,
    fields: &BTreeSet<String>,
) -> Result<(), EditError> {
    if kind.has_holds() {
        let statement = format!("UPDATE {} SET held = $1 WHERE id = $2", kind.table());
        let fields: Vec<&String> = fields.iter().collect();
        let statement = sql_query(statement).bind::<Array<Text>, _>(fields);
        statement.bind::<Integer, _>(id).execute(conn).await?;
    }
    Ok(())
}

async fn check_duplicate(
    conn: &mut Connection,
    kind: Kind,
    id: Option<i32>,
    facts: &Facts,
    submission: &Submission,
) -> Result<(), EditError> {
    let found = match kind {
        Kind::Film => film::duplicate(conn, id, facts).await?,
        Kind::Person => person::duplicate(conn, id, facts).await?,
        Kind::Tag => tag::duplicate(conn, id, facts).await?,
        Kind::Notice => None,
    };
    let is_allowed = |invalid: &Invalid| {
        submission.allow_duplicate && matches!(invalid.reason, Reason::Duplicate { .. })
    };
    match found.filter(|invalid| !is_allowed(invalid)) {
        Some(invalid) => Err(invalid.into()),
        None => Ok(()),
    }
}
