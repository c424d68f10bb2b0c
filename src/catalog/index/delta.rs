//! Builds an index from the previous one and the changed rows, which the change log names.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::load::merged;
use super::positions::{SortedTable, remap};
use super::rows::{MovieColumns, MovieRow, PersonRow};
use super::{
    Document, Index, People, Tags, Values, ValuesBuilder, as_u32, position, positions_by_id,
    version,
};
use crate::catalog::dimension::{DimensionId, Value};
use crate::catalog::fold::slug;
use crate::catalog::id_remap::IdRemap;
use crate::catalog::people::Role;
use crate::catalog::search::{Builder, NumberRemaps};
use crate::catalog::tags::Tag;
use crate::db::Connection;
use crate::schema::{catalogue_log, credits, movie_tags, movies, people, tags};

/// Maximum number of changed rows; a full load is faster for more.
const MAX_CHANGES: usize = 3000;

const MOVIES: SortedTable = SortedTable { table: "movies", column: "sort_title" };
const PEOPLE: SortedTable = SortedTable { table: "people", column: "sort_name" };

/// Ids of the changed rows.
#[derive(Default)]
struct Changes {
    movies: BTreeSet<i32>,
    people: BTreeSet<i32>,
    tags: BTreeSet<i32>,
}

/// Builds the current index from an earlier one. Returns `None` if too much has changed since, or the
/// change log is incomplete: then the index must be loaded.
///
/// # Errors
/// Returns an error if the database fails.
pub async fn delta(conn: &mut Connection, old: &Index) -> QueryResult<Option<Index>> {
    let mut transaction = conn.build_transaction().read_only().repeatable_read();
    transaction
        .run(async |conn| {
            let version = version(conn).await?;
            match Changes::between(conn, old.version, version).await? {
                Some(changes) => changed(conn, old, version, &changes).await.map(Some),
                None => Ok(None),
            }
        })
        .await
}

impl Changes {
    /// Reads the change log between two versions, if it is complete and short.
    async fn between(conn: &mut Connection, old: i64, new: i64) -> QueryResult<Option<Self>> {
        type Row = (bool, Vec<i32>, Vec<i32>, Vec<i32>);
        let rows = catalogue_log::table
            .filter(catalogue_log::version.gt(old))
            .select((
                catalogue_log::everything,
                catalogue_log::movies,
                catalogue_log::people,
                catalogue_log::tags,
            ))
            .load::<Row>(conn)
            .await?;
        let is_whole = i64::try_from(rows.len()).is_ok_and(|rows| rows == new - old);
        let mut changes = Self::default();
        for (everything, movies, people, tags) in rows {
            if everything {
                return Ok(None);
            }
            changes.movies.extend(movies);
            changes.people.extend(people);
            changes.tags.extend(tags);
        }
        let Self { movies, people, tags } = &changes;
        let few = movies.len() + people.len() + tags.len() <= MAX_CHANGES;
        Ok(Some(changes).filter(|_| is_whole && few))
    }
}

