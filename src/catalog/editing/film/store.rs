//! Storing films.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::facts::Facts;
use super::super::names;
use super::super::problem::{EditError, Invalid, Reason};
use super::super::track::Operation;
use super::{Link, Row, TEXT};
use crate::catalog::fold::sort_title;
use crate::catalog::import::{Identity, candidates};
use crate::catalog::movies::{self as catalog_movies, MovieRow, StoredMovie, StoredPart};
use crate::catalog::record::{Scheme, TextSource};
use crate::catalog::sources;
use crate::db::Connection;
use crate::schema::{movie_links, movies};

pub async fn store(
    conn: &mut Connection,
    films: &[(i32, &Facts)],
    create: &BTreeSet<String>,
    operation: &Operation<'_>,
) -> Result<(), EditError> {
    let ids: Vec<i32> = films.iter().map(|(id, _)| *id).collect();
    let lines = |field: &str| -> BTreeSet<String> {
        let lines = films.iter().flat_map(|(_, facts)| facts.lines(field));
        lines.map(|line| names::split_part(&line).0.to_owned()).collect()
    };
    let creates = |field: &str| create.contains(field);
    let mut people =
        names::people_of(conn, "directors", &lines("directors"), creates("directors"), operation)
            .await?;
    let creates_cast = creates("directors") || creates("cast");
    people.extend(names::people_of(conn, "cast", &lines("cast"), creates_cast, operation).await?);
    let tagged = films.iter().flat_map(|(_, facts)| facts.lines("tags")).collect();
    let tags = names::tags_of(conn, &tagged, creates("tags"), operation).await?;
    let mut stored = catalog_movies::load(conn, &ids).await?;
    let rows: Vec<Row> = Row::query().filter(movies::id.eq_any(&ids)).load(conn).await?;
    let rows: HashMap<i32, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut sources = HashMap::new();
    let mut updated = Vec::new();
    for (id, facts) in films {
        let (Some(before), Some(row)) = (stored.remove(id), rows.get(id)) else { continue };
        let slug = facts.text("slug");
        if slug != row.slug {
            diesel::update(movies::table.find(id)).set(movies::slug.eq(slug)).execute(conn).await?;
        }
        let source = source_id(conn, facts, &TEXT, &mut sources).await?;
        updated.push((*id, movie(before, facts, source, &people, &tags)));
    }
    diesel::delete(movie_links::table.filter(movie_links::movie_id.eq_any(&ids)))
        .execute(conn)
        .await?;
    let links = films.iter().filter_map(|(id, facts)| {
        let (text, url) = (facts.some("link_text"), facts.some("link_url"));
        (text.is_some() || url.is_some()).then_some(Link { movie_id: *id, text, url })
    });
    diesel::insert_into(movie_links::table).values(links.collect::<Vec<_>>()).execute(conn).await?;
    let updated: Vec<_> = updated.iter().map(|(id, movie)| (*id, movie)).collect();
    Ok(catalog_movies::update(conn, &updated).await?)
}

fn movie(
    before: StoredMovie,
    facts: &Facts,
    source: Option<i32>,
    people: &HashMap<String, i32>,
    tags: &HashMap<String, i32>,
) -> StoredMovie {
    let ids = |field: &str, of: &HashMap<String, i32>| {
        let mut ids: Vec<i32> = Vec::new();
        for id in facts.lines(field).iter().filter_map(|line| of.get(line)) {
            if !ids.contains(id) {
                ids.push(*id);
            }
        }
        ids
    };
    let title = facts.text("title");
    let mut identifiers = before.identifiers;
    for scheme in Scheme::ALL {
        match facts.some(scheme.name()) {
            Some(value) => _ = identifiers.insert(scheme.name().to_owned(), value),
            None => _ = identifiers.remove(scheme.name()),
        }
    }
    StoredMovie {
        row: MovieRow {
            sort_title: sort_title(&title),
            title,
            original_title: facts.some("original_title"),
            year: facts.number("year"),
            released_on: facts.some("released").and_then(|day| day.parse().ok()),
            runtime: facts.number("runtime"),
            countries: facts.lines("country"),
            languages: facts.lines("language"),
            synopsis: facts.some("synopsis"),
            synopsis_source_id: source,
            synopsis_url: facts.some("source_url"),
        },
        directors: ids("directors", people),
        cast: cast(facts, people),
        tags: ids("tags", tags),
        identifiers,
    }
}

/// Returns the parts of a film; a person has one.
fn cast(facts: &Facts, people: &HashMap<String, i32>) -> Vec<StoredPart> {
    let mut cast: Vec<StoredPart> = Vec::new();
    for line in facts.lines("cast") {
        let (name, part) = names::split_part(&line);
        let Some(person) = people.get(name).copied() else { continue };
        if !cast.iter().any(|known| known.person == person) {
            cast.push(StoredPart { person, character: part.map(str::to_owned) });
        }
    }
    cast
}

/// Returns the id of the source that a text names, if there is a text.
pub(in crate::catalog::editing) async fn source_id(
    conn: &mut Connection,
    facts: &Facts,
    fields: &[&str; 5],
    known: &mut HashMap<TextSource, i32>,
) -> QueryResult<Option<i32>> {
    if facts.is_blank(fields[0]) {
        return Ok(None);
    }
    let own = TextSource::own();
    let source = TextSource {
        name: facts.some(fields[1]).unwrap_or(own.name),
        licence: facts.some(fields[3]).unwrap_or(own.licence),
        licence_url: facts.some(fields[4]),
    };
    if let Some(id) = known.get(&source) {
        return Ok(Some(*id));
    }
    let id = sources::find_or_add(conn, &source).await?;
    known.insert(source, id);
    Ok(Some(id))
}

pub async fn insert(conn: &mut Connection, title: &str, slug: &str) -> QueryResult<i32> {
    diesel::insert_into(movies::table)
        .values((
            movies::slug.eq(slug),
            movies::title.eq(title),
            movies::sort_title.eq(sort_title(title)),
        ))
        .returning(movies::id)
        .get_result(conn)
        .await
}

/// Finds another film with one of these identifiers, or with the same title, year and directors.
pub async fn duplicate(
    conn: &mut Connection,
    id: Option<i32>,
    facts: &Facts,
) -> QueryResult<Option<Invalid>> {
    let identity = Identity {
        slug: None,
        identifiers: Scheme::ALL
            .into_iter()
            .filter_map(|scheme| Some((scheme, facts.some(scheme.name())?)))
            .collect(),
        title: facts.text("title"),
        year: facts.number("year"),
        directors: facts.lines("directors").iter().map(|line| names::parse(line).name).collect(),
        ..Identity::default()
    };
    let others = candidates(conn, std::slice::from_ref(&identity)).await?;
    for (other, found) in others.filter(|(other, _)| Some(*other) != id) {
        let shared = Scheme::ALL.into_iter().find(|scheme| {
            let value = identity.identifiers.get(scheme);
            value.is_some() && value == found.identifiers.get(scheme)
        });
        let is_same = found.title == identity.title
            && found.year == identity.year
            && found.directors == identity.directors;
        if shared.is_some() || is_same {
            let field = shared.map_or("title", Scheme::name);
            let reason = Reason::Duplicate { id: other, title: found.title };
            return Ok(Some(Invalid::new(field, reason)));
        }
    }
    Ok(None)
}
