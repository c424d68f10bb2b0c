//! A film in a list: its poster and the facts below it.

use serde::Serialize;

use super::explanation::Explanation;
use crate::art::Poster;
use crate::catalog::directors::Credit;
use crate::catalog::movies::CreditedMovie;
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
    pub poster: Art,
    pub listed: Placeholder,
    pub seen: Placeholder,
    pub rating: Placeholder,
}

/// A poster's drawing and the classes that colour and size what stands on it.
#[derive(Debug, Serialize)]
pub struct Art {
    pub drawing: String,
    pub classes: String,
}

impl Art {
    pub fn of(film: &CreditedMovie) -> Self {
        let poster = poster(film);
        let (face, size) = (face(film.movie.year), size(&film.movie.title));
        let classes = format!("poster hue-{}{face}{size}", poster.hue());
        Self { drawing: poster.inline_svg(), classes }
    }
}

/// How films of a time were titled.
fn face(year: Option<i16>) -> &'static str {
    match year {
        Some(..1930) => " poster--silent",
        Some(1960..1980) => " poster--modern",
        Some(1980..) => " poster--recent",
        Some(1930..1960) | None => "",
    }
}

/// Smaller letters for much text, and for a word that would not fit in a line.
fn size(title: &str) -> &'static str {
    let word = title.split([' ', '-']).map(|word| word.chars().count()).max().unwrap_or(0);
    match (title.chars().count(), word) {
        (..=28, ..=10) => "",
        (..=60, ..=14) => " poster--long",
        _ => " poster--longest",
    }
}

/// The same film has the same art everywhere. A third of all films are dramas: what else one is
/// tells more about it.
pub fn poster(film: &CreditedMovie) -> Poster {
    let slugs = || film.tags.iter().map(|tag| tag.slug.as_str());
    let drama = |slug: &&str| *slug == "drama";
    Poster::new(&film.movie.slug, slugs().filter(|slug| !drama(slug)).chain(slugs().filter(drama)))
}

impl From<CreditedMovie> for Card {
    fn from(film: CreditedMovie) -> Self {
        Self {
            poster: Art::of(&film),
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

/// Returns the URL of a film's preview, with a hash of what it shows.
pub fn preview_url(film: &CreditedMovie) -> String {
    let CreditedMovie { movie, .. } = film;
    let poster = poster(film);
    let hash = poster.preview_hash(&movie.title, movie.year, directors(film).as_deref());
    format!("{}?{hash:016x}", url::preview(&movie.slug))
}

/// Returns the names of a film's directors for its poster; `None` if none is known.
pub fn directors(film: &CreditedMovie) -> Option<String> {
    let names: Vec<&str> = film.directors.iter().map(|credit| credit.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
