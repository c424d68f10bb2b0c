//! Films: their facts, validated as imports validate them.

mod store;

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value as Json;

pub(super) use self::store::source_id;
pub use self::store::{duplicate, insert, store};
use super::facts::{Facts, Field, Stored};
use super::names::{self, Label};
use super::problem::{Invalid, Reason};
use crate::catalog::movies::{self as catalog_movies, StoredMovie};
use crate::catalog::record::identifier::is_web_address;
use crate::catalog::record::text::clean;
use crate::catalog::record::{
    CreditName, Draft, Key, MovieRecord, Patch, Problem, Rules, Scheme, SourcedText, TextSource,
    Value,
};
use crate::catalog::sources::{self, Source};
use crate::db::Connection;
use crate::schema::{movie_links, movies};

pub const FIELDS: &[Field] = &[
    Field::one("title"),
    Field::one("original_title"),
    Field::one("slug"),
    Field::one("year"),
    Field::one("released"),
    Field::one("runtime"),
    Field::list("directors"),
    Field::list("tags"),
    Field::list("country"),
    Field::list("language"),
    Field::list("cast"),
    Field::one("synopsis"),
    Field::one("source"),
    Field::one("source_url"),
    Field::one("licence"),
    Field::one("licence_url"),
    Field::one("wikidata"),
    Field::one("imdb"),
    Field::one("tmdb"),
    Field::one("wikipedia"),
    Field::one("movielens"),
    Field::one("omdb"),
    Field::one("link_text"),
    Field::one("link_url"),
];

/// Fields that are validated together.
const GROUPS: [&[&str]; 2] = [&["title", "year", "released"], &["link_text", "link_url"]];

/// A synopsis and its origin.
const TEXT: [&str; 5] = ["synopsis", "source", "source_url", "licence", "licence_url"];

/// The columns that `MovieRow` does not have.
#[derive(HasQuery)]
#[diesel(table_name = movies)]
struct Row {
    id: i32,
    slug: String,
    version: i32,
    held: Vec<String>,
}

/// A link of the operator's own.
#[derive(HasQuery, Insertable)]
#[diesel(table_name = movie_links)]
struct Link {
    movie_id: i32,
    text: Option<String>,
    url: Option<String>,
}

pub async fn load(conn: &mut Connection, ids: &[i32]) -> QueryResult<BTreeMap<i32, Stored>> {
    let rows: Vec<Row> = Row::query().filter(movies::id.eq_any(ids)).load(conn).await?;
    let mut stored = catalog_movies::load(conn, ids).await?;
    let credited = stored.values().flat_map(|movie| {
        movie.directors.iter().copied().chain(movie.cast.iter().map(|part| part.person))
    });
    let people = names::labels_of_people(conn, &credited.collect()).await?;
    let tagged = stored.values().flat_map(|movie| &movie.tags).copied();
    let tags = names::labels_of_tags(conn, &tagged.collect()).await?;
    let source_ids: Vec<i32> =
        stored.values().filter_map(|movie| movie.row.synopsis_source_id).collect();
    let sources = sources::with_ids(conn, &source_ids).await?;
    let links: Vec<Link> =
        Link::query().filter(movie_links::movie_id.eq_any(ids)).load(conn).await?;
    let mut links: HashMap<i32, Link> =
        links.into_iter().map(|link| (link.movie_id, link)).collect();
    let loaded = rows.into_iter().filter_map(|row| {
        let movie = stored.remove(&row.id)?;
        let (id, version) = (row.id, row.version);
        let held = row.held.iter().cloned().collect();
        let link = links.remove(&row.id);
        let facts = facts(row, link, movie, &people, &tags, &sources);
        Some((id, Stored { id, version, held, facts }))
    });
    Ok(loaded.collect())
}

fn facts(
    row: Row,
    link: Option<Link>,
    movie: StoredMovie,
    people: &HashMap<i32, Label>,
    tags: &HashMap<i32, Label>,
    sources: &HashMap<i32, Source>,
) -> Facts {
    let StoredMovie { row: of, directors, cast, tags: tagged, identifiers } = movie;
    let names = |ids: &[i32], of: &HashMap<i32, Label>| -> Vec<Label> {
        ids.iter().filter_map(|id| of.get(id).cloned()).collect()
    };
    let mut facts = Facts::default();
    facts.set("title", of.title);
    facts.set("original_title", of.original_title);
    facts.set("slug", row.slug);
    facts.set("year", of.year);
    facts.set("released", of.released_on.map(|day| day.to_string()));
    facts.set("runtime", of.runtime);
    facts.set("directors", names(&directors, people));
    facts.set("tags", names(&tagged, tags));
    facts.set("country", of.countries);
    facts.set("language", of.languages);
    let cast = cast.iter().filter_map(|part| {
        let person = people.get(&part.person)?;
        Some(names::with_part(person, part.character.as_deref()))
    });
    facts.set("cast", cast.collect::<Vec<_>>());
    facts.set("synopsis", of.synopsis);
    set_origin(&mut facts, of.synopsis_source_id.and_then(|id| sources.get(&id)), of.synopsis_url);
    for scheme in Scheme::ALL {
        facts.set(scheme.name(), identifiers.get(scheme.name()).cloned());
    }
    let (text, url) = link.map_or((None, None), |link| (link.text, link.url));
    facts.set("link_text", text);
    facts.set("link_url", url);
    facts
}

