//! Directors, and the sources of texts.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use roaring::RoaringBitmap;

use super::record::{Director, Origin, Text};
use super::slugs::{Slugs, Wanted};
use super::{Counts, Options};
use crate::catalog::fold::{slug, sort_name};
use crate::db::Connection;
use crate::schema::{directors, sources};

pub struct People {
    own: Origin,
    sources: HashMap<Origin, i32>,
    /// Added by this import.
    new: RoaringBitmap,
    slugs: Slugs,
}

/// The columns that a record may set.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery, AsChangeset)]
#[diesel(table_name = directors)]
struct Facts {
    #[diesel(skip_update)]
    id: i32,
    #[diesel(skip_update)]
    name: String,
    sort_name: String,
    born: Option<i16>,
    died: Option<i16>,
    country: Option<String>,
    biography: Option<String>,
    biography_source_id: Option<i32>,
    biography_url: Option<String>,
}

impl People {
    pub fn new(options: &Options) -> Self {
        let Options { source, licence, .. } = options.clone();
        Self {
            own: Origin { name: source, licence, licence_url: None },
            sources: HashMap::new(),
            new: RoaringBitmap::new(),
            slugs: Slugs::default(),
        }
    }

    /// The number of a text's source, which is kept the first time it is met.
    pub async fn source(&mut self, conn: &mut Connection, text: &Text) -> QueryResult<i32> {
        let origin = text.source.as_ref().unwrap_or(&self.own);
        if let Some(id) = self.sources.get(origin) {
            return Ok(*id);
        }
        let id = diesel::insert_into(sources::table)
            .values((
                sources::name.eq(&origin.name),
                sources::licence.eq(&origin.licence),
                sources::licence_url.eq(&origin.licence_url),
            ))
            .on_conflict((sources::name, sources::licence))
            .do_update()
            .set(sources::licence_url.eq(excluded(sources::licence_url)))
            .returning(sources::id)
            .get_result(conn)
            .await?;
        self.sources.insert(origin.clone(), id);
        Ok(id)
    }

    /// The director of each name; one that is not there yet is added, with the address beside the
    /// name if that is free. Of several of one name the first is meant: a name is all that a film's
    /// record says.
    pub async fn named<'a>(
        &mut self,
        conn: &mut Connection,
        names: impl Iterator<Item = (&'a str, Option<&'a str>)>,
    ) -> anyhow::Result<(HashMap<String, i32>, u64)> {
        let mut seen = HashSet::new();
        let names: Vec<_> = names.filter(|(name, _)| seen.insert(*name)).collect();
        let known = directors::table
            .filter(directors::name.eq_any(names.iter().map(|(name, _)| name)))
            .order(directors::id.desc())
            .select((directors::name, directors::id));
        let mut ids: HashMap<String, i32> = known.load(conn).await?.into_iter().collect();
        let new: Vec<_> = names.into_iter().filter(|(name, _)| !ids.contains_key(*name)).collect();
        let wanted: Vec<Wanted<'_>> =
            new.iter().map(|(name, own)| Wanted { own: *own, base: slug(name, None) }).collect();
        let added = self.slugs.insert(&wanted, async |tried| {
            let rows = tried.iter().map(|(index, slug)| {
                let name = new[*index].0;
                (
                    directors::slug.eq(slug.as_str()),
                    directors::name.eq(name),
                    directors::sort_name.eq(sort_name(name)),
                )
            });
            let inserted: Vec<(String, i32)> = diesel::insert_into(directors::table)
                .values(rows.collect::<Vec<_>>())
                .on_conflict(directors::slug)
                .do_nothing()
                .returning((directors::slug, directors::id))
                .get_results(conn)
                .await?;
            Ok(inserted.into_iter().collect())
        });
        let added = added.await?;
        self.new.extend(added.iter().map(|id| id.cast_unsigned()));
        let count = added.len() as u64;
        ids.extend(new.iter().map(|(name, _)| (*name).to_owned()).zip(added));
        Ok((ids, count))
    }

    pub async fn write(
        &mut self,
        conn: &mut Connection,
        records: Vec<Director>,
        counts: &mut Counts,
    ) -> anyhow::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let names = records.iter().map(|record| (record.name.as_str(), record.slug.as_deref()));
        let (ids, added) = self.named(conn, names).await?;
        counts.added += added;
        let rows = Facts::query().filter(directors::id.eq_any(ids.values())).load(conn).await?;
        let mut stored: HashMap<i32, Facts> = rows.into_iter().map(|row| (row.id, row)).collect();
        let mut updated: HashSet<i32> = HashSet::new();
        for record in records {
            let Some(before) = ids.get(&record.name).and_then(|id| stored.get(id)) else {
                continue;
            };
            let mut after = before.clone();
            if let Some(text) = &record.text {
                after.biography = Some(text.text.clone());
                after.biography_source_id = Some(self.source(conn, text).await?);
                after.biography_url.clone_from(&text.url);
            }
            after.sort_name = record.sort_name.unwrap_or(after.sort_name);
            after.born = record.born.or(after.born);
            after.died = record.died.or(after.died);
            after.country = record.country.or(after.country);
            if after != *before {
                diesel::update(directors::table.find(after.id)).set(&after).execute(conn).await?;
                updated.insert(after.id);
                stored.insert(after.id, after);
            }
        }
        // Who is new and gets facts was added, not updated.
        let known: HashSet<i32> =
            ids.into_values().filter(|id| !self.new.contains(id.cast_unsigned())).collect();
        let updated = known.intersection(&updated).count();
        counts.updated += updated as u64;
        counts.unchanged += (known.len() - updated) as u64;
        Ok(())
    }
}
