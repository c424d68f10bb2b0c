//! The search of lists and of the search page.

use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use actix_web::web;
use anyhow::Context as _;
use tokio::sync::Semaphore;

use crate::catalog::fulltext;
use crate::catalog::index::{Index, Recognition, RecognizedFacet};
use crate::catalog::search::{MatchMode, SearchResults};
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

/// Search results, and the values of dimensions that the search names.
pub struct Interpretation {
    pub results: SearchResults,
    pub facets: Vec<RecognizedFacet>,
}

/// Searches names and full text, and recognizes values of dimensions.
pub async fn everywhere(
    conn: &mut Connection,
    index: &Arc<Index>,
    q: &str,
) -> Result<Interpretation> {
    interpret(conn, index, q, by_names(index, q).await?).await
}

/// Interprets a search that names match as in `found`. Values are recognized if they are all that was
/// typed, unless that is a title, or if nothing matches as written. Then words that carry no meaning
/// are left out.
pub async fn interpret(
    conn: &mut Connection,
    index: &Arc<Index>,
    q: &str,
    found: SearchResults,
) -> Result<Interpretation> {
    let found = with_fulltext(conn, index, q, found).await?;
    let recognition = index.recognize(q);
    let Recognition { facets, rest, has_fillers } = &recognition;
    let is_found =
        found.mode == MatchMode::AsWritten && !(found.movies.is_empty() && found.people.is_empty());
    let are_values = rest.is_empty()
        && !found.is_exact
        && (facets.len() > 1 || (facets.len() == 1 && *has_fillers));
    let is_understood = !facets.is_empty() || (*has_fillers && !rest.is_empty());
    if !is_understood || (is_found && !are_values) {
        return Ok(Interpretation { results: found, facets: Vec::new() });
    }
    let filter = recognition.filter();
    let mut results = if rest.is_empty() {
        SearchResults::unranked(index.newest(&filter))
    } else {
        let names = by_names(index, rest).await?;
        with_fulltext(conn, index, rest, names).await?
    };
    index.restrict(&mut results, &filter);
    // Without a value, nothing but words as written is better than what was found.
    let is_better = match facets.is_empty() {
        true => results.mode == MatchMode::AsWritten,
        false => results.mode != MatchMode::Nearest,
    };
    if is_better && !results.movies.is_empty() {
        return Ok(Interpretation { results, facets: recognition.facets });
    }
    Ok(Interpretation { results: found, facets: Vec::new() })
}

/// Adds movies found by full text to few results.
async fn with_fulltext(
    conn: &mut Connection,
    index: &Index,
    q: &str,
    mut found: SearchResults,
) -> Result<SearchResults> {
    if found.mode != MatchMode::AsWritten || found.movies.len() < ENOUGH_MOVIES {
        let ids = fulltext::find(conn, q).await?;
        index.add_fulltext_matches(&mut found, &ids);
    }
    Ok(found)
}
