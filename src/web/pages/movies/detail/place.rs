//! Where a film stands in the list that its visitor came from. A film's address may carry the
//! criteria of that list, as `/movies/ran-1985?tag=samurai`: no script is needed to remember it,
//! nothing of a visitor is in it, and a copied link shows others the same. The page of the list
//! follows from the film's place.

use std::ops::Range;

use serde::Serialize;

use crate::catalog::index::Index;
use crate::catalog::movies::CreditedMovie;
use crate::web::http::url::{self, Link};
use crate::web::movie_query::criteria::Narrowing;
use crate::web::render::format::grouped;
use crate::web::visitor::Preferences;

/// A list with the film in it.
#[derive(Debug, Serialize)]
pub struct Place {
    /// To the page of the list that the film is on.
    list: Link,
    /// "3 of 1,312"
    number: String,
    previous: Option<Link>,
    next: Option<Link>,
    #[serde(skip)]
    neighbours: [Option<i32>; 2],
    #[serde(skip)]
    context: String,
}

impl Place {
    /// `None` when the film is not in the list.
    pub fn find(
        index: &Index,
        narrowing: &Narrowing,
        hidden: &[i32],
        shown: Preferences,
        id: i32,
    ) -> Option<Self> {
        let sort = shown.sort;
        let filter = narrowing.filter(hidden.to_vec());
        let selection = index.select(&filter);
        let place = selection.place(sort, id)?;
        let at = |places: Range<usize>| selection.page(sort, places).pop();
        let number = i64::try_from(place).ok()? + 1;
        let page = (number - 1) / i64::from(shown.per_page) + 1;
        Some(Self {
            list: Link { href: narrowing.page(page), text: narrowing.label() },
            number: format!("{} of {}", grouped(number), grouped(selection.total())),
            neighbours: [
                place.checked_sub(1).and_then(|before| at(before..place)),
                at(place + 1..place + 2),
            ],
            previous: None,
            next: None,
            context: narrowing.address_at(""),
        })
    }

    /// The films before and after, as ids.
    pub fn neighbours(&self) -> impl Iterator<Item = i32> {
        self.neighbours.into_iter().flatten()
    }

    /// Names them, if they are among `films`.
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
