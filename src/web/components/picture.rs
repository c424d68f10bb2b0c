//! The picture of a film: the poster that is drawn for it.

use film_posters::{Film, Poster};
use serde::{Serialize, Serializer};

use crate::catalog::movies::CreditedMovie;
use crate::web::http::url;

/// The picture of a film in a page. This type alone decides what that picture is.
#[derive(Debug)]
pub struct Picture {
    poster: Poster,
    /// Whether the title stands beside the picture instead of on it.
    is_bare: bool,
    title: String,
    year: Option<i16>,
    minutes: Option<i16>,
}

/// The data of a picture for templates.
#[derive(Serialize)]
struct Drawn<'a> {
    drawing: &'a str,
    classes: &'a str,
    title: &'a str,
    year: Option<i16>,
    minutes: Option<i16>,
}

impl Picture {
    pub fn new(film: &CreditedMovie) -> Self {
        let movie = &film.movie;
        Self {
            poster: poster(film),
            is_bare: false,
            title: movie.title.clone(),
            year: movie.year,
            minutes: movie.runtime,
        }
    }

    /// Returns the picture without lettering.
    pub fn bare(film: &CreditedMovie) -> Self {
        Self { is_bare: true, ..Self::new(film) }
    }

    /// Makes neighbours in a grid differ.
    pub fn hang<'a>(pictures: impl IntoIterator<Item = &'a mut Self>) {
        film_posters::hang(pictures.into_iter().map(|picture| &mut picture.poster));
    }
}

impl Serialize for Picture {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sheet = if self.is_bare { self.poster.bare() } else { self.poster.sheet() };
        let (drawing, classes) = (&*sheet.drawing, &*sheet.classes);
        let Self { title, year, minutes, .. } = self;
        Drawn { drawing, classes, title, year: *year, minutes: *minutes }.serialize(serializer)
    }
}

/// Returns the poster of a film, the same everywhere.
pub fn poster(film: &CreditedMovie) -> Poster {
    let movie = &film.movie;
    let tags: Vec<&str> = film.tags.iter().map(|tag| tag.slug.as_str()).collect();
    Poster::new(&Film {
        slug: &movie.slug,
        title: &movie.title,
        year: movie.year,
        minutes: movie.runtime.map(i32::from),
        tags: &tags,
    })
}

/// Returns the URL of a film's link preview, with a hash of what it shows.
pub fn preview_url(film: &CreditedMovie) -> String {
    let hash = poster(film).preview_hash(&directors(film));
    format!("{}?{hash:016x}", url::preview(&film.movie.slug))
}

/// Returns the names of the directors in one line.
pub fn directors(film: &CreditedMovie) -> String {
    let names: Vec<&str> = film.directors.iter().map(|credit| credit.name.as_str()).collect();
    names.join(", ")
}
