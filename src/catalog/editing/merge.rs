//! Merges one record into another of its kind.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use super::changes;
use super::facts::{Facts, Stored};
use super::problem::{EditError, Invalid, Reason};
use super::track::{Author, Operation, track};
use super::trash::{self, films_of};
use super::{Kind, LONG_TIMEOUTS, find, load, lock, slugs};
use crate::db::Connection;
use crate::schema::{merged, movie_identifiers, old_slugs};

/// The record whose value of a field remains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    This,
    Into,
    /// The values of both lists.
    Both,
}

impl Take {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "this" => Some(Self::This),
            "into" => Some(Self::Into),
            "both" => Some(Self::Both),
            _ => None,
        }
    }
}

/// A merge of the record `from` into another.
#[derive(Debug, Clone, Default)]
pub struct Merge {
    pub from: i32,
    pub into: i32,
    /// The versions that the operator saw.
    pub version: Option<i32>,
    pub into_version: Option<i32>,
    pub take: BTreeMap<&'static str, Take>,
}

/// Returns the facts of the remaining record: its own where it has them, unless `take` says otherwise.
pub fn combined(kind: Kind, from: &Facts, into: &Facts, take: &BTreeMap<&str, Take>) -> Facts {
    let mut facts = into.clone();
    for field in kind.fields().iter().filter(|field| field.name != "slug") {
        let name = field.name;
        match take.get(name) {
            Some(Take::This) => facts.set(name, from.get(name).clone()),
            Some(Take::Both) if field.is_list => {
                let mut values = into.lines(name);
                let others = from.lines(name).into_iter();
                values.extend(others.filter(|value| !into.lines(name).contains(value)));
                facts.set(name, values);
            }
            None if into.is_blank(name) => facts.set(name, from.get(name).clone()),
            _ => {}
        }
    }
    facts
}

/// Loads both records of a merge.
///
/// # Errors
/// [`EditError::Invalid`] if they are one record, or if the other one is not there.
pub async fn pair(
    conn: &mut Connection,
    kind: Kind,
    from: i32,
    into: i32,
) -> Result<(Stored, Stored), EditError> {
    let this = find(conn, kind, from).await?;
    let other = load(conn, kind, &[into]).await?.remove(&into);
    match other.filter(|other| other.id != from && kind.can_merge()) {
        Some(other) => Ok((this, other)),
        None => Err(Invalid::new("into", Reason::NotMergeable).into()),
    }
}

/// Merges two records in one transaction. The merged record goes to the trash, its address redirects,
/// and its credits, tags and visitors' marks become those of the other.
///
/// # Errors
/// As [`pair`], and [`EditError::Conflict`] if one has changed since the operator saw it.
pub async fn merge(
    conn: &mut Connection,
    kind: Kind,
    merge: &Merge,
    author: &Author,
    note: Option<&str>,
) -> Result<(), EditError> {
    conn.transaction(async |conn| {
        conn.batch_execute(LONG_TIMEOUTS).await?;
        lock(conn, kind, &[merge.from, merge.into]).await?;
        let (from, into) = pair(conn, kind, merge.from, merge.into).await?;
        from.check_version(kind, merge.version)?;
        into.check_version(kind, merge.into_version)?;
        let facts = combined(kind, &from.facts, &into.facts, &merge.take);
        let operation = Operation::new(author, "merge").with_note(note);
        run(conn, kind, &from, &into, &facts, &operation).await
    })
    .await
}

