//! Stores a batch of movies: new ones are added, others updated where a record differs.

use std::collections::HashMap;

use chrono::Datelike;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use roaring::RoaringBitmap;

use super::decisions::{self, Removed};
use super::diagnostics::{Outcome, Problem, SourceLocation};
use super::matching::{self, Identity, Index, Match, list_scheme};
use super::people::People;
use super::plan::Counts;
use super::slugs::{SlugRequest, Slugs};
use crate::catalog::editing::{Kind, former_slugs};
use crate::catalog::fold::{RESERVED_MOVIE_SLUGS, slug, sort_title};
use crate::catalog::movies::{self as catalog_movies, MovieRow, StoredMovie, StoredPart};
use crate::catalog::record::{CreditName, MovieRecord, Patch, PersonName};
use crate::db::Connection;
use crate::schema::{credits, movie_tags, movies, people, sources, tags};

pub struct Writer {
    tags: HashMap<String, i32>,
    slugs: Slugs,
    /// Movies that a record of this import is about.
    seen: RoaringBitmap,
}

#[derive(Default)]
pub struct Written {
    pub counts: Counts,
    pub people_added: u64,
    /// Facts that were left alone because operators hold them.
    pub held: u64,
    /// Records about a movie that another record is about already, or that is in the trash.
    pub skipped: Vec<Problem>,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            tags: HashMap::new(),
            slugs: Slugs::without(&RESERVED_MOVIE_SLUGS),
            seen: RoaringBitmap::new(),
        }
    }
}

impl Writer {
    /// Stores the records. `slugs` are those of people that the same batch describes.
    pub async fn write(
        &mut self,
        conn: &mut Connection,
        records: Vec<(SourceLocation, MovieRecord)>,
        slugs: &HashMap<&PersonName, &str>,
        people: &mut People,
    ) -> anyhow::Result<Written> {
        let mut written = Written::default();
        if records.is_empty() {
            return Ok(written);
        }
        let records = self.identify(conn, records, &mut written).await?;
        let credited = records.iter().flat_map(|(_, record)| {
            let directors = record.directors.as_set().into_iter().flatten();
            let cast = record.cast.as_set().into_iter().flatten();
            directors.chain(cast.map(|credit| &credit.person))
        });
        let credited = credited.map(|person| (person, slugs.get(person).copied()));
        let (people_ids, people_added) = people.find_or_add(conn, credited).await?;
        written.people_added = people_added;
        self.load_tags(conn, &records).await?;

        let known: Vec<i32> = records.iter().filter_map(|(known, _)| *known).collect();
        let mut stored = catalog_movies::load(conn, &known).await?;
        let held = decisions::held(conn, &known).await?;
        let (mut added, mut updated) = (Vec::new(), Vec::new());
        for (id, mut record) in records {
            let before = id.and_then(|id| stored.remove(&id)).unwrap_or_default();
            if let Some(held) = id.and_then(|id| held.get(&id)) {
                written.held += decisions::keep_held(&mut record, held, &before.row.title);
            }
            let own_slug = record.slug.clone();
            let text = record.synopsis.clone();
            let mut after = self.merge(record, before.clone(), &people_ids);
            match text {
                Patch::Keep => {}
                Patch::Clear => {
                    after.row.synopsis = None;
                    after.row.synopsis_source_id = None;
                    after.row.synopsis_url = None;
                }
                Patch::Set(text) => {
                    after.row.synopsis_source_id = Some(people.source(conn, &text).await?);
                    after.row.synopsis = Some(text.text);
                    after.row.synopsis_url = text.url;
                }
            }
            match id {
                None => added.push((own_slug, after)),
                Some(_) if before == after => written.counts.unchanged += 1,
                Some(id) => updated.push((id, after)),
            }
        }
        let updated: Vec<(i32, &StoredMovie)> =
            updated.iter().map(|(id, movie)| (*id, movie)).collect();
        catalog_movies::update(conn, &updated).await?;
        raise_versions(conn, &updated).await?;
        written.counts.updated += updated.len() as u64;
        let ids = insert(conn, &mut self.slugs, &added).await?;
        written.counts.added += ids.len() as u64;
        self.seen.extend(ids.iter().map(|id| id.cast_unsigned()));
        Ok(written)
    }

