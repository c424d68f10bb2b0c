//! A batch of films into the tables: what is new is added, what differs updated.

mod rows;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use roaring::RoaringBitmap;

use super::matching::{self, Identity, Index};
use super::people::People;
use super::record::{Film, Person};
use super::report::{Counts, Place, Problem, Verdict};
use super::slugs::{Slugs, Wanted};
use crate::catalog::fold::{slug, sort_title};
use crate::db::Connection;
use crate::schema::{
    directors, movie_directors, movie_identifiers, movie_tags, movies, sources, tags,
};

/// A film without a year may be called so; these addresses are no film's.
const RESERVED: [&str; 1] = ["random"];

pub struct Writer {
    tags: HashMap<String, i32>,
    slugs: Slugs,
    /// Films that a record of this import is about.
    seen: RoaringBitmap,
}

#[derive(Default)]
pub struct Written {
    pub counts: Counts,
    pub new_directors: u64,
    /// Records that are about the same film as an earlier one.
    pub repeated: Vec<Problem>,
}

/// A film's row and what hangs on it, as stored or as wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Entry {
    row: Row,
    directors: Vec<i32>,
    tags: Vec<i32>,
    identifiers: HashMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, HasQuery)]
#[diesel(table_name = movies)]
struct Row {
    title: String,
    original_title: Option<String>,
    sort_title: String,
    year: Option<i16>,
    released_on: Option<NaiveDate>,
    runtime: Option<i16>,
    countries: Vec<String>,
    languages: Vec<String>,
    actors: Vec<String>,
    synopsis: Option<String>,
    synopsis_source_id: Option<i32>,
    synopsis_url: Option<String>,
}

impl Default for Writer {
    fn default() -> Self {
        Self { tags: HashMap::new(), slugs: Slugs::without(&RESERVED), seen: RoaringBitmap::new() }
    }
}

impl Writer {
    pub async fn write(
        &mut self,
        conn: &mut Connection,
        films: Vec<(Place, Film)>,
        people: &mut People,
    ) -> anyhow::Result<Written> {
        let mut written = Written::default();
        if films.is_empty() {
            return Ok(written);
        }
        let films = self.tell_apart(conn, films, &mut written).await?;
        let credited = films.iter().flat_map(|(_, film)| &film.directors);
        let credited = credited.map(|person| (person, None));
        let (directors, new_directors) = people.known(conn, credited).await?;
        written.new_directors = new_directors;
        self.learn_tags(conn, &films).await?;

        let known: Vec<i32> = films.iter().filter_map(|(known, _)| *known).collect();
        let stored = stored(conn, &known).await?;
        let (mut added, mut updated) = (Vec::new(), Vec::new());
        for (id, film) in &films {
            let before = id.and_then(|id| stored.get(&id)).cloned().unwrap_or_default();
            let mut after = self.entry(film, before.clone(), &directors);
            if let Some(text) = &film.text {
                after.row.synopsis = Some(text.text.clone());
                after.row.synopsis_source_id = Some(people.source(conn, text).await?);
                after.row.synopsis_url.clone_from(&text.url);
            }
            match id {
                None => added.push((film.slug.as_deref(), after)),
                Some(_) if before == after => written.counts.unchanged += 1,
                Some(id) => updated.push((*id, after)),
            }
        }
        let updated: Vec<(i32, &Entry)> = updated.iter().map(|(id, film)| (*id, film)).collect();
        rows::update(conn, &updated).await?;
        written.counts.updated += updated.len() as u64;
        let ids = insert(conn, &mut self.slugs, &added).await?;
        written.counts.added += ids.len() as u64;
        self.seen.extend(ids.iter().map(|id| id.cast_unsigned()));
        Ok(written)
    }

    /// Which record is which film; a second record of one film is left out and reported.
    async fn tell_apart(
        &mut self,
        conn: &mut Connection,
        films: Vec<(Place, Film)>,
        written: &mut Written,
    ) -> anyhow::Result<Vec<(Option<i32>, Film)>> {
        let identities: Vec<Identity> = films.iter().map(|(_, film)| Identity::of(film)).collect();
        let mut catalogue = Index::default();
        for (id, film) in matching::candidates(conn, &identities).await? {
            catalogue.add(id, film);
        }
        let mut batch = Index::default();
        let mut told_apart = Vec::with_capacity(films.len());
        for ((place, film), identity) in films.into_iter().zip(identities) {
            let known = catalogue.find(&identity);
            let repeats = match known {
                Some(id) => self.seen.contains(id.cast_unsigned()),
                None => batch.find(&identity).is_some(),
            };
            if repeats {
                let year = film.year.map(|year| format!(" ({year})")).unwrap_or_default();
                written.repeated.push(Problem {
                    place,
                    verdict: Verdict::Skipped,
                    cause: "a repeated record",
                    reason: format!("{}{year} stands in the import already", film.title),
                });
                continue;
            }
            match known {
                Some(id) => _ = self.seen.insert(id.cast_unsigned()),
                None => batch.add(0, identity),
            }
            told_apart.push((known, film));
        }
        Ok(told_apart)
    }

