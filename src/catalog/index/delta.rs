//! Builds an index from the previous one and the changed rows, which the change log names.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::positions::{SortedTable, remap};
use super::rows::{DirectorRow, MovieColumns, MovieRow};
use super::{
    Directors, Document, Index, Tags, Values, ValuesBuilder, as_u32, position, positions_by_id,
    version,
};
use crate::catalog::dimension::{DimensionId, Value};
use crate::catalog::fold::slug;
use crate::catalog::id_remap::IdRemap;
use crate::catalog::search::{Builder, NumberRemaps};
use crate::catalog::tags::Tag;
use crate::db::Connection;
use crate::schema::{catalogue_log, directors, movie_directors, movie_tags, movies, tags};

/// Maximum number of changed rows; a full load is faster for more.
const MAX_CHANGES: usize = 3000;

const MOVIES: SortedTable = SortedTable { table: "movies", column: "sort_title" };
const DIRECTORS: SortedTable = SortedTable { table: "directors", column: "sort_name" };

/// Ids of the changed rows.
#[derive(Default)]
struct Changes {
    movies: BTreeSet<i32>,
    directors: BTreeSet<i32>,
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
                catalogue_log::directors,
                catalogue_log::tags,
            ))
            .load::<Row>(conn)
            .await?;
        let is_whole = i64::try_from(rows.len()).is_ok_and(|rows| rows == new - old);
        let mut changes = Self::default();
        for (everything, movies, directors, tags) in rows {
            if everything {
                return Ok(None);
            }
            changes.movies.extend(movies);
            changes.directors.extend(directors);
            changes.tags.extend(tags);
        }
        let Self { movies, directors, tags } = &changes;
        let few = movies.len() + directors.len() + tags.len() <= MAX_CHANGES;
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

    let credits = movie_directors::table
        .filter(movie_directors::movie_id.eq_any(&changed))
        .select((movie_directors::movie_id, movie_directors::director_id))
        .load::<(i32, i32)>(conn)
        .await?;
    let credits = credits.into_iter().filter_map(|(movie, id)| Some((document(movie)?, id)));
    let ids = &changes.directors;
    let (directors, director_numbers) =
        changed_directors(conn, old, &documents, ids, credits, &mut words).await?;
    let numbers =
        NumberRemaps { movies: &documents, directors: &director_numbers, tags: &tag_numbers };
    let words = words.finish_onto(&old.words, &numbers);
    Ok(Index::new(version, movies, by_id, tags, directors, words))
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

/// Returns all directors. `credits` are those of the changed movies, with ids of directors.
async fn changed_directors(
    conn: &mut Connection,
    old: &Index,
    documents: &IdRemap,
    changed: &BTreeSet<i32>,
    credits: impl Iterator<Item = (Document, i32)>,
    words: &mut Builder,
) -> QueryResult<(Directors, IdRemap)> {
    let old = &old.directors;
    let rows: Vec<DirectorRow> = DirectorRow::query()
        .filter(directors::id.eq_any(changed))
        .order((directors::sort_name, directors::id))
        .load(conn)
        .await?;
    rows.iter().for_each(|director| words.director(&director.name));
    let new: Vec<i32> = rows.iter().map(|director| director.id).collect();
    let removed = positions(changed, |id| old.position(id));
    let numbers = remap(conn, &DIRECTORS, &old.ids, &removed, &new).await?;

    let mut has_biography = numbers.set(&old.has_biography);
    let added = numbers.added().iter().zip(&rows);
    has_biography.extend(added.filter(|(_, director)| director.has_biography).map(|(at, _)| *at));
    let ids = numbers.merge(old.ids.iter().copied(), new.iter().copied());
    let kept = old.by_id.iter().filter_map(|at| numbers.kept(*at));
    let by_id = positions_by_id(&ids, kept.chain(numbers.added().iter().copied()));
    // A changed director keeps the unchanged movies.
    let moved: HashMap<u32, u32> = new
        .iter()
        .zip(numbers.added())
        .filter_map(|(id, at)| Some((old.position(*id)?, *at)))
        .collect();
    let moved = |at: u32| numbers.kept(at).or_else(|| moved.get(&at).copied());
    let mut all: Vec<(Document, u32)> =
        credits.filter_map(|(movie, id)| Some((movie, position(&ids, &by_id, id)?))).collect();
    all.reserve(old.of.items.len());
    for movie in 0..old.of.count() {
        if let Some(document) = documents.kept(movie) {
            let directors = old.of.get(movie).iter();
            all.extend(directors.filter_map(|director| Some((document, moved(*director)?))));
        }
    }
    let initials = numbers.merge(old.initials(), rows.iter().map(DirectorRow::initial));
    let directors = Directors::new(ids, by_id, has_biography, &initials, documents.count(), &all);
    Ok((directors, numbers))
}