/// Merges `from` into `into`, which then has these facts, within a transaction.
pub(super) async fn run(
    conn: &mut Connection,
    kind: Kind,
    from: &Stored,
    into: &Stored,
    facts: &Facts,
    operation: &Operation<'_>,
) -> Result<(), EditError> {
    let batch = changes::new_batch();
    let operation = Operation { batch: Some(batch), ..operation.clone() };
    let former = slugs::of_subject(conn, kind, from.id).await?;
    let earlier: Vec<i32> = merged::table
        .filter(merged::kind.eq(kind.name()))
        .filter(merged::into_id.eq(from.id))
        .select(merged::from_id)
        .load(conn)
        .await?;
    let on_films = Operation { action: "edit", holds: false, ..operation.on_others() };
    let films = match kind {
        Kind::Film | Kind::Notice => Vec::new(),
        Kind::Person | Kind::Tag => films_of(conn, kind, &[from.id]).await?,
    };
    let mut moved = Vec::new();
    track(conn, Kind::Film, &films, &on_films, async |conn| {
        moved = hand_over(conn, kind, from.id, into.id).await?;
        Ok(())
    })
    .await?;
    let list_ids = copy_list_ids(conn, kind, from.id, into.id).await?;
    // A fact that only one record may have is free once the other one is in the trash.
    let details = Map::from_iter([("into".to_owned(), json!(into.id))]);
    let removal = Operation { details, ..operation.on_others() };
    trash::put(conn, kind, &[from.id], &removal, "merged").await?;
    redirect(conn, kind, from, into.id).await?;
    let merged = json!({
        "from": from.id, "moved": moved, "slugs": former, "earlier": earlier, "list_ids": list_ids,
    });
    let operation =
        Operation { details: Map::from_iter([("merged".to_owned(), merged)]), ..operation };
    track(conn, kind, &[into.id], &operation, async |conn| {
        super::store(conn, kind, &[(into.id, facts)], &BTreeSet::new(), &operation).await
    })
    .await?;
    Ok(())
}

/// A credit or tag of a film that another person or tag has now; tags have no role.
#[derive(Debug, QueryableByName, Serialize, Deserialize)]
pub(super) struct MovedCredit {
    #[diesel(sql_type = Integer)]
    film: i32,
    #[diesel(sql_type = Text)]
    role: String,
}

/// Gives the credits or films of one record to another, but for films that the other has already.
async fn hand_over(
    conn: &mut Connection,
    kind: Kind,
    from: i32,
    into: i32,
) -> QueryResult<Vec<MovedCredit>> {
    let (table, column, role, same_role) = match kind {
        Kind::Person => ("credits", "person_id", "c.role", "AND t.role = c.role"),
        Kind::Tag => ("movie_tags", "tag_id", "''", ""),
        Kind::Film | Kind::Notice => return Ok(Vec::new()),
    };
    let statement = format!(
        "UPDATE {table} c SET {column} = $2 WHERE {column} = $1 AND NOT EXISTS (SELECT FROM {table} t \
         WHERE t.movie_id = c.movie_id AND t.{column} = $2 {same_role}) \
         RETURNING c.movie_id AS film, {role} AS role"
    );
    let statement = sql_query(statement).bind::<Integer, _>(from).bind::<Integer, _>(into);
    statement.load(conn).await
}

/// Gives credits or films back.
pub(super) async fn hand_back(
    conn: &mut Connection,
    kind: Kind,
    from: i32,
    into: i32,
    moved: &[MovedCredit],
) -> QueryResult<()> {
    let (table, column, same_role) = match kind {
        Kind::Person => ("credits", "person_id", "AND c.role = m.role"),
        Kind::Tag => ("movie_tags", "tag_id", ""),
        Kind::Film | Kind::Notice => return Ok(()),
    };
    let statement = format!(
        "UPDATE {table} c SET {column} = $1 FROM unnest($3, $4) AS m (film, role) \
         WHERE c.movie_id = m.film AND c.{column} = $2 {same_role}"
    );
    let films: Vec<i32> = moved.iter().map(|credit| credit.film).collect();
    let roles: Vec<&str> = moved.iter().map(|credit| credit.role.as_str()).collect();
    let statement = sql_query(statement).bind::<Integer, _>(from).bind::<Integer, _>(into);
    let statement = statement.bind::<Array<Integer>, _>(films).bind::<Array<Text>, _>(roles);
    statement.execute(conn).await?;
    Ok(())
}

