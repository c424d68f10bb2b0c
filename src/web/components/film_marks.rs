//! The mark buttons on a film's own page.

use serde::Serialize;

use crate::web::http::url;
use crate::web::render::placeholder::Hole;
use crate::web::visitor::MAX_HALF_STARS;

#[derive(Serialize)]
pub struct FilmMarks {
    href: String,
    listed: Hole,
    seen: Hole,
    stars: Vec<Star>,
}

/// The button for one rating, in half stars; 0 removes the rating.
#[derive(Serialize)]
struct Star {
    halves: u8,
    pressed: Hole,
}

impl FilmMarks {
    pub fn new(slug: &str, film: i32) -> Self {
        let star = |halves| Star { halves, pressed: Hole::Stars(film, halves) };
        Self {
            href: url::movie(slug),
            listed: Hole::Listed(film),
            seen: Hole::Seen(film),
            stars: (1..=MAX_HALF_STARS).chain([0]).map(star).collect(),
        }
    }
}
