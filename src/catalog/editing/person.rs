//! People: their facts, validated as imports validate them.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value as Json;

use super::facts::{Facts, Field, Stored};
use super::film::{patch, set_origin, set_text, source_id, with_groups};
use super::problem::{EditError, Invalid, Reason};
use crate::catalog::fold::sort_name;
use crate::catalog::record::{Draft, Key, Rules, Value};
use crate::catalog::sources;
use crate::db::Connection;
use crate::schema::people;

pub const FIELDS: &[Field] = &[
    Field::one("name"),
    Field::one("sort_name"),
    Field::one("slug"),
    Field::one("born"),
    Field::one("died"),
    Field::one("country"),
    Field::one("biography"),
    Field::one("source"),
    Field::one("source_url"),
    Field::one("licence"),
    Field::one("licence_url"),
    Field::one("imdb"),
];

/// Fields that are validated together.
const GROUPS: [&[&str]; 1] = [&["born", "died"]];

/// A biography and its origin.
const TEXT: [&str; 5] = ["biography", "source", "source_url", "licence", "licence_url"];

#[derive(HasQuery, AsChangeset)]
#[diesel(table_name = people, treat_none_as_null = true)]
struct Row {
    #[diesel(skip_update)]
    id: i32,
    slug: String,
    name: String,
    sort_name: String,
    born: Option<i16>,
    died: Option<i16>,
    country: Option<String>,
    biography: Option<String>,
    biography_source_id: Option<i32>,
    biography_url: Option<String>,
    imdb: Option<String>,
    #[diesel(skip_update)]
    version: i32,
    #[diesel(skip_update)]
    held: Vec<String>,
}

pub async fn load(conn: &mut Connection, ids: &[i32]) -> QueryResult<BTreeMap<i32, Stored>> {
    let rows: Vec<Row> = Row::query().filter(people::id.eq_any(ids)).load(conn).await?;
    let source_ids: Vec<i32> = rows.iter().filter_map(|row| row.biography_source_id).collect();
    let sources = sources::with_ids(conn, &source_ids).await?;
    let stored = rows.into_iter().map(|row| {
        let source = row.biography_source_id.and_then(|id| sources.get(&id));
        let mut facts = Facts::default();
        facts.set("name", row.name);
        facts.set("sort_name", row.sort_name);
        facts.set("slug", row.slug);
        facts.set("born", row.born);
        facts.set("died", row.died);
        facts.set("country", row.country);
        facts.set("biography", row.biography);
        set_origin(&mut facts, source, row.biography_url);
        facts.set("imdb", row.imdb);
        let held = row.held.into_iter().collect();
        (row.id, Stored { id: row.id, version: row.version, held, facts })
    });
    Ok(stored.collect())
}

pub fn validate(
    current: &Facts,
    changed: &BTreeMap<&'static str, String>,
) -> Result<Facts, Vec<Invalid>> {
    let mut fields = with_groups(&GROUPS, &TEXT, current, changed);
    fields.entry("name").or_insert_with(|| current.text("name"));
    let mut draft = Draft::new();
    for (field, text) in &fields {
        let key = if *field == "name" { Some(Key::Directors) } else { Key::from_name(field) };
        let values = Some(text).filter(|text| !text.is_empty()).cloned().map(Value::Text);
        if let Some(key) = key {
            draft.push(key, None, values.into_iter().collect());
        }
    }
    let rules = Rules { blank_clears: true, is_typed: true, ..Rules::default() };
    let (record, problems) = draft.person(&rules);
    let invalid = problems.iter().filter_map(|problem| {
        let name = if problem.field == Key::Directors { "name" } else { problem.field.name() };
        let field = FIELDS.iter().find(|field| field.name == name)?;
        Invalid::of(problem, field.name)
    });
    let invalid: Vec<Invalid> = invalid.collect();
    let Some(record) = record.filter(|_| invalid.is_empty()) else { return Err(invalid) };
    let mut facts = current.clone();
    let derived = sort_name(&current.text("name")) == current.text("sort_name");
    let is_blank = changed.get("sort_name").is_some_and(|name| name.trim().is_empty());
    if is_blank || current.is_blank("sort_name") || derived {
        facts.set("sort_name", sort_name(&record.person.name));
    }
    patch(&mut facts, "sort_name", record.sort_name);
    facts.set("name", record.person.name);
    if let Some(slug) = record.slug {
        facts.set("slug", slug);
    }
    patch(&mut facts, "born", record.born);
    patch(&mut facts, "died", record.died);
    patch(&mut facts, "country", record.country);
    set_text(&mut facts, &TEXT, record.biography);
    if changed.contains_key("imdb") {
        facts.set("imdb", record.person.imdb.map_or(Json::Null, Json::from));
    }
    Ok(facts)
}

pub async fn store(conn: &mut Connection, people: &[(i32, &Facts)]) -> Result<(), EditError> {
    let mut sources = HashMap::new();
    for (id, facts) in people {
        let row = Row {
            id: *id,
            slug: facts.text("slug"),
            name: facts.text("name"),
            sort_name: facts.text("sort_name"),
            born: facts.number("born"),
            died: facts.number("died"),
            country: facts.some("country"),
            biography: facts.some("biography"),
            biography_source_id: source_id(conn, facts, &TEXT, &mut sources).await?,
            biography_url: facts.some("source_url"),
            imdb: facts.some("imdb"),
            version: 0,
            held: Vec::new(),
        };
        diesel::update(people::table.find(id)).set(&row).execute(conn).await?;
    }
    Ok(())
}

pub async fn insert(conn: &mut Connection, name: &str, slug: &str) -> QueryResult<i32> {
    diesel::insert_into(people::table)
        .values((
            people::slug.eq(slug),
            people::name.eq(name),
            people::sort_name.eq(sort_name(name)),
        ))
        .returning(people::id)
        .get_result(conn)
        .await
}

/// Finds another person with the same identifier.
pub async fn duplicate(
    conn: &mut Connection,
    id: Option<i32>,
    facts: &Facts,
) -> QueryResult<Option<Invalid>> {
    let Some(imdb) = facts.some("imdb") else { return Ok(None) };
    let others =
        people::table.filter(people::imdb.eq(&imdb)).filter(people::id.ne(id.unwrap_or_default()));
    let other = others.select(people::id).first::<i32>(conn).await.optional()?;
    Ok(other.map(|_| Invalid::new("imdb", Reason::Taken(imdb))))
}
