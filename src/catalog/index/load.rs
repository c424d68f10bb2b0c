//! Loads the index from the database: a few streamed statements in one snapshot.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::TryStreamExt;
use roaring::RoaringBitmap;

use super::rows::{MovieColumns, MovieRow, PersonRow};
use super::{Document, Index, People, Tags, Values, as_u32, positions_by_id};
use crate::catalog::dimension::Value;
use crate::catalog::people::Role;
use crate::catalog::search::Builder;
use crate::catalog::tags::Tag;
use crate::db::Connection;
use crate::schema::{catalogue_version, credits, merged, movie_tags, movies, people, tags};

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
    let people = read_people(conn, movies.ids.len(), document, &mut words).await?;
    Ok(Index::new(version, movies, by_id, tags, people, words.finish(), merged(conn).await?))
}

/// Returns the movies that were merged into others.
pub(super) async fn merged(conn: &mut Connection) -> QueryResult<HashMap<i32, i32>> {
    let films = merged::table.filter(merged::kind.eq("films"));
    let films = films.select((merged::from_id, merged::into_id));
    Ok(films.load::<(i32, i32)>(conn).await?.into_iter().collect())
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

async fn read_people(
    conn: &mut Connection,
    movies: usize,
    document: impl Fn(i32) -> Option<Document>,
    words: &mut Builder,
) -> QueryResult<People> {
    let (mut ids, mut has_biography, mut initials) = (Vec::new(), RoaringBitmap::new(), Vec::new());
    let by_name = PersonRow::query().order((people::sort_name, people::id));
    let mut rows = by_name.load_stream::<PersonRow>(conn).await?;
    while let Some(person) = rows.try_next().await? {
        if person.has_biography {
            has_biography.insert(as_u32(ids.len()));
        }
        ids.push(person.id);
        words.person(&person.name);
        initials.push(person.initial());
    }
    drop(rows);
    let by_id = positions_by_id(&ids, 0..as_u32(ids.len()));
    let position = |id| super::position(&ids, &by_id, id);
    let directors = read_credits(conn, Role::Director, &document, position).await?;
    let actors = read_credits(conn, Role::Actor, &document, position).await?;
    let credits = [directors.as_slice(), actors.as_slice()];
    Ok(People::new(ids, by_id, has_biography, &initials, movies, credits))
}

/// Loads pairs of a movie and the position of a person.
async fn read_credits(
    conn: &mut Connection,
    role: Role,
    document: impl Fn(i32) -> Option<Document>,
    position: impl Fn(i32) -> Option<u32>,
) -> QueryResult<Vec<(Document, u32)>> {
    let mut credits = Vec::new();
    let mut rows = credits::table
        .filter(credits::role.eq(role.name()))
        .select((credits::movie_id, credits::person_id))
        .load_stream::<(i32, i32)>(conn)
        .await?;
    while let Some((movie, person)) = rows.try_next().await? {
        credits.extend(document(movie).zip(position(person)));
    }
    Ok(credits)
}
