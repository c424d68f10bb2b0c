//! The search of lists and of the search page.

use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use actix_web::web;
use anyhow::Context as _;
use tokio::sync::Semaphore;

use crate::catalog::fulltext;
use crate::catalog::index::Index;
use crate::catalog::search::SearchResults;
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::http::query::Query;

/// A search that finds this many movies by name does not look at their texts.
const ENOUGH_MOVIES: usize = 100;

/// Limits concurrent searches to one for each core. More would need memory, and finish no sooner.
static SEARCHES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(2, Into::into)));

/// Returns the search text of a canonical query; empty without one.
pub fn typed(query: &Query<'_>) -> String {
    query.get("q").unwrap_or_default().to_owned()
}

/// Searches the names of movies and people, on a blocking thread: in a large catalog it takes too
/// long for a worker.
pub async fn by_names(index: &Arc<Index>, q: &str) -> Result<SearchResults> {
    let (index, q) = (index.clone(), q.to_owned());
    let _permit = SEARCHES.acquire().await.context("waiting to search")?;
    let found = web::block(move || index.search(&q)).await.context("searching")?;
    Ok(found)
}

/// Searches names, then texts as [`with_fulltext`] does.
pub async fn everywhere(
    conn: &mut Connection,
    index: &Arc<Index>,
    q: &str,
) -> Result<SearchResults> {
    with_fulltext(conn, index, q, by_names(index, q).await?).await
}

/// Adds movies whose texts match, if few were found by name.
pub async fn with_fulltext(
    conn: &mut Connection,
    index: &Index,
    q: &str,
    mut found: SearchResults,
) -> Result<SearchResults> {
    if found.movies.len() < ENOUGH_MOVIES {
        let matches = fulltext::find(conn, q).await?;
        index.add_fulltext_matches(&mut found, &matches);
    }
    Ok(found)
}
