//! Films that a list hides because the visitor has seen them.

use serde::Serialize;

use crate::web::http::query::{Query, join};
use crate::web::visitor::{Mark, SeenFilms, Visitor};

/// How many films are hidden, and a link that shows them, or hides them again.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Hidden {
    /// Zero if they are shown.
    films: i64,
    href: String,
}

/// Returns the ids of the films to hide from this visitor in a list with this query.
pub fn films(visitor: &Visitor, query: &Query<'_>) -> Vec<i32> {
    if visitor.preferences().seen_films != SeenFilms::Hide || shows_all(query) {
        return Vec::new();
    }
    visitor.marks().films(Mark::Seen).into_iter().map(|(film, _)| film).collect()
}

/// `?seen=show`
fn shows_all(query: &Query<'_>) -> bool {
    query.get("seen") == Some(SeenFilms::Show.as_str())
}

impl Hidden {
    /// Returns `None` if the visitor hides no films, or none of this list.
    pub fn new(visitor: &Visitor, path: &str, query: &Query<'_>, films: i64) -> Option<Self> {
        if visitor.preferences().seen_films != SeenFilms::Hide {
            return None;
        }
        let rest = query.without(&["page", "seen"]);
        if shows_all(query) {
            return Some(Self { films: 0, href: join(path, &rest) });
        }
        if films == 0 {
            return None;
        }
        let separator = if rest.is_empty() { "" } else { "&" };
        let href = format!("{path}?{rest}{separator}seen=show");
        Some(Self { films, href })
    }
}
