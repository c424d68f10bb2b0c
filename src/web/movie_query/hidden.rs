//! Films that a list leaves out because the visitor has seen them and wants it so.

use serde::Serialize;

use crate::web::http::query::{Query, join};
use crate::web::render::format::grouped;
use crate::web::visitor::{Mark, SeenFilms, Visitor};

/// The line that says so, and undoes it for this list.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Hidden {
    text: String,
    href: String,
    link: &'static str,
}

/// Ids of the films that a list with this address leaves out for this visitor.
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
    /// `None` when nothing is left out. `count` is how many films were.
    pub fn new(visitor: &Visitor, path: &str, query: &Query<'_>, count: i64) -> Option<Self> {
        if visitor.preferences().seen_films != SeenFilms::Hide {
            return None;
        }
        let rest = query.without(&["page", "seen"]);
        if shows_all(query) {
            let text = "The films you have seen are shown here.".to_owned();
            return Some(Self { text, href: join(path, &rest), link: "Hide them" });
        }
        let text = match count {
            ..=0 => return None,
            1 => "1 film you have seen is hidden.".to_owned(),
            many => format!("{} films you have seen are hidden.", grouped(many)),
        };
        let separator = if rest.is_empty() { "" } else { "&" };
        let href = format!("{path}?{rest}{separator}seen=show");
        Some(Self { text, href, link: "Show them" })
    }
}