/// Adds the fields that are validated with a changed one.
pub(super) fn with_groups(
    groups: &[&[&'static str]],
    text: &[&'static str; 5],
    current: &Facts,
    changed: &BTreeMap<&'static str, String>,
) -> BTreeMap<&'static str, String> {
    let mut fields = changed.clone();
    let is_cleared = changed.get(text[0]).is_some_and(|text| text.is_empty());
    // The origin of a text that is cleared goes with it.
    let text = Some(&text[..]).filter(|_| !is_cleared);
    for group in groups.iter().copied().chain(text) {
        if group.iter().any(|field| changed.contains_key(field)) {
            for field in group {
                fields.entry(field).or_insert_with(|| current.text(field));
            }
        }
    }
    fields
}

pub fn validate(
    current: &Facts,
    changed: &BTreeMap<&'static str, String>,
) -> Result<Facts, Vec<Invalid>> {
    let mut fields = with_groups(&GROUPS, &TEXT, current, changed);
    // A record without a title is not validated at all.
    fields.entry("title").or_insert_with(|| current.text("title"));
    let mut draft = Draft::new();
    for (field, text) in &fields {
        let Some(key) = Key::from_name(field) else { continue };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let values = match key {
            Key::Directors | Key::Cast => lines.map(|line| Value::Person(credit(line))).collect(),
            key if key.is_list() => lines.map(|line| Value::Text(line.to_owned())).collect(),
            _ if text.is_empty() => Vec::new(),
            _ => vec![Value::Text(text.clone())],
        };
        draft.push(key, None, values);
    }
    let rules = Rules { blank_clears: true, is_typed: true, ..Rules::default() };
    let (record, problems) = draft.movie(&rules);
    let mut invalid: Vec<Invalid> = problems.iter().filter_map(invalid_field).collect();
    let mut facts = current.clone();
    if let Some(record) = record {
        apply(record, &mut facts, &fields);
    }
    if let Some(text) = fields.get("link_text") {
        facts.set("link_text", clean(text));
        let url = fields.get("link_url").map(|url| url.trim()).filter(|url| !url.is_empty());
        match url {
            Some(url) if !is_web_address(url) => {
                let problem = format!("{url:?} is not an http or https address");
                invalid.push(Invalid::new("link_url", Reason::Value(problem)));
            }
            url => facts.set("link_url", url),
        }
    }
    if invalid.is_empty() { Ok(facts) } else { Err(invalid) }
}

fn credit(line: &str) -> CreditName {
    let (person, part) = names::split_part(line);
    CreditName { person: names::parse(person).person(), character: part.map(str::to_owned) }
}

fn invalid_field(problem: &Problem) -> Option<Invalid> {
    let field = FIELDS.iter().find(|field| field.name == problem.field.name())?;
    Invalid::of(problem, field.name)
}

fn apply(record: MovieRecord, facts: &mut Facts, fields: &BTreeMap<&'static str, String>) {
    facts.set("title", record.title);
    patch(facts, "original_title", record.original_title);
    patch(facts, "year", record.year);
    patch(facts, "released", record.released.map(|day| day.to_string()));
    patch(facts, "runtime", record.runtime);
    list(facts, "tags", record.tags);
    list(facts, "country", record.countries);
    list(facts, "language", record.languages);
    for (scheme, identifier) in record.identifiers {
        patch(facts, scheme.name(), identifier);
    }
    if let Some(slug) = record.slug {
        facts.set("slug", slug);
    }
    // Lines may name people by slug, which a record does not hold.
    for field in ["directors", "cast"] {
        let Some(lines) = fields.get(field) else { continue };
        let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
        facts.set(field, lines.map(str::to_owned).collect::<Vec<_>>());
    }
    set_text(facts, &TEXT, record.synopsis);
}

/// Sets the stored origin of a text.
pub(super) fn set_origin(facts: &mut Facts, source: Option<&Source>, url: Option<String>) {
    facts.set("source", source.map(|source| source.name.clone()));
    facts.set("source_url", url);
    facts.set("licence", source.map(|source| source.licence.clone()));
    facts.set("licence_url", source.and_then(|source| source.licence_url.clone()));
}

/// Sets a text and its origin; `fields` are named in the order of [`TEXT`].
pub(super) fn set_text(facts: &mut Facts, fields: &[&str; 5], text: Patch<SourcedText>) {
    match text {
        Patch::Keep => {}
        Patch::Clear => fields.iter().for_each(|field| facts.set(field, Json::Null)),
        Patch::Set(SourcedText { text, source, url }) => {
            let TextSource { name, licence, licence_url } = source.unwrap_or_else(TextSource::own);
            facts.set(fields[0], text);
            facts.set(fields[1], name);
            facts.set(fields[2], url);
            facts.set(fields[3], licence);
            facts.set(fields[4], licence_url);
        }
    }
}

pub(super) fn patch<T: Into<Json>>(facts: &mut Facts, field: &str, patch: Patch<T>) {
    match patch {
        Patch::Keep => {}
        Patch::Clear => facts.set(field, Json::Null),
        Patch::Set(value) => facts.set(field, value),
    }
}

fn list(facts: &mut Facts, field: &str, patch: Patch<Vec<String>>) {
    match patch {
        Patch::Keep => {}
        Patch::Clear => facts.set(field, Vec::<String>::new()),
        Patch::Set(values) => facts.set(field, values),
    }
}
