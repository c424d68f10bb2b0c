//! Notices.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value as Json;

use super::facts::{Facts, Field, Stored};
use super::problem::{EditError, Invalid, Reason};
use crate::catalog::record::Code;
use crate::db::Connection;
use crate::schema::notices;

pub const FIELDS: &[Field] = &[
    Field::one("slug"),
    Field::one("level"),
    Field::one("text"),
    Field::one("active"),
    Field::one("starts_on"),
    Field::one("ends_on"),
];

/// Maximum length of a text, in characters.
const MAX_LENGTH: usize = 1000;

/// Maximum length of a slug.
const MAX_SLUG_LENGTH: usize = 60;

#[derive(HasQuery, AsChangeset)]
#[diesel(table_name = notices, treat_none_as_null = true)]
struct Row {
    #[diesel(skip_update)]
    id: i32,
    #[diesel(skip_update)]
    version: i32,
    slug: String,
    level: String,
    text: String,
    active: bool,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
}

pub async fn load(conn: &mut Connection, ids: &[i32]) -> QueryResult<BTreeMap<i32, Stored>> {
    let rows: Vec<Row> = Row::query().filter(notices::id.eq_any(ids)).load(conn).await?;
    let stored = rows.into_iter().map(|row| {
        let mut facts = Facts::default();
        facts.set("slug", row.slug);
        facts.set("level", row.level);
        facts.set("text", row.text);
        facts.set("active", row.active);
        facts.set("starts_on", row.starts_on.map(|day| day.to_string()));
        facts.set("ends_on", row.ends_on.map(|day| day.to_string()));
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
    for (field, text) in changed {
        let text = text.trim();
        match *field {
            "slug" => {
                let is_valid =
                    |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                match (1..=MAX_SLUG_LENGTH).contains(&text.len()) && text.bytes().all(is_valid) {
                    true => facts.set("slug", text),
                    false => report("slug", text, Code::NotASlug),
                }
            }
            "level" if matches!(text, "info" | "warning") => facts.set("level", text),
            "level" => report("level", text, Code::NotALevel),
            "text" if text.is_empty() => report("text", text, Code::MissingText),
            "text" if text.chars().count() > MAX_LENGTH => report("text", text, Code::TooLong),
            "text" => facts.set("text", text),
            "active" => facts.set("active", text == "yes"),
            "starts_on" | "ends_on" if text.is_empty() => facts.set(field, Json::Null),
            "starts_on" | "ends_on" => match text.parse::<NaiveDate>() {
                Ok(day) => facts.set(field, day.to_string()),
                Err(_) => report(field, text, Code::NotADate),
            },
            _ => {}
        }
    }
    let missing = ["slug", "text"].into_iter().filter(|field| facts.is_blank(field));
    for field in missing.filter(|field| !changed.contains_key(field)).collect::<Vec<_>>() {
        report(field, "", if field == "slug" { Code::NotASlug } else { Code::MissingText });
    }
    let days = facts.some("starts_on").zip(facts.some("ends_on"));
    if let Some((_, end)) = days.filter(|(start, end)| end < start) {
        report("ends_on", &end, Code::EndsBeforeStart);
    }
    if invalid.is_empty() { Ok(facts) } else { Err(invalid) }
}

pub async fn store(conn: &mut Connection, rows: &[(i32, &Facts)]) -> Result<(), EditError> {
    for (id, facts) in rows {
        let day = |field: &str| facts.some(field).and_then(|day| day.parse().ok());
        let row = Row {
            id: *id,
            version: 0,
            slug: facts.text("slug"),
            level: facts.some("level").unwrap_or_else(|| "info".to_owned()),
            text: facts.text("text"),
            active: !facts.is_blank("active"),
            starts_on: day("starts_on"),
            ends_on: day("ends_on"),
        };
        diesel::update(notices::table.filter(notices::id.eq(id))).set(&row).execute(conn).await?;
    }
    Ok(())
}

pub async fn insert(conn: &mut Connection, slug: &str) -> QueryResult<i32> {
    diesel::insert_into(notices::table)
        .values((notices::slug.eq(slug), notices::text.eq(slug)))
        .returning(notices::id)
        .get_result(conn)
        .await
}
