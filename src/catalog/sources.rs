//! The sources of synopses and biographies, with their licences.

use std::collections::HashMap;

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::record::TextSource;
use crate::db::Connection;
use crate::schema::{movies, people, sources};

#[derive(Debug, Clone, PartialEq, Eq, HasQuery)]
pub struct Source {
    pub id: i32,
    pub name: String,
    pub url: Option<String>,
    pub licence: String,
    pub licence_url: Option<String>,
}

/// A source with the number of texts that come from it.
#[derive(Debug)]
pub struct UsedSource {
    pub source: Source,
    pub synopses: i64,
    pub biographies: i64,
}

/// Loads the sources with these ids.
pub async fn with_ids(conn: &mut Connection, ids: &[i32]) -> QueryResult<HashMap<i32, Source>> {
    let sources: Vec<Source> = Source::query().filter(sources::id.eq_any(ids)).load(conn).await?;
    Ok(sources.into_iter().map(|source| (source.id, source)).collect())
}

/// Returns the id of a source, which is stored if it is new.
pub async fn find_or_add(conn: &mut Connection, source: &TextSource) -> QueryResult<i32> {
    diesel::insert_into(sources::table)
        .values((
            sources::name.eq(&source.name),
            sources::licence.eq(&source.licence),
            sources::licence_url.eq(&source.licence_url),
        ))
        .on_conflict((sources::name, sources::licence))
        .do_update()
        .set(sources::licence_url.eq(excluded(sources::licence_url)))
        .returning(sources::id)
        .get_result(conn)
        .await
}

/// Loads all sources in use, the most used first.
pub async fn list(conn: &mut Connection) -> QueryResult<Vec<UsedSource>> {
    let synopses: Vec<(Option<i32>, i64)> = movies::table
        .filter(movies::synopsis_source_id.is_not_null())
        .group_by(movies::synopsis_source_id)
        .select((movies::synopsis_source_id, count_star()))
        .order((sql::<BigInt>("count(*)").desc(), movies::synopsis_source_id))
        .load(conn)
        .await?;
    let biographies: Vec<(Option<i32>, i64)> = people::table
        .filter(people::biography_source_id.is_not_null())
        .group_by(people::biography_source_id)
        .select((people::biography_source_id, count_star()))
        .load(conn)
        .await?;
    let sources: Vec<Source> = Source::query().order(sources::id).load(conn).await?;
    let texts = |counts: &[(Option<i32>, i64)], id| {
        counts.iter().find(|(source, _)| *source == Some(id)).map_or(0, |(_, count)| *count)
    };
    let mut used: Vec<UsedSource> = sources
        .into_iter()
        .map(|source| UsedSource {
            synopses: texts(&synopses, source.id),
            biographies: texts(&biographies, source.id),
            source,
        })
        .filter(|used| used.synopses + used.biographies > 0)
        .collect();
    used.sort_by_key(|used| -(used.synopses + used.biographies));
    Ok(used)
}
