//! Everything that a cached page may depend on.

use std::sync::Arc;

use actix_web::HttpRequest;
use chrono::{Datelike, Utc};

use crate::catalog::index::Index;
use crate::web::http::origin::Origin;
use crate::web::http::query::{Parameter, Query};
use crate::web::http::url;
use crate::web::visitor::{ListPreferences, Mark, SeenFilms, Visitor};

/// The input of a cached page. The visitor is not part of it, so that a page made from it is the
/// same for every visitor with the same [`CacheKey`].
pub(crate) struct PageContext {
    pub(crate) index: Arc<Index>,
    /// Days since year 1: the home page shows a movie of the day.
    pub(crate) day: i32,
    pub(crate) origin: Origin,
    /// The path in canonical form.
    pub(crate) path: String,
    /// The parameters that the page knows, in canonical form.
    pub(crate) query: Query<'static>,
    pub(crate) preferences: ListPreferences,
    pub(crate) hidden: HiddenMovies,
}

/// The treatment of seen movies in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HiddenMovies {
    /// Nothing: the visitor does not hide them.
    Off,
    /// The visitor hides them, but this URL shows them (`?seen=show`).
    Shown,
    /// Lists leave these ids out.
    Hidden(Vec<i32>),
}

/// Identifies a cached page: a [`PageContext`] in which no movies are hidden.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey {
    /// The catalog version.
    version: i64,
    day: i32,
    origin: String,
    path: String,
    query: Query<'static>,
    preferences: ListPreferences,
}

impl PageContext {
    /// Reduces a request to what a page with these parameters may depend on.
    pub(crate) fn new(
        request: &HttpRequest,
        visitor: &Visitor,
        index: Arc<Index>,
        parameters: &[&[Parameter]],
    ) -> Self {
        let query = Query::canonical(request.query_string(), parameters);
        Self {
            index,
            day: Utc::now().num_days_from_ce(),
            origin: Origin::of(request),
            path: url::canonical_path(request.path()),
            preferences: visitor.preferences().list(),
            hidden: HiddenMovies::of(visitor, &query),
            query,
        }
    }

    /// Returns the key of the page, or `None` if it must not be cached: a list without the movies
    /// that one visitor has seen is of no use to others.
    pub(crate) fn cache_key(&self) -> Option<CacheKey> {
        (self.hidden == HiddenMovies::Off).then(|| CacheKey {
            version: self.index.version(),
            day: self.day,
            origin: self.origin.to_string(),
            path: self.path.clone(),
            query: self.query.clone(),
            preferences: self.preferences,
        })
    }
}

impl CacheKey {
    /// Returns the size in memory, in bytes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.origin.len() + self.path.len() + self.query.size()
    }
}

impl HiddenMovies {
    fn of(visitor: &Visitor, query: &Query<'_>) -> Self {
        if visitor.preferences().seen_films != SeenFilms::Hide {
            Self::Off
        } else if query.get("seen").is_some() {
            Self::Shown
        } else {
            let seen = visitor.marks().films(Mark::Seen).into_iter();
            Self::Hidden(seen.map(|(film, _)| film).collect())
        }
    }

    /// Returns the ids that lists leave out.
    pub(crate) fn ids(&self) -> &[i32] {
        match self {
            Self::Off | Self::Shown => &[],
            Self::Hidden(ids) => ids,
        }
    }
}
