//! Visitor-specific positions in a cached page.
//!
//! A page is rendered once for everybody. What differs between visitors is rendered as a
//! placeholder, and filled in for each response. A page struct has a field of type [`Placeholder`]
//! for each; templates may print it in text or in a quoted attribute, but cannot test its value.

use std::fmt::{self, Write as _};
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use anyhow::Context as _;
use serde::{Serialize, Serializer};

use super::format::grouped;
use super::fragments;
use crate::web::visitor::{Mark, Visitor};

/// The prefix of a placeholder's name in a template's output. Random in each process and never sent, so
/// that no text of the catalog can contain it.
pub(super) static SENTINEL: LazyLock<String> =
    LazyLock::new(|| format!("{:032x}", rand::random::<u128>()));

/// Ends a placeholder's name.
pub(super) const END: char = ';';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placeholder {
    /// `light` or `dark`; `system` leaves it to the browser.
    Theme,
    /// How often the visitor has opened the film list before, as HTML.
    Visits,
    /// `show`, `fade` or `hide`: how lists treat movies seen; `none` without sessions.
    SeenFilms,
    /// A message while the session store is unavailable, otherwise empty.
    SessionUnavailable,
    /// The number of movies on the watchlist; empty for none.
    Watchlist,
    /// The notices that the visitor has not dismissed, as HTML.
    Notices,
    /// `true` or `false`: whether the movie is on the watchlist.
    Listed(i32),
    /// `true` or `false`: whether the movie was seen.
    Seen(i32),
    /// The rating of a movie, such as `4½`; empty without one.
    Rating(i32),
    /// `true` or `false`: whether the movie has this number of half stars; 0 means no rating.
    Stars(i32, u8),
}

/// The values of placeholders.
pub(crate) struct Values<'a> {
    pub(crate) visitor: &'a Visitor,
    /// All active notices.
    pub(crate) notices: Arc<[Notice]>,
}

/// A notice as shown to visitors who have not dismissed it.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) slug: String,
    /// A digest of level and text, which sessions store for dismissed notices.
    pub(crate) digest: String,
    pub(crate) html: String,
}

impl<'a> Values<'a> {
    /// Returns the values for a visitor without any data, see [`Visitor::anonymous`].
    pub(crate) fn anonymous(visitor: &'a Visitor) -> Self {
        Self { visitor, notices: Arc::default() }
    }
}

impl Placeholder {
    /// Returns the mark that alone decides the value.
    pub(super) fn mark(self) -> Option<(Mark, i32)> {
        match self {
            Self::Listed(film) => Some((Mark::Listed, film)),
            Self::Seen(film) => Some((Mark::Seen, film)),
            Self::Rating(film) | Self::Stars(film, _) => Some((Mark::Rating, film)),
            _ => None,
        }
    }

    /// Returns whether the value may differ from the anonymous one.
    pub(super) fn may_differ_for(self, visitor: &Visitor) -> bool {
        self.mark().is_none_or(|(mark, film)| visitor.marks().has(mark, film))
    }

    /// Appends the value as HTML.
    pub(super) fn fill(self, values: &Values<'_>, html: &mut String) {
        let visitor = values.visitor;
        match self {
            Self::Theme => html.push_str(visitor.preferences().theme.as_str()),
            Self::Visits => fragments::write_visits(visitor.known_visits(), html),
            Self::SeenFilms if !visitor.is_remembered() => html.push_str("none"),
            Self::SeenFilms => html.push_str(visitor.preferences().seen_films.as_str()),
            Self::SessionUnavailable if visitor.session_unavailable() => {
                fragments::write_session_unavailable(html);
            }
            Self::SessionUnavailable => {}
            Self::Watchlist => match visitor.marks().count(Mark::Listed) {
                0 => {}
                films => html.push_str(&grouped(i64::try_from(films).unwrap_or(i64::MAX))),
            },
            Self::Notices => {
                let shown = |one: &&Notice| !visitor.has_dismissed(&one.slug, &one.digest);
                let mut notices = values.notices.iter().filter(shown).peekable();
                if notices.peek().is_some() {
                    html.push_str("<aside class=\"notices\" aria-label=\"Notices\">");
                    html.extend(notices.map(|notice| notice.html.as_str()));
                    html.push_str("</aside>");
                }
            }
            Self::Listed(film) => _ = write!(html, "{}", visitor.marks().has(Mark::Listed, film)),
            Self::Seen(film) => _ = write!(html, "{}", visitor.marks().has(Mark::Seen, film)),
            Self::Rating(film) => {
                if let Some(half_stars) = visitor.marks().get(Mark::Rating, film) {
                    if half_stars > 1 {
                        _ = write!(html, "{}", half_stars / 2);
                    }
                    if half_stars % 2 == 1 {
                        html.push('½');
                    }
                }
            }
            Self::Stars(film, half_stars) => {
                let rating = visitor.marks().get(Mark::Rating, film).unwrap_or(0);
                _ = write!(html, "{}", rating == i64::from(half_stars));
            }
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Theme => f.write_str("theme"),
            Self::Visits => f.write_str("visits"),
            Self::SeenFilms => f.write_str("seen-films"),
            Self::SessionUnavailable => f.write_str("session-unavailable"),
            Self::Watchlist => f.write_str("watchlist"),
            Self::Notices => f.write_str("notices"),
            Self::Listed(film) => write!(f, "listed {film}"),
            Self::Seen(film) => write!(f, "seen {film}"),
            Self::Rating(film) => write!(f, "rating {film}"),
            Self::Stars(film, stars) => write!(f, "stars {film} {stars}"),
        }
    }
}

impl FromStr for Placeholder {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let mut words = text.split(' ');
        let name = words.next().unwrap_or_default();
        let mut number =
            || words.next().context("missing number")?.parse::<i32>().context("invalid number");
        Ok(match name {
            "theme" => Self::Theme,
            "visits" => Self::Visits,
            "seen-films" => Self::SeenFilms,
            "session-unavailable" => Self::SessionUnavailable,
            "watchlist" => Self::Watchlist,
            "notices" => Self::Notices,
            "listed" => Self::Listed(number()?),
            "seen" => Self::Seen(number()?),
            "rating" => Self::Rating(number()?),
            "stars" => Self::Stars(number()?, u8::try_from(number()?)?),
            _ => anyhow::bail!("a template changed the name of a placeholder to {text:?}"),
        })
    }
}

impl Serialize for Placeholder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}{self}{END}", *SENTINEL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholder_names_round_trip() {
        for placeholder in [
            Placeholder::Theme,
            Placeholder::Visits,
            Placeholder::SeenFilms,
            Placeholder::SessionUnavailable,
            Placeholder::Watchlist,
            Placeholder::Notices,
            Placeholder::Listed(17),
            Placeholder::Seen(17),
            Placeholder::Rating(17),
            Placeholder::Stars(17, 5),
        ] {
            assert_eq!(placeholder.to_string().parse::<Placeholder>().unwrap(), placeholder);
        }
    }
}