    /// Returns the movie of each record; a second record of one movie is left out and reported.
    async fn identify(
        &mut self,
        conn: &mut Connection,
        records: Vec<(SourceLocation, MovieRecord)>,
        written: &mut Written,
    ) -> anyhow::Result<Vec<(Option<i32>, MovieRecord)>> {
        let identities: Vec<Identity> =
            records.iter().map(|(_, record)| Identity::of(record)).collect();
        let mut catalogue = Index::default();
        for (id, movie) in matching::candidates(conn, &identities).await? {
            catalogue.add(id, movie);
        }
        let removed = Removed::load(conn, &identities, &mut catalogue).await?;
        let mut batch = Index::default();
        let mut identified = Vec::with_capacity(records.len());
        for ((location, record), identity) in records.into_iter().zip(identities) {
            let found = catalogue.find(&identity);
            let is_repeated = match found {
                Match::One(id) => self.seen.contains(id.cast_unsigned()),
                Match::None => batch.find(&identity) != Match::None,
                Match::Several => false,
            };
            let reason = match found {
                Match::Several => Some((
                    "title and year fit several films",
                    "title and year fit several films of the catalogue: add a director or an identifier",
                )),
                _ if !is_repeated => None,
                _ if identity.is_only_title() => Some((
                    "cannot be told apart",
                    "another record of this import has the same title, and nothing tells the two apart: \
                     add a year, a director or an identifier",
                )),
                _ => Some((
                    "a repeated record",
                    "the film is in this import already; the first counts",
                )),
            };
            if let Some((cause, message)) = reason {
                let year = identity.year.map(|year| format!(" ({year})")).unwrap_or_default();
                let message = format!("{}{year}: {message}", record.title);
                written.skipped.push(Problem {
                    location,
                    outcome: Outcome::Skipped,
                    cause,
                    message,
                });
                continue;
            }
            let in_trash = removed.find(&identity).filter(|_| found == Match::None);
            if in_trash.is_some() {
                let year = identity.year.map(|year| format!(" ({year})")).unwrap_or_default();
                written.skipped.push(Problem {
                    location,
                    outcome: Outcome::Skipped,
                    cause: "in the trash",
                    message: format!("{}{year}: the film is in the trash", record.title),
                });
                continue;
            }
            let known = match found {
                Match::One(id) => {
                    self.seen.insert(id.cast_unsigned());
                    Some(id)
                }
                _ => {
                    batch.add(0, identity);
                    None
                }
            };
            identified.push((known, record));
        }
        Ok(identified)
    }

    /// Returns the movie after the record is applied, but for its synopsis.
    fn merge(
        &self,
        record: MovieRecord,
        stored: StoredMovie,
        people: &HashMap<PersonName, i32>,
    ) -> StoredMovie {
        let StoredMovie { row, .. } = stored;
        let mut identifiers = stored.identifiers;
        for (scheme, value) in record.identifiers {
            match value {
                Patch::Keep => {}
                Patch::Clear => _ = identifiers.remove(scheme.name()),
                Patch::Set(value) => _ = identifiers.insert(scheme.name().to_owned(), value),
            }
        }
        let list_ids = record.list_ids.into_iter();
        identifiers.extend(list_ids.map(|(list, id)| (list_scheme(&list), id)));
        let credited = match record.directors {
            Patch::Keep => stored.directors,
            Patch::Clear => Vec::new(),
            Patch::Set(names) => {
                let mut credited: Vec<i32> = Vec::new();
                for id in names.iter().filter_map(|person| people.get(person)) {
                    // Two names may be one person's.
                    if !credited.contains(id) {
                        credited.push(*id);
                    }
                }
                credited
            }
        };
        let cast = match record.cast {
            Patch::Keep => stored.cast,
            Patch::Clear => Vec::new(),
            Patch::Set(credits) => cast(credits, people),
        };
        let tagged = match record.tags {
            Patch::Keep => stored.tags,
            Patch::Clear => Vec::new(),
            Patch::Set(names) => {
                let mut tagged: Vec<i32> = Vec::new();
                for id in names.iter().filter_map(|name| self.tags.get(&slug(name, None))) {
                    // Long names may share a slug.
                    if !tagged.contains(id) {
                        tagged.push(*id);
                    }
                }
                tagged
            }
        };
        let year = record.year.apply(row.year);
        let released_on = record.released.apply(row.released_on);
        // The day of another year than the film's is that of some other showing.
        let released_on =
            released_on.filter(|day| year.is_some_and(|year| i32::from(year) == day.year()));
        StoredMovie {
            row: MovieRow {
                sort_title: sort_title(&record.title),
                title: record.title,
                original_title: record.original_title.apply(row.original_title),
                year,
                released_on,
                runtime: record.runtime.apply(row.runtime),
                countries: record.countries.apply_list(row.countries),
                languages: record.languages.apply_list(row.languages),
                ..row
            },
            directors: credited,
            cast,
            tags: tagged,
            identifiers,
        }
    }

