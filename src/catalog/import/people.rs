//! People, and the sources of texts.

mod stored;

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use roaring::RoaringBitmap;

use self::stored::Stored;
use super::options::Options;
use super::plan::Counts;
use super::slugs::{SlugRequest, Slugs};
use crate::catalog::editing::{Kind, former_slugs};
use crate::catalog::fold::slug;
use crate::catalog::record::{Patch, PersonName, PersonRecord, SourcedText, TextSource};
use crate::catalog::sources;
use crate::db::Connection;
use crate::schema::people;

pub struct People {
    /// The source of texts that do not name one.
    own: TextSource,
    sources: HashMap<TextSource, i32>,
    /// Added by this import, and not yet counted.
    new: RoaringBitmap,
    slugs: Slugs,
}

/// The columns that a record may change.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery, AsChangeset)]
#[diesel(table_name = people, treat_none_as_null = true)]
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
            own: TextSource { name: source, licence, licence_url: None },
            sources: HashMap::new(),
            new: RoaringBitmap::new(),
            slugs: Slugs::default(),
        }
    }

    /// Returns the id of a text's source, which is stored the first time it is met.
    pub async fn source(&mut self, conn: &mut Connection, text: &SourcedText) -> QueryResult<i32> {
        let source = text.source.as_ref().unwrap_or(&self.own);
        if let Some(id) = self.sources.get(source) {
            return Ok(*id);
        }
        let id = sources::find_or_add(conn, source).await?;
        self.sources.insert(source.clone(), id);
        Ok(id)
    }

    /// Returns the person of each name and the number of those that were added, with the slug beside
    /// the name if that is free.
    pub async fn find_or_add<'a>(
        &mut self,
        conn: &mut Connection,
        people: impl Iterator<Item = (&'a PersonName, Option<&'a str>)>,
    ) -> anyhow::Result<(HashMap<PersonName, i32>, u64)> {
        let mut seen = HashSet::new();
        let mut people: Vec<_> = people.filter(|(person, _)| seen.insert(*person)).collect();
        // A name alone may be that of somebody whose identifier is in another record.
        people.sort_by_key(|(person, _)| person.imdb.is_none());
        let all: Vec<&PersonName> = people.iter().map(|(person, _)| *person).collect();
        let mut stored = Stored::read(conn, &all).await?;
        let slugs: Vec<String> = all.iter().map(|person| slug(&person.name, None)).collect();
        let former = former_slugs(conn, Kind::Person, &slugs).await?;
        let mut ids = HashMap::new();
        let mut new: Vec<(&PersonName, SlugRequest<'_>)> = Vec::new();
        let mut first: HashMap<&str, usize> = HashMap::new();
        let mut added: Vec<(&PersonName, usize)> = Vec::new();
        for (person, own) in people {
            let known = stored.find(person);
            if let Some(id) = known.or_else(|| former.get(&slug(&person.name, None)).copied()) {
                ids.insert(person.clone(), id);
                continue;
            }
            let known = first.get(person.name.as_str()).filter(|_| person.imdb.is_none());
            let position = known.copied().unwrap_or(new.len());
            if position == new.len() {
                first.entry(&person.name).or_insert(position);
                new.push((person, SlugRequest { own, base: slug(&person.name, None) }));
            }
            added.push((person, position));
        }
        stored.write_identifiers(conn).await?;
        let (new, requests): (Vec<&PersonName>, Vec<SlugRequest<'_>>) = new.into_iter().unzip();
        let new_ids = self.slugs.insert(&requests, async |tried| {
            let slugs: Vec<&str> = tried.iter().map(|(_, slug)| slug.as_str()).collect();
            let people: Vec<&PersonName> = tried.iter().map(|(index, _)| new[*index]).collect();
            stored::insert(conn, &slugs, &people).await
        });
        let new_ids = new_ids.await?;
        self.new.extend(new_ids.iter().map(|id| id.cast_unsigned()));
        ids.extend(added.into_iter().map(|(person, position)| (person.clone(), new_ids[position])));
        Ok((ids, new_ids.len() as u64))
    }

    /// Applies records about people; each is counted once.
    pub async fn write(
        &mut self,
        conn: &mut Connection,
        records: Vec<PersonRecord>,
        counts: &mut Counts,
    ) -> anyhow::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let people = records.iter().map(|record| (&record.person, record.slug.as_deref()));
        let (ids, _) = self.find_or_add(conn, people).await?;
        let rows = Facts::query().filter(people::id.eq_any(ids.values())).load(conn).await?;
        let mut stored: HashMap<i32, Facts> = rows.into_iter().map(|row| (row.id, row)).collect();
        for record in records {
            let Some(before) = ids.get(&record.person).and_then(|id| stored.get(id)) else {
                continue;
            };
            let mut after = before.clone();
            match record.biography {
                Patch::Keep => {}
                Patch::Clear => {
                    after.biography = None;
                    after.biography_source_id = None;
                    after.biography_url = None;
                }
                Patch::Set(text) => {
                    after.biography_source_id = Some(self.source(conn, &text).await?);
                    after.biography = Some(text.text);
                    after.biography_url = text.url;
                }
            }
            if let Patch::Set(sort_name) = record.sort_name {
                after.sort_name = sort_name;
            }
            after.born = record.born.apply(after.born);
            after.died = record.died.apply(after.died);
            if after.born.zip(after.died).is_some_and(|(born, died)| died < born) {
                // One of the two is new; the other is of another record and cannot be right with it.
                after.born = before.born;
                after.died = before.died;
            }
            after.country = record.country.apply(after.country);
            let is_new = self.new.remove(after.id.cast_unsigned());
            let is_changed = after != *before;
            if is_changed {
                diesel::update(people::table.find(after.id)).set(&after).execute(conn).await?;
                stored.insert(after.id, after);
            }
            match (is_new, is_changed) {
                (true, _) => counts.added += 1,
                (false, true) => counts.updated += 1,
                (false, false) => counts.unchanged += 1,
            }
        }
        Ok(())
    }
}
