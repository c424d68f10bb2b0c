//! What a search finds.

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

/// Letters of a search that are read.
const MOST_LETTERS: usize = 200;

/// When the names find so many films, what is told of films is not looked through.
const ENOUGH: usize = 100;

/// Searches at once: one a core. More would take memory for each, and find nothing sooner.
static AT_ONCE: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(2, Into::into)));

/// The search of this address.
pub fn typed(query: &Query<'_>) -> String {
    query.get("q").unwrap_or_default().trim().chars().take(MOST_LETTERS).collect()
}

/// What the names in the catalogue say to a search, found aside: of a million films it can take
/// longer than a worker may be kept from others.
pub async fn by_names(index: &Arc<Index>, q: &str) -> Result<SearchResults> {
    let (index, q) = (index.clone(), q.to_owned());
    let _permit = AT_ONCE.acquire().await.context("waiting to search")?;
    let found = web::block(move || index.search(&q)).await.context("searching")?;
    Ok(found)
}

/// The same, and when that is little also films of which the words are told.
pub async fn everywhere(
    conn: &mut Connection,
    index: &Arc<Index>,
    q: &str,
) -> Result<SearchResults> {
    with_told(conn, index, q, by_names(index, q).await?).await
}

pub async fn with_told(
    conn: &mut Connection,
    index: &Index,
    q: &str,
    mut found: SearchResults,
) -> Result<SearchResults> {
    if found.movies.len() < ENOUGH {
        let told = fulltext::find(conn, q).await?;
        index.add_fulltext_matches(&mut found, &told);
    }
    Ok(found)
}