    /// The film as it is to be: what the record does not say stays as it is.
    fn entry(&self, film: &Film, stored: Entry, directors: &HashMap<Person, i32>) -> Entry {
        let Entry { row, .. } = stored;
        let or_stored = |new: &Vec<String>, old: Vec<String>| match new.is_empty() {
            true => old,
            false => new.clone(),
        };
        let original_title = film.original_title.clone().or(row.original_title);
        let year = film.year.or(row.year);
        let mut identifiers = stored.identifiers;
        identifiers.extend(film.identifiers.iter().map(|(s, v)| ((*s).to_owned(), v.clone())));
        let mut credited: Vec<i32> = Vec::new();
        for id in film.directors.iter().filter_map(|person| directors.get(person)) {
            // Two names may be one person's.
            if !credited.contains(id) {
                credited.push(*id);
            }
        }
        let tagged: Vec<i32> =
            film.tags.iter().filter_map(|name| self.tags.get(&slug(name, None))).copied().collect();
        Entry {
            row: Row {
                sort_title: sort_title(&film.title),
                title: film.title.clone(),
                original_title,
                year,
                released_on: film.released_on.or(row.released_on),
                runtime: film.runtime.or(row.runtime),
                countries: or_stored(&film.countries, row.countries),
                languages: or_stored(&film.languages, row.languages),
                actors: or_stored(&film.actors, row.actors),
                ..row
            },
            directors: if credited.is_empty() { stored.directors } else { credited },
            tags: if tagged.is_empty() { stored.tags } else { tagged },
            identifiers,
        }
    }

    async fn learn_tags(
        &mut self,
        conn: &mut Connection,
        films: &[(Option<i32>, Film)],
    ) -> anyhow::Result<()> {
        let mut wanted: HashMap<String, &str> = HashMap::new();
        for name in films.iter().flat_map(|(_, film)| &film.tags) {
            let slug = slug(name, None);
            if !self.tags.contains_key(&slug) {
                wanted.entry(slug).or_insert(name);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> =
            wanted.iter().map(|(slug, name)| (tags::slug.eq(slug), tags::name.eq(*name))).collect();
        diesel::insert_into(tags::table)
            .values(rows)
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
        let known = tags::table
            .filter(tags::slug.eq_any(wanted.keys()))
            .select((tags::slug, tags::id))
            .load::<(String, i32)>(conn)
            .await?;
        self.tags.extend(known);
        Ok(())
    }

    /// Films that no file of this import holds, and what only they used.
    pub async fn remove_others(&self, conn: &mut Connection) -> anyhow::Result<u64> {
        let kept: Vec<i32> = self.seen.iter().map(u32::cast_signed).collect();
        let others = movies::table.filter(movies::id.ne_all(kept));
        let removed = diesel::delete(others).execute(conn).await?;
        let credited = movie_directors::table.select(movie_directors::director_id);
        diesel::delete(directors::table.filter(directors::id.ne_all(credited)))
            .execute(conn)
            .await?;
        let tagged = movie_tags::table.select(movie_tags::tag_id);
        diesel::delete(tags::table.filter(tags::id.ne_all(tagged))).execute(conn).await?;
        let of_films = movies::table.select(movies::synopsis_source_id.assume_not_null());
        let of_films = of_films.filter(movies::synopsis_source_id.is_not_null());
        let of_people = directors::table.select(directors::biography_source_id.assume_not_null());
        let of_people = of_people.filter(directors::biography_source_id.is_not_null());
        let unused = sources::table
            .filter(sources::id.ne_all(of_films))
            .filter(sources::id.ne_all(of_people));
        diesel::delete(unused).execute(conn).await?;
        Ok(removed as u64)
    }
}

async fn stored(conn: &mut Connection, ids: &[i32]) -> anyhow::Result<HashMap<i32, Entry>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = movies::table
        .filter(movies::id.eq_any(ids))
        .select((movies::id, Row::as_select()))
        .load::<(i32, Row)>(conn)
        .await?;
    let mut entries: HashMap<i32, Entry> =
        rows.into_iter().map(|(id, row)| (id, Entry { row, ..Entry::default() })).collect();
    let directors = movie_directors::table
        .filter(movie_directors::movie_id.eq_any(ids))
        .order((movie_directors::movie_id, movie_directors::position))
        .select((movie_directors::movie_id, movie_directors::director_id));
    for (movie, director) in directors.load::<(i32, i32)>(conn).await? {
        entries.entry(movie).or_default().directors.push(director);
    }
    let tags = movie_tags::table
        .filter(movie_tags::movie_id.eq_any(ids))
        .order((movie_tags::movie_id, movie_tags::position))
        .select((movie_tags::movie_id, movie_tags::tag_id));
    for (movie, tag) in tags.load::<(i32, i32)>(conn).await? {
        entries.entry(movie).or_default().tags.push(tag);
    }
    let identifiers = movie_identifiers::table
        .filter(movie_identifiers::movie_id.eq_any(ids))
        .select((movie_identifiers::movie_id, movie_identifiers::scheme, movie_identifiers::value));
    for (movie, scheme, value) in identifiers.load::<(i32, String, String)>(conn).await? {
        entries.entry(movie).or_default().identifiers.insert(scheme, value);
    }
    Ok(entries)
}

async fn insert(
    conn: &mut Connection,
    slugs: &mut Slugs,
    added: &[(Option<&str>, Entry)],
) -> anyhow::Result<Vec<i32>> {
    let wanted: Vec<Wanted<'_>> = added
        .iter()
        .map(|(own, film)| Wanted { own: *own, base: slug(&film.row.title, film.row.year) })
        .collect();
    let ids = slugs.insert(&wanted, async |tried| {
        let slugs: Vec<&str> = tried.iter().map(|(_, slug)| slug.as_str()).collect();
        let new: Vec<&Row> = tried.iter().map(|(index, _)| &added[*index].1.row).collect();
        rows::insert(conn, &slugs, &new).await
    });
    let ids = ids.await?;
    let entries = added.iter().map(|(_, entry)| entry);
    rows::attach(conn, &ids.iter().copied().zip(entries).collect::<Vec<_>>()).await?;
    Ok(ids)
}