    /// Finds the tags of these records, and adds those that are new.
    async fn load_tags(
        &mut self,
        conn: &mut Connection,
        records: &[(Option<i32>, MovieRecord)],
    ) -> anyhow::Result<()> {
        let mut new: HashMap<String, &str> = HashMap::new();
        for name in records.iter().filter_map(|(_, record)| record.tags.as_set()).flatten() {
            let slug = slug(name, None);
            if !self.tags.contains_key(&slug) {
                new.entry(slug).or_insert(name);
            }
        }
        let wanted: Vec<String> = new.keys().cloned().collect();
        for (slug, id) in former_slugs(conn, Kind::Tag, &wanted).await? {
            new.remove(&slug);
            self.tags.insert(slug, id);
        }
        if new.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> =
            new.iter().map(|(slug, name)| (tags::slug.eq(slug), tags::name.eq(*name))).collect();
        diesel::insert_into(tags::table)
            .values(rows)
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
        let known = tags::table
            .filter(tags::slug.eq_any(new.keys()))
            .select((tags::slug, tags::id))
            .load::<(String, i32)>(conn)
            .await?;
        self.tags.extend(known);
        Ok(())
    }

    /// Returns the number of movies that no record of this import is about, and titles of the first.
    pub async fn others(
        &self,
        conn: &mut Connection,
        titles: usize,
    ) -> QueryResult<(u64, Vec<String>)> {
        let others = movies::table.filter(movies::id.ne_all(self.kept()));
        let count: i64 = others.clone().count().get_result(conn).await?;
        let titles = others
            .order(movies::id)
            .limit(i64::try_from(titles).unwrap_or_default())
            .select(movies::title)
            .load(conn)
            .await?;
        Ok((count.unsigned_abs(), titles))
    }

    fn kept(&self) -> Vec<i32> {
        self.seen.iter().map(u32::cast_signed).collect()
    }

    /// Deletes the movies that no record of this import is about, and what only they used.
    pub async fn remove_others(&self, conn: &mut Connection) -> anyhow::Result<()> {
        let others = movies::table.filter(movies::id.ne_all(self.kept())).select(movies::id);
        let others: Vec<i32> = others.load(conn).await?;
        catalog_movies::delete(conn, &others).await?;
        let credited = credits::table.select(credits::person_id);
        diesel::delete(people::table.filter(people::id.ne_all(credited))).execute(conn).await?;
        let tagged = movie_tags::table.select(movie_tags::tag_id);
        diesel::delete(tags::table.filter(tags::id.ne_all(tagged))).execute(conn).await?;
        let of_films = movies::table.select(movies::synopsis_source_id.assume_not_null());
        let of_films = of_films.filter(movies::synopsis_source_id.is_not_null());
        let of_people = people::table.select(people::biography_source_id.assume_not_null());
        let of_people = of_people.filter(people::biography_source_id.is_not_null());
        let unused = sources::table
            .filter(sources::id.ne_all(of_films))
            .filter(sources::id.ne_all(of_people));
        diesel::delete(unused).execute(conn).await?;
        Ok(())
    }
}

/// Returns each person once, with all characters.
fn cast(credits: Vec<CreditName>, people: &HashMap<PersonName, i32>) -> Vec<StoredPart> {
    let mut cast: Vec<StoredPart> = Vec::new();
    for CreditName { person, character } in credits {
        let Some(&person) = people.get(&person) else { continue };
        let Some(known) = cast.iter_mut().find(|part| part.person == person) else {
            cast.push(StoredPart { person, character });
            continue;
        };
        known.character = match (known.character.take(), character) {
            (Some(one), Some(other)) => Some(format!("{one} / {other}")),
            (one, other) => one.or(other),
        };
    }
    cast
}

/// Makes forms of earlier versions meet the changes of an import as a conflict.
async fn raise_versions(conn: &mut Connection, movies: &[(i32, &StoredMovie)]) -> QueryResult<()> {
    let ids: Vec<i32> = movies.iter().map(|(id, _)| *id).collect();
    let raised = movies::table.filter(movies::id.eq_any(ids));
    diesel::update(raised).set(movies::version.eq(movies::version + 1)).execute(conn).await?;
    Ok(())
}

async fn insert(
    conn: &mut Connection,
    slugs: &mut Slugs,
    added: &[(Option<String>, StoredMovie)],
) -> anyhow::Result<Vec<i32>> {
    let requests: Vec<SlugRequest<'_>> = added
        .iter()
        .map(|(own, movie)| SlugRequest {
            own: own.as_deref(),
            base: slug(&movie.row.title, movie.row.year),
        })
        .collect();
    let ids = slugs.insert(&requests, async |tried| {
        let movies: Vec<(&str, &StoredMovie)> =
            tried.iter().map(|(index, slug)| (slug.as_str(), &added[*index].1)).collect();
        let inserted = catalog_movies::insert(conn, &movies).await?;
        Ok(inserted.into_iter().map(|movie| (movie.slug, movie.id)).collect())
    });
    Ok(ids.await?)
}