async fn changed(
    conn: &mut Connection,
    old: &Index,
    version: i64,
    changes: &Changes,
) -> QueryResult<Index> {
    let mut words = Builder::default();
    let changed: Vec<i32> = changes.movies.iter().copied().collect();
    let rows = MovieRow::query()
        .filter(movies::id.eq_any(&changed))
        .order((movies::sort_title, movies::id))
        .load(conn)
        .await?;
    let new: Vec<i32> = rows.iter().map(|movie| movie.id).collect();
    let removed = positions(&changes.movies, |id| old.document(id));
    let documents = remap(conn, &MOVIES, &old.ids, &removed, &new).await?;
    let mut movies = changed_movies(old, &documents, rows, &mut words);
    name_countries(conn, &mut movies).await?;
    let kept = old.by_id.iter().filter_map(|document| documents.kept(*document));
    let by_id = positions_by_id(&movies.ids, kept.chain(documents.added().iter().copied()));
    let document = |id| position(&movies.ids, &by_id, id);

    let (mut tags, tag_numbers) = changed_tags(conn, old, &documents, changes, &mut words).await?;
    let tagged = movie_tags::table
        .filter(movie_tags::movie_id.eq_any(&changed))
        .select((movie_tags::movie_id, movie_tags::tag_id))
        .load::<(i32, i32)>(conn)
        .await?;
    let tag_positions: HashMap<i32, usize> = tags.ids.iter().copied().zip(0..).collect();
    for (movie, tag) in tagged {
        if let (Some(document), Some(tag)) = (document(movie), tag_positions.get(&tag)) {
            tags.values.0[*tag].1.insert(document);
        }
    }

    let credits = credits::table
        .filter(credits::movie_id.eq_any(&changed))
        .select((credits::role, credits::movie_id, credits::person_id))
        .load::<(String, i32, i32)>(conn)
        .await?;
    let credits = credits.into_iter().filter_map(|(role, movie, person)| {
        Some((Role::from_name(&role)?, document(movie)?, person))
    });
    let (people, person_numbers) =
        changed_people(conn, old, &documents, &changes.people, credits, &mut words).await?;
    let numbers = NumberRemaps { movies: &documents, people: &person_numbers, tags: &tag_numbers };
    let words = words.finish_onto(&old.words, &numbers);
    Ok(Index::new(version, movies, by_id, tags, people, words, merged(conn).await?))
}

/// Returns the positions of those ids that have one, ascending.
fn positions(ids: &BTreeSet<i32>, position: impl Fn(i32) -> Option<u32>) -> Vec<u32> {
    let mut positions: Vec<u32> = ids.iter().filter_map(|id| position(*id)).collect();
    positions.sort_unstable();
    positions
}

fn changed_movies(
    old: &Index,
    documents: &IdRemap,
    rows: Vec<MovieRow>,
    words: &mut Builder,
) -> MovieColumns {
    let kept = |dimension| ValuesBuilder::from_kept(old.values(dimension), documents);
    let mut movies = MovieColumns {
        has_synopsis: documents.set(&old.has_synopsis),
        countries: kept(DimensionId::Country),
        languages: kept(DimensionId::Language),
        ..MovieColumns::default()
    };
    for (document, movie) in documents.added().iter().zip(rows) {
        movies.add(*document, movie, words);
    }
    movies.ids = documents.merge(old.ids.iter().copied(), movies.ids);
    movies.years = documents.merge(old.years.numbers(), movies.years);
    movies.runtimes = documents.merge(old.runtimes.numbers(), movies.runtimes);
    movies
}

/// Labels each country as its first movie does, which may be another one now.
async fn name_countries(conn: &mut Connection, movies: &mut MovieColumns) -> QueryResult<()> {
    let MovieColumns { ids, countries, .. } = movies;
    let firsts: Vec<i32> =
        countries.first_movies().map(|(_, document)| ids[document as usize]).collect();
    let names: HashMap<i32, Vec<String>> = movies::table
        .filter(movies::id.eq_any(firsts))
        .select((movies::id, movies::countries))
        .load::<(i32, Vec<String>)>(conn)
        .await?
        .into_iter()
        .collect();
    for (country, document) in countries.first_movies() {
        let mut names = names.get(&ids[document as usize]).into_iter().flatten();
        if let Some(name) = names.find(|name| slug(name, None) == country.slug) {
            country.label.clone_from(name);
        }
    }
    Ok(())
}

