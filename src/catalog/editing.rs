//! Changes to single records, as forms and commands make them: validated, checked against the version
//! that the operator saw, and written to the history in the same transaction.
//!
//! A record is a set of [`Facts`] by field name. Each [`Kind`] has one module that loads, validates and
//! stores them; history, trash, merge and undo work on all kinds alike.

pub mod bulk;
pub mod changes;
mod facts;
mod film;
pub mod merge;
mod names;
mod notice;
mod person;
mod problem;
pub mod revert;
mod save;
mod slugs;
mod submission;
mod tag;
mod track;
pub mod trash;

use std::collections::{BTreeMap, BTreeSet};

use clap::ValueEnum;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

pub use self::facts::{Diff, Facts, Field, Stored, changes_of, texts};
pub use self::names::labels_of_people;
pub use self::problem::{Conflict, EditError, Invalid, Reason};
pub use self::save::{Saved, save};
pub use self::slugs::{Moved, former as former_slugs, moved, of_subject as old_slugs};
pub use self::submission::Submission;
pub use self::track::{Author, Operation};
use crate::db::Connection;
use crate::schema::{movies, notices, people, tags};

/// Time that a change waits for another one of the same record.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '2s'";

/// As [`LOCK_TIMEOUT`], for operations on many records.
const LONG_TIMEOUTS: &str = "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '30s'";

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    #[value(name = "films")]
    Film,
    #[value(name = "directors")]
    Person,
    #[value(name = "tags")]
    Tag,
    #[value(name = "notices")]
    Notice,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Film, Self::Person, Self::Tag, Self::Notice];

    /// Returns the name in URLs, commands and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Film => "films",
            Self::Person => "directors",
            Self::Tag => "tags",
            Self::Notice => "notices",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Film => film::FIELDS,
            Self::Person => person::FIELDS,
            Self::Tag => tag::FIELDS,
            Self::Notice => notice::FIELDS,
        }
    }

    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// Returns the field that names a record.
    pub const fn title_field(self) -> &'static str {
        match self {
            Self::Film => "title",
            Self::Person | Self::Tag => "name",
            Self::Notice => "slug",
        }
    }

    /// Returns whether two records can be one.
    pub const fn can_merge(self) -> bool {
        !matches!(self, Self::Notice)
    }

    /// Returns whether imports change records of this kind, so that facts can be held.
    pub const fn has_holds(self) -> bool {
        matches!(self, Self::Film | Self::Person)
    }

    const fn table(self) -> &'static str {
        match self {
            Self::Film => "movies",
            Self::Person => "people",
            Self::Tag => "tags",
            Self::Notice => "notices",
        }
    }
}

/// Loads the records with these ids.
pub async fn load(
    conn: &mut Connection,
    kind: Kind,
    ids: &[i32],
) -> QueryResult<BTreeMap<i32, Stored>> {
    match kind {
        Kind::Film => film::load(conn, ids).await,
        Kind::Person => person::load(conn, ids).await,
        Kind::Tag => tag::load(conn, ids).await,
        Kind::Notice => notice::load(conn, ids).await,
    }
}

/// Loads one record.
///
/// # Errors
/// [`EditError::Trashed`] or [`EditError::NotFound`] if there is no such record.
pub async fn find(conn: &mut Connection, kind: Kind, id: i32) -> Result<Stored, EditError> {
    match load(conn, kind, &[id]).await?.remove(&id) {
        Some(stored) => Ok(stored),
        None => Err(match trash::of_subject(conn, kind, id).await? {
            Some(trashed) => EditError::Trashed(trashed.id),
            None => EditError::NotFound,
        }),
    }
}

/// Returns the id of the record with this slug.
pub async fn id_of(conn: &mut Connection, kind: Kind, slug: &str) -> QueryResult<Option<i32>> {
    match kind {
        Kind::Film => {
            let of_slug = movies::table.filter(movies::slug.eq(slug));
            of_slug.select(movies::id).first(conn).await.optional()
        }
        Kind::Person => {
            let of_slug = people::table.filter(people::slug.eq(slug));
            of_slug.select(people::id).first(conn).await.optional()
        }
        Kind::Tag => {
            let of_slug = tags::table.filter(tags::slug.eq(slug));
            of_slug.select(tags::id).first(conn).await.optional()
        }
        Kind::Notice => {
            let of_slug = notices::table.filter(notices::slug.eq(slug));
            of_slug.select(notices::id).first(conn).await.optional()
        }
    }
}

/// Returns those of the records that exist, in order of id.
pub async fn existing(conn: &mut Connection, kind: Kind, ids: &[i32]) -> QueryResult<Vec<i32>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        id: i32,
    }
    let statement = format!("SELECT id FROM {} WHERE id = ANY ($1) ORDER BY id", kind.table());
    let rows: Vec<Row> = sql_query(statement).bind::<Array<Integer>, _>(ids).load(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Returns the facts with the changed fields, given as texts, or everything that is wrong with them.
/// Fields that depend on a changed one are validated with it; others are not.
fn validate(
    kind: Kind,
    current: &Facts,
    changed: &BTreeMap<&'static str, String>,
) -> Result<Facts, Vec<Invalid>> {
    match kind {
        Kind::Film => film::validate(current, changed),
        Kind::Person => person::validate(current, changed),
        Kind::Tag => tag::validate(current, changed),
        Kind::Notice => notice::validate(current, changed),
    }
}

/// Replaces the facts of records. `create` holds the fields whose unknown names become new records.
async fn store(
    conn: &mut Connection,
    kind: Kind,
    records: &[(i32, &Facts)],
    create: &BTreeSet<String>,
    operation: &Operation<'_>,
) -> Result<(), EditError> {
    match kind {
        Kind::Film => film::store(conn, records, create, operation).await,
        Kind::Person => person::store(conn, records).await,
        Kind::Tag => tag::store(conn, records).await,
        Kind::Notice => notice::store(conn, records).await,
    }
}

/// Inserts a record of which only the title is stored; returns its id.
async fn insert(conn: &mut Connection, kind: Kind, title: &str, slug: &str) -> QueryResult<i32> {
    match kind {
        Kind::Film => film::insert(conn, title, slug).await,
        Kind::Person => person::insert(conn, title, slug).await,
        Kind::Tag => tag::insert(conn, title, slug).await,
        Kind::Notice => notice::insert(conn, slug).await,
    }
}

/// Locks records against other changes until the end of the transaction.
async fn lock(conn: &mut Connection, kind: Kind, ids: &[i32]) -> QueryResult<()> {
    conn.batch_execute(LOCK_TIMEOUT).await?;
    let statement =
        format!("SELECT FROM {} WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE", kind.table());
    sql_query(statement).bind::<Array<Integer>, _>(ids).execute(conn).await?;
    Ok(())
}
