//! The mark buttons on a film's own page.

use serde::Serialize;

use crate::web::http::url;
use crate::web::render::placeholder::Placeholder;
use crate::web::visitor::MAX_HALF_STARS;

#[derive(Serialize)]
pub struct FilmMarks {
    href: String,
    listed: Placeholder,
    seen: Placeholder,
    stars: Vec<Star>,
}

/// The button for one rating, in half stars; 0 removes the rating.
#[derive(Serialize)]
struct Star {
    halves: u8,
    pressed: Placeholder,
}

impl FilmMarks {
    pub fn new(slug: &str, film: i32) -> Self {
        let star = |halves| Star { halves, pressed: Placeholder::Stars(film, halves) };
        Self {
            href: url::movie(slug),
            listed: Placeholder::Listed(film),
            seen: Placeholder::Seen(film),
            stars: (1..=MAX_HALF_STARS).chain([0]).map(star).collect(),
        }
    }
}
