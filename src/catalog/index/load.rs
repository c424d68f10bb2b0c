//! Loads the index from the database: a few streamed statements in one snapshot.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::TryStreamExt;
use roaring::RoaringBitmap;

use super::rows::{DirectorRow, MovieColumns, MovieRow};
use super::{Directors, Index, Tags, Values, as_u32, positions_by_id};
use crate::catalog::dimension::Value;
use crate::catalog::search::Builder;
use crate::catalog::tags::Tag;
use crate::db::Connection;
use crate::schema::{catalogue_version, directors, movie_directors, movie_tags, movies, tags};

/// Returns the current catalog version.
pub async fn version(conn: &mut Connection) -> QueryResult<i64> {
    catalogue_version::table.select(catalogue_version::version).first(conn).await
}

/// Loads an index. Its version and its facts are of the same snapshot.
///
/// # Errors
/// Returns an error if the database fails.
pub async fn load(conn: &mut Connection) -> QueryResult<Index> {
    conn.build_transaction().read_only().repeatable_read().run(async |conn| read(conn).await).await
}

async fn read(conn: &mut Connection) -> QueryResult<Index> {
    let version = version(conn).await?;
    let mut words = Builder::default();
    let movies = read_movies(conn, &mut words).await?;
    let by_id = positions_by_id(&movies.ids, 0..as_u32(movies.ids.len()));
    let document = |id| super::position(&movies.ids, &by_id, id);
    let tags = read_tags(conn, document, &mut words).await?;
    let directors = read_directors(conn, movies.ids.len(), document, &mut words).await?;
    Ok(Index::new(version, movies, by_id, tags, directors, words.finish()))
}

async fn read_movies(conn: &mut Connection, words: &mut Builder) -> QueryResult<MovieColumns> {
    let mut movies = MovieColumns::default();
    let by_title = MovieRow::query().order((movies::sort_title, movies::id));
    let mut rows = by_title.load_stream::<MovieRow>(conn).await?;
    while let Some(movie) = rows.try_next().await? {
        movies.add(as_u32(movies.ids.len()), movie, words);
    }
    Ok(movies)
}

async fn read_tags(
    conn: &mut Connection,
    document: impl Fn(i32) -> Option<u32>,
    words: &mut Builder,
) -> QueryResult<Tags> {
    let known: Vec<Tag> = Tag::query().order(tags::id).load(conn).await?;
    let mut documents = vec![RoaringBitmap::new(); known.len()];
    let mut rows = movie_tags::table
        .select((movie_tags::movie_id, movie_tags::tag_id))
        .load_stream::<(i32, i32)>(conn)
        .await?;
    while let Some((movie, tag)) = rows.try_next().await? {
        let tag = known.binary_search_by_key(&tag, |tag| tag.id).ok();
        if let (Some(document), Some(tag)) = (document(movie), tag) {
            documents[tag].insert(document);
        }
    }
    let mut tags: Vec<_> = known.into_iter().zip(documents).collect();
    tags.sort_by(|(tag, _), (other, _)| tag.slug.cmp(&other.slug));
    tags.iter().for_each(|(tag, _)| words.tag(&tag.name));
    let ids = tags.iter().map(|(tag, _)| tag.id).collect();
    Ok(Tags { ids, values: Values(tags).map(Value::from) })
}

async fn read_directors(
    conn: &mut Connection,
    movies: usize,
    document: impl Fn(i32) -> Option<u32>,
    words: &mut Builder,
) -> QueryResult<Directors> {
    let (mut ids, mut has_biography, mut initials) = (Vec::new(), RoaringBitmap::new(), Vec::new());
    let by_name = DirectorRow::query().order((directors::sort_name, directors::id));
    let mut rows = by_name.load_stream::<DirectorRow>(conn).await?;
    while let Some(director) = rows.try_next().await? {
        if director.has_biography {
            has_biography.insert(as_u32(ids.len()));
        }
        ids.push(director.id);
        words.director(&director.name);
        initials.push(director.initial());
    }
    drop(rows);
    let by_id = positions_by_id(&ids, 0..as_u32(ids.len()));
    let mut credits = Vec::with_capacity(movies);
    let mut rows = movie_directors::table
        .select((movie_directors::movie_id, movie_directors::director_id))
        .load_stream::<(i32, i32)>(conn)
        .await?;
    while let Some((movie, director)) = rows.try_next().await? {
        credits.extend(document(movie).zip(super::position(&ids, &by_id, director)));
    }
    Ok(Directors::new(ids, by_id, has_biography, &initials, movies, &credits))
}