/// Makes the address, the former addresses and the id of a record lead to another one.
async fn redirect(conn: &mut Connection, kind: Kind, from: &Stored, into: i32) -> QueryResult<()> {
    let earlier =
        merged::table.filter(merged::kind.eq(kind.name())).filter(merged::into_id.eq(from.id));
    diesel::update(earlier).set(merged::into_id.eq(into)).execute(conn).await?;
    let row = (merged::kind.eq(kind.name()), merged::from_id.eq(from.id), merged::into_id.eq(into));
    diesel::insert_into(merged::table).values(row).execute(conn).await?;
    let former = old_slugs::table
        .filter(old_slugs::kind.eq(kind.name()))
        .filter(old_slugs::subject_id.eq(from.id));
    diesel::update(former).set(old_slugs::subject_id.eq(into)).execute(conn).await?;
    slugs::redirect(conn, kind, into, &[from.slug()]).await
}

/// Adds the identifiers that lists gave the merged film; returns the schemes of those added.
async fn copy_list_ids(
    conn: &mut Connection,
    kind: Kind,
    from: i32,
    into: i32,
) -> QueryResult<Vec<String>> {
    if kind != Kind::Film {
        return Ok(Vec::new());
    }
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        scheme: String,
    }
    let statement = "INSERT INTO movie_identifiers (movie_id, scheme, value)
        SELECT $2, scheme, value FROM movie_identifiers
        WHERE movie_id = $1 AND (scheme = 'id' OR starts_with(scheme, 'id:'))
        ON CONFLICT DO NOTHING RETURNING scheme";
    let statement = sql_query(statement).bind::<Integer, _>(from).bind::<Integer, _>(into);
    Ok(statement.load::<Row>(conn).await?.into_iter().map(|row| row.scheme).collect())
}

/// The effects of a merge other than changed facts, as its history entry stores them.
#[derive(Debug, Deserialize)]
pub(super) struct Merged {
    pub from: i32,
    moved: Vec<MovedCredit>,
    slugs: Vec<String>,
    earlier: Vec<i32>,
    list_ids: Vec<String>,
}

/// Separates the records of a merge again, but for the facts of the remaining one, within a transaction.
pub(super) async fn split(
    conn: &mut Connection,
    kind: Kind,
    into: &Stored,
    merge: &Merged,
    operation: &Operation<'_>,
) -> Result<(), EditError> {
    let Merged { from, moved, slugs: former, earlier, list_ids } = merge;
    let trashed = trash::of_subject(conn, kind, *from).await?.ok_or(EditError::NotFound)?;
    let own = merged::table.find((kind.name(), *from));
    diesel::delete(own).execute(conn).await?;
    let repointed =
        merged::table.filter(merged::kind.eq(kind.name())).filter(merged::from_id.eq_any(earlier));
    diesel::update(repointed).set(merged::into_id.eq(*from)).execute(conn).await?;
    slugs::forget(conn, kind, into.id, &[trashed.slug]).await?;
    slugs::redirect(conn, kind, *from, former).await?;
    let copied = movie_identifiers::table
        .filter(movie_identifiers::movie_id.eq(into.id))
        .filter(movie_identifiers::scheme.eq_any(list_ids));
    diesel::delete(copied).execute(conn).await?;
    let restoration = Operation { action: "restore", ..operation.on_others() };
    trash::take(conn, &[trashed.id], &restoration).await?;
    let films: Vec<i32> = moved.iter().map(|credit| credit.film).collect();
    let on_films = Operation { action: "edit", holds: false, ..operation.on_others() };
    track(conn, Kind::Film, &films, &on_films, async |conn| {
        Ok(hand_back(conn, kind, *from, into.id, moved).await?)
    })
    .await?;
    Ok(())
}
