//! Directors, and the sources of texts.

mod stored;

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use roaring::RoaringBitmap;

use self::stored::Stored;
use super::record::{Director, Origin, Person, Text};
use super::slugs::{Slugs, Wanted};
use super::{Counts, Options};
use crate::catalog::fold::slug;
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

    /// The director that each is. Who is not there yet is added, with the address beside the person
    /// if that is free.
    pub async fn known<'a>(
        &mut self,
        conn: &mut Connection,
        people: impl Iterator<Item = (&'a Person, Option<&'a str>)>,
    ) -> anyhow::Result<(HashMap<Person, i32>, u64)> {
        let mut seen = HashSet::new();
        let mut people: Vec<_> = people.filter(|(person, _)| seen.insert(*person)).collect();
        // A name alone may mean somebody whose number stands elsewhere.
        people.sort_by_key(|(person, _)| person.imdb.is_none());
        let all: Vec<&Person> = people.iter().map(|(person, _)| *person).collect();
        let mut stored = Stored::read(conn, &all).await?;
        let mut ids = HashMap::new();
        let mut new: Vec<(&Person, Wanted<'_>)> = Vec::new();
        let mut first: HashMap<&str, usize> = HashMap::new();
        let mut added: Vec<(&Person, usize)> = Vec::new();
        for (person, own) in people {
            if let Some(id) = stored.find(person) {
                ids.insert(person.clone(), id);
                continue;
            }
            let known = first.get(person.name.as_str()).filter(|_| person.imdb.is_none());
            let place = known.copied().unwrap_or(new.len());
            if place == new.len() {
                first.entry(&person.name).or_insert(place);
                new.push((person, Wanted { own, base: slug(&person.name, None) }));
            }
            added.push((person, place));
        }
        stored.write_numbers(conn).await?;
        let (new, wanted): (Vec<&Person>, Vec<Wanted<'_>>) = new.into_iter().unzip();
        let new_ids = self.slugs.insert(&wanted, async |tried| {
            let slugs: Vec<&str> = tried.iter().map(|(_, slug)| slug.as_str()).collect();
            let people: Vec<&Person> = tried.iter().map(|(index, _)| new[*index]).collect();
            stored::insert(conn, &slugs, &people).await
        });
        let new_ids = new_ids.await?;
        self.new.extend(new_ids.iter().map(|id| id.cast_unsigned()));
        ids.extend(added.into_iter().map(|(person, place)| (person.clone(), new_ids[place])));
        Ok((ids, new_ids.len() as u64))
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
        let people = records.iter().map(|record| (&record.person, record.slug.as_deref()));
        let (ids, added) = self.known(conn, people).await?;
        counts.added += added;
        let rows = Facts::query().filter(directors::id.eq_any(ids.values())).load(conn).await?;
        let mut stored: HashMap<i32, Facts> = rows.into_iter().map(|row| (row.id, row)).collect();
        let mut updated: HashSet<i32> = HashSet::new();
        for record in records {
            let Some(before) = ids.get(&record.person).and_then(|id| stored.get(id)) else {
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
