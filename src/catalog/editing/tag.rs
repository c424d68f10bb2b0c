//! Tags.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::facts::{Facts, Field, Stored};
use super::problem::{EditError, Invalid, Reason};
use crate::catalog::fold::{fold, is_slug};
use crate::catalog::record::text::{clean, tag_name};
use crate::catalog::record::{Code, MAX_NAME_LENGTH};
use crate::db::Connection;
use crate::schema::tags;

pub const FIELDS: &[Field] = &[Field::one("name"), Field::one("slug")];

#[derive(HasQuery)]
#[diesel(table_name = tags)]
struct Row {
    id: i32,
    slug: String,
    name: String,
    version: i32,
}

pub async fn load(conn: &mut Connection, ids: &[i32]) -> QueryResult<BTreeMap<i32, Stored>> {
    let rows: Vec<Row> = Row::query().filter(tags::id.eq_any(ids)).load(conn).await?;
    let stored = rows.into_iter().map(|row| {
        let mut facts = Facts::default();
        facts.set("name", row.name);
        facts.set("slug", row.slug);
        (row.id, Stored { id: row.id, version: row.version, held: BTreeSet::new(), facts })
    });
    Ok(stored.collect())
}

pub fn validate(
    current: &Facts,
    changed: &BTreeMap<&'static str, String>,
) -> Result<Facts, Vec<Invalid>> {
    let mut facts = current.clone();
    let mut invalid = Vec::new();
    let mut report = |field, value: &str, code: Code| {
        invalid.push(Invalid::new(field, Reason::Value(format!("{value:?} {}", code.reason()))));
    };
    let name = changed.get("name").cloned().unwrap_or_else(|| current.text("name"));
    match clean(&name).map(|name| tag_name(&name)) {
        Some(name) if name.chars().count() > MAX_NAME_LENGTH => {
            report("name", &name, Code::TooLong);
        }
        Some(name) if !fold(&name).is_empty() => facts.set("name", name),
        _ => report("name", &name, Code::MissingTagName),
    }
    if let Some(slug) = changed.get("slug").map(|slug| slug.trim()).filter(|slug| !slug.is_empty())
    {
        match is_slug(slug) {
            true => facts.set("slug", slug),
            false => report("slug", slug, Code::NotASlug),
        }
    }
    if invalid.is_empty() { Ok(facts) } else { Err(invalid) }
}

pub async fn store(conn: &mut Connection, rows: &[(i32, &Facts)]) -> Result<(), EditError> {
    for (id, facts) in rows {
        let values = (tags::slug.eq(facts.text("slug")), tags::name.eq(facts.text("name")));
        diesel::update(tags::table.find(id)).set(values).execute(conn).await?;
    }
    Ok(())
}

pub async fn insert(conn: &mut Connection, name: &str, slug: &str) -> QueryResult<i32> {
    diesel::insert_into(tags::table)
        .values((tags::slug.eq(slug), tags::name.eq(name)))
        .returning(tags::id)
        .get_result(conn)
        .await
}

/// Finds another tag with the same name, whatever its case.
pub async fn duplicate(
    conn: &mut Connection,
    id: Option<i32>,
    facts: &Facts,
) -> QueryResult<Option<Invalid>> {
    diesel::define_sql_function! { fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text; }
    let name = facts.text("name");
    let others = tags::table
        .filter(lower(tags::name).eq(lower(&name)))
        .filter(tags::id.ne(id.unwrap_or_default()));
    let other = others.select(tags::id).first::<i32>(conn).await.optional()?;
    Ok(other.map(|_| Invalid::new("name", Reason::Taken(name))))
}
