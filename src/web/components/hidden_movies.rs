//! The line of a list that says how many seen movies it hides.

use serde::Serialize;

use crate::web::render::page_context::{HiddenMovies, PageContext};

/// How many movies are hidden, and a link that shows them, or hides them again.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Hidden {
    /// Zero if they are shown.
    films: i64,
    href: String,
}

impl Hidden {
    /// Returns `None` if the visitor hides no movies, or none of this list.
    pub fn new(context: &PageContext, films: i64) -> Option<Self> {
        let rest = context.query.without(&["page", "seen"]);
        match (&context.hidden, films) {
            (HiddenMovies::Off, _) | (HiddenMovies::Hidden(_), ..=0) => None,
            (HiddenMovies::Shown, _) => Some(Self { films: 0, href: rest.at(&context.path) }),
            (HiddenMovies::Hidden(_), _) => {
                Some(Self { films, href: rest.with("seen", "show").at(&context.path) })
            }
        }
    }
}
