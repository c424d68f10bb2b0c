//! A film in a list: its poster and the facts below it.

use serde::Serialize;

use super::explanation::Explanation;
use super::picture::Picture;
use crate::catalog::movies::CreditedMovie;
use crate::catalog::people::Credit;
use crate::catalog::tags::Tag;
use crate::web::http::url::{self, Link};
use crate::web::movie_query::MovieQuery;
use crate::web::render::placeholder::Placeholder;

/// Tags below a poster; the film's own page has all of them.
const MAX_TAGS: usize = 2;

#[derive(Debug, Serialize)]
pub struct Card {
    pub slug: String,
    pub href: String,
    /// Appended to `href` in the link to the film: the list that the card is in, as a query.
    pub context: String,
    pub title: String,
    pub year: Option<i16>,
    pub directors: Vec<Link>,
    pub tags: Vec<Link>,
    /// Why the film is related, shown in place of its tags.
    pub explanation: Option<Explanation>,
    pub picture: Picture,
    pub listed: Placeholder,
    pub seen: Placeholder,
    pub rating: Placeholder,
}

impl From<CreditedMovie> for Card {
    fn from(film: CreditedMovie) -> Self {
        Self {
            picture: Picture::new(&film),
            href: url::movie(&film.movie.slug),
            context: String::new(),
            year: film.movie.year,
            directors: credits(&film.directors),
            tags: tags(film.tags.iter().take(MAX_TAGS)),
            listed: Placeholder::Listed(film.movie.id),
            seen: Placeholder::Seen(film.movie.id),
            rating: Placeholder::Rating(film.movie.id),
            explanation: None,
            title: film.movie.title,
            slug: film.movie.slug,
        }
    }
}

impl Card {
    /// Returns the cards of a grid, in which neighbours differ.
    pub fn grid(cards: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut cards: Vec<Self> = cards.into_iter().collect();
        Picture::hang(cards.iter_mut().map(|card| &mut card.picture));
        cards
    }

    /// Makes a card whose film page links to its neighbours in that list.
    pub fn in_list(film: CreditedMovie, movie_query: &MovieQuery) -> Self {
        Self { context: movie_query.url_at(""), ..Self::from(film) }
    }
}

pub fn credits<'a>(directors: impl IntoIterator<Item = &'a Credit>) -> Vec<Link> {
    let link =
        |credit: &Credit| Link { href: url::director(&credit.slug), text: credit.name.clone() };
    directors.into_iter().map(link).collect()
}

pub fn tags<'a>(tags: impl IntoIterator<Item = &'a Tag>) -> Vec<Link> {
    let link = |tag: &Tag| Link { href: url::tag(&tag.slug), text: tag.name.clone() };
    tags.into_iter().map(link).collect()
}
