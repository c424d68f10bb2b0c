//! The buttons on a film's own page.

use serde::Serialize;

use crate::web::http::url;
use crate::web::render::placeholder::Hole;

#[derive(Serialize)]
pub struct FilmMarks {
    href: String,
    listed: Hole,
    seen: Hole,
    stars: Vec<Star>,
}

#[derive(Serialize)]
struct Star {
    value: u8,
    name: &'static str,
    pressed: Hole,
}

impl FilmMarks {
    pub fn new(slug: &str, film: i32) -> Self {
        let names = ["No rating", "1 star", "2 stars", "3 stars", "4 stars", "5 stars"];
        let star = |(value, name)| Star { value, name, pressed: Hole::Stars(film, value) };
        Self {
            href: url::movie(slug),
            listed: Hole::Listed(film),
            seen: Hole::Seen(film),
            stars: (0..).zip(names).map(star).collect(),
        }
    }
}
