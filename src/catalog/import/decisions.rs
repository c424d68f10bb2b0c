//! Decisions of operators that imports respect: removed films, former names and held facts.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::matching::{Identity, Index};
use crate::catalog::editing::{Kind, former_slugs};
use crate::catalog::record::{MovieRecord, Patch, Scheme};
use crate::db::Connection;
use crate::schema::movies;

/// Films that are not in the catalogue, among those that records may be about.
#[derive(Default)]
pub struct Removed {
    index: Index,
    /// The ids in the trash, by the film's own id; `None` once the film was purged.
    trash: HashMap<i32, Option<i64>>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Integer)]
    subject_id: i32,
    #[diesel(sql_type = Jsonb)]
    identity: Value,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    is_restorable: bool,
    /// The film that this one was merged into.
    #[diesel(sql_type = Nullable<Integer>)]
    into_id: Option<i32>,
}

impl Removed {
    /// Loads the removed films that records may be about. Former slugs and merged films lead to films of
    /// the catalogue and are added to `catalogue`.
    pub async fn load(
        conn: &mut Connection,
        records: &[Identity],
        catalogue: &mut Index,
    ) -> QueryResult<Self> {
        let titles: Vec<&str> = records.iter().map(|record| record.title.as_str()).collect();
        let values: Vec<&String> =
            records.iter().flat_map(|record| record.identifiers.values()).collect();
        let slugs: Vec<String> = records.iter().filter_map(|record| record.slug.clone()).collect();
        let statement = "SELECT trash.id, subject_id, identity, record IS NOT NULL AS is_restorable, into_id
            FROM trash LEFT JOIN merged ON merged.kind = trash.kind AND from_id = subject_id
            WHERE trash.kind = 'films' AND (identity ->> 'title' = ANY ($1) OR slug = ANY ($2)
                OR EXISTS (SELECT FROM jsonb_each_text(identity -> 'identifiers') AS i WHERE i.value = ANY ($3)))";
        let statement = sql_query(statement).bind::<Array<Text>, _>(titles);
        let statement = statement.bind::<Array<Text>, _>(&slugs).bind::<Array<Text>, _>(values);
        let mut removed = Self::default();
        for row in statement.load::<Row>(conn).await? {
            let identity = identity(&row.identity);
            match row.into_id {
                Some(into) => catalogue.add(into, identity),
                None => {
                    removed.index.add(row.subject_id, identity);
                    let trash_id = Some(row.id).filter(|_| row.is_restorable);
                    removed.trash.insert(row.subject_id, trash_id);
                }
            }
        }
        for (slug, id) in former_slugs(conn, Kind::Film, &slugs).await? {
            catalogue.add(id, Identity { slug: Some(slug), ..Identity::default() });
        }
        Ok(removed)
    }

    /// Returns the removed film that a record is about, with its id in the trash unless it was purged.
    pub fn find(&self, record: &Identity) -> Option<(i32, Option<i64>)> {
        let super::matching::Match::One(id) = self.index.find(record) else { return None };
        Some((id, *self.trash.get(&id)?))
    }
}

fn identity(stored: &Value) -> Identity {
    let texts = |value: &Value| -> Vec<String> {
        let values = value.as_array().into_iter().flatten();
        values.filter_map(|value| value.as_str().map(str::to_owned)).collect()
    };
    let identifiers = stored["identifiers"].as_object().into_iter().flatten();
    let identifiers: BTreeMap<Scheme, String> = identifiers
        .filter_map(|(scheme, value)| {
            Some((Scheme::from_name(scheme)?, value.as_str()?.to_owned()))
        })
        .collect();
    Identity {
        slug: stored["slug"].as_str().map(str::to_owned),
        identifiers,
        title: stored["title"].as_str().unwrap_or_default().to_owned(),
        year: stored["year"].as_i64().and_then(|year| year.try_into().ok()),
        directors: texts(&stored["directors"]).into_iter().collect(),
        ..Identity::default()
    }
}

/// The fields that operators hold, by film.
pub async fn held(conn: &mut Connection, ids: &[i32]) -> QueryResult<HashMap<i32, Vec<String>>> {
    let held = movies::table
        .filter(movies::id.eq_any(ids))
        .filter(movies::held.ne(Vec::<String>::new()))
        .select((movies::id, movies::held));
    Ok(held.load::<(i32, Vec<String>)>(conn).await?.into_iter().collect())
}

/// Leaves held facts out of a record; returns how many the record would have set. `title` is the stored
/// one.
pub fn keep_held(record: &mut MovieRecord, held: &[String], title: &str) -> u64 {
    fn keep<T>(patch: &mut Patch<T>) -> u64 {
        let was_set = !patch.is_keep();
        *patch = Patch::Keep;
        u64::from(was_set)
    }
    let mut kept = 0;
    for field in held {
        kept += match field.as_str() {
            "title" => {
                let differs = record.title != title;
                title.clone_into(&mut record.title);
                u64::from(differs)
            }
            "original_title" => keep(&mut record.original_title),
            "year" => keep(&mut record.year),
            "released" => keep(&mut record.released),
            "runtime" => keep(&mut record.runtime),
            "directors" => keep(&mut record.directors),
            "tags" => keep(&mut record.tags),
            "country" => keep(&mut record.countries),
            "language" => keep(&mut record.languages),
            "cast" => keep(&mut record.cast),
            "synopsis" | "source" | "source_url" | "licence" | "licence_url" => {
                keep(&mut record.synopsis)
            }
            scheme => match Scheme::from_name(scheme) {
                Some(scheme) => u64::from(record.identifiers.remove(&scheme).is_some()),
                None => 0,
            },
        };
    }
    kept
}