/// Returns all tags with their kept movies.
async fn changed_tags(
    conn: &mut Connection,
    old: &Index,
    documents: &IdRemap,
    changes: &Changes,
    words: &mut Builder,
) -> QueryResult<(Tags, IdRemap)> {
    let ids: Vec<i32> = changes.tags.iter().copied().collect();
    let mut new: Vec<Tag> = Tag::query().filter(tags::id.eq_any(&ids)).load(conn).await?;
    new.sort_by(|tag, other| tag.slug.cmp(&other.slug));
    new.iter().for_each(|tag| words.tag(&tag.name));
    let old_values = old.values(DimensionId::Tag);
    let known: HashMap<i32, u32> = old.tag_ids.iter().copied().zip(0..).collect();
    let removed = positions(&changes.tags, |id| known.get(&id).copied());
    let kept: Vec<&str> = (old.tag_ids.iter().zip(&old_values.0))
        .filter(|(id, _)| !changes.tags.contains(id))
        .map(|(_, (tag, _))| tag.slug.as_str())
        .collect();
    let before = |tag: &Tag| as_u32(kept.partition_point(|slug| *slug < tag.slug.as_str()));
    let before: Vec<u32> = new.iter().map(before).collect();
    let numbers = IdRemap::new(known.len(), &removed, &before);

    let new_ids: Vec<i32> = new.iter().map(|tag| tag.id).collect();
    let new_values = new.into_iter().map(|tag| {
        let movies = known.get(&tag.id).map(|at| documents.set(old_values.movies(*at)));
        (Value::from(tag), movies.unwrap_or_default())
    });
    let kept = old_values.0.iter().map(|(tag, movies)| (tag.clone(), documents.set(movies)));
    let values = Values(numbers.merge(kept, new_values));
    let ids = numbers.merge(old.tag_ids.iter().copied(), new_ids);
    Ok((Tags { ids, values }, numbers))
}

/// Returns all people. `credits` are those of the changed movies, with ids of people.
async fn changed_people(
    conn: &mut Connection,
    old: &Index,
    documents: &IdRemap,
    changed: &BTreeSet<i32>,
    credits: impl Iterator<Item = (Role, Document, i32)>,
    words: &mut Builder,
) -> QueryResult<(People, IdRemap)> {
    let old = &old.people;
    let rows: Vec<PersonRow> = PersonRow::query()
        .filter(people::id.eq_any(changed))
        .order((people::sort_name, people::id))
        .load(conn)
        .await?;
    rows.iter().for_each(|person| words.person(&person.name));
    let new: Vec<i32> = rows.iter().map(|person| person.id).collect();
    let removed = positions(changed, |id| old.position(id));
    let numbers = remap(conn, &PEOPLE, &old.ids, &removed, &new).await?;

    let mut has_biography = numbers.set(&old.has_biography);
    let added = numbers.added().iter().zip(&rows);
    has_biography.extend(added.filter(|(_, person)| person.has_biography).map(|(at, _)| *at));
    let ids = numbers.merge(old.ids.iter().copied(), new.iter().copied());
    let kept = old.by_id.iter().filter_map(|at| numbers.kept(*at));
    let by_id = positions_by_id(&ids, kept.chain(numbers.added().iter().copied()));
    // A changed person keeps the unchanged movies.
    let moved: HashMap<u32, u32> = new
        .iter()
        .zip(numbers.added())
        .filter_map(|(id, at)| Some((old.position(*id)?, *at)))
        .collect();
    let moved = |at: u32| numbers.kept(at).or_else(|| moved.get(&at).copied());
    let mut all = Role::ALL.map(|role| {
        let of = &old.credits(role).of;
        let mut kept: Vec<(Document, u32)> = Vec::with_capacity(of.items.len());
        for movie in 0..of.count() {
            if let Some(document) = documents.kept(movie) {
                let people = of.get(movie).iter();
                kept.extend(people.filter_map(|person| Some((document, moved(*person)?))));
            }
        }
        kept
    });
    for (role, movie, id) in credits {
        all[role as usize].extend(position(&ids, &by_id, id).map(|at| (movie, at)));
    }
    let initials = numbers.merge(old.initials(), rows.iter().map(PersonRow::initial));
    let credits = all.each_ref().map(Vec::as_slice);
    let people = People::new(ids, by_id, has_biography, &initials, documents.count(), credits);
    Ok((people, numbers))
}
