//! The position of a film in the list that its visitor came from. The film's URL carries the
//! criteria of that list, as in `/movies/ran-1985?tag=samurai`, so it needs no script, holds
//! nothing about the visitor, and shows others the same when it is copied.

use std::ops::Range;

use serde::Serialize;

use crate::catalog::index::Index;
use crate::catalog::movies::CreditedMovie;
use crate::web::http::url::{self, Link};
use crate::web::movie_query::{ListLink, MovieQuery};
use crate::web::visitor::ListPreferences;

/// The position of a film in a list.
#[derive(Debug, Serialize)]
pub struct Place {
    /// The page of the list with the film.
    list: ListLink,
    /// From 1.
    number: i64,
    total: i64,
    previous: Option<Link>,
    next: Option<Link>,
    #[serde(skip)]
    neighbours: [Option<i32>; 2],
    #[serde(skip)]
    context: String,
}

impl Place {
    /// Returns `None` if the film is not in the list.
    pub fn find(
        index: &Index,
        movie_query: &MovieQuery,
        hidden: &[i32],
        preferences: ListPreferences,
        id: i32,
    ) -> Option<Self> {
        let sort = preferences.sort;
        let filter = movie_query.filter(hidden.to_vec());
        let selection = index.select(&filter);
        let place = selection.position(sort, id)?;
        let at = |places: Range<usize>| selection.page(sort, places).pop();
        let number = i64::try_from(place).ok()? + 1;
        let page = (number - 1) / i64::from(preferences.per_page) + 1;
        Some(Self {
            list: ListLink { href: movie_query.page_url(page), criteria: movie_query.labels() },
            number,
            total: selection.total(),
            neighbours: [
                place.checked_sub(1).and_then(|before| at(before..place)),
                at(place + 1..place + 2),
            ],
            previous: None,
            next: None,
            context: movie_query.url_at(""),
        })
    }

    /// Returns the ids of the films before and after.
    pub fn neighbours(&self) -> impl Iterator<Item = i32> {
        self.neighbours.into_iter().flatten()
    }

    /// Links the films before and after, if they are among `films`.
    pub fn name(&mut self, films: &[CreditedMovie]) {
        let link = |id: Option<i32>| {
            let movie = &films.iter().find(|film| Some(film.movie.id) == id)?.movie;
            let href = format!("{}{}", url::movie(&movie.slug), self.context);
            Some(Link { href, text: movie.title.clone() })
        };
        let [previous, next] = self.neighbours.map(link);
        (self.previous, self.next) = (previous, next);
    }
}
