//! The places of a page that differ from visitor to visitor.
//!
//! A page is rendered for nobody in particular, so that one rendering serves everybody; what is the
//! visitor's stands in it as holes, which are filled in each response. A page struct has a
//! [`Hole`] where a template is to print one; it may print it in text or in a quoted attribute,
//! but not decide by it.

mod filled;
mod gzipped;

use std::fmt::{self, Write as _};
use std::ops::Range;
use std::str::FromStr;
use std::sync::{LazyLock, OnceLock};

use actix_web::web::Bytes;
use anyhow::Context as _;
use memchr::memmem::Finder;
use serde::{Serialize, Serializer};

pub use self::filled::Filled;
use self::gzipped::Gzipped;
use super::format::grouped;
use super::fragments;
use crate::web::visitor::{Mark, Visitor};

/// What the templates print in place of what is not known yet, before a hole's name. Random in
/// each process and never sent, so that no text of the catalogue can hold it.
static MARK: LazyLock<String> = LazyLock::new(|| format!("{:032x}", rand::random::<u128>()));

static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(MARK.as_bytes()));

/// After a hole's name.
const END: char = ';';

/// What belongs to a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hole {
    /// `light` or `dark`; `system` leaves it to the browser.
    Theme,
    /// How often the visitor has opened the film list before, as HTML.
    Visits,
    /// `show`, `fade` or `hide`: what lists do with films seen; `none` where nothing is kept.
    SeenFilms,
    /// A sentence for whom the site cannot recognise just now; else nothing.
    OutOfReach,
    /// How many films are on the watchlist, for readers; empty when none is.
    Watchlist,
    /// The operator's notices that this visitor has not put away, as HTML.
    Notices,
    /// `true` or `false`: whether that film is on the watchlist.
    Listed(i32),
    /// Whether that film was seen.
    Seen(i32),
    /// The rating of a film, such as `4½`; empty without one.
    Rating(i32),
    /// Whether a film is rated with that many half stars; 0 is no rating.
    Stars(i32, u8),
}

impl Hole {
    /// The mark on a film that alone decides what stands there.
    fn mark(self) -> Option<(Mark, i32)> {
        match self {
            Self::Listed(film) => Some((Mark::Listed, film)),
            Self::Seen(film) => Some((Mark::Seen, film)),
            Self::Rating(film) | Self::Stars(film, _) => Some((Mark::Rating, film)),
            _ => None,
        }
    }

    /// Whether this visitor may see there what nobody in particular does not.
    fn concerns(self, visitor: &Visitor) -> bool {
        self.mark().is_none_or(|(mark, film)| visitor.marks().has(mark, film))
    }

    /// Writes what this visitor sees there, as HTML.
    fn fill(self, visitor: &Visitor, html: &mut String) {
        match self {
            Self::Theme => html.push_str(visitor.preferences().theme.as_str()),
            Self::Visits => fragments::write_visits(visitor.known_visits(), html),
            Self::SeenFilms if !visitor.is_remembered() => html.push_str("none"),
            Self::SeenFilms => html.push_str(visitor.preferences().seen_films.as_str()),
            Self::OutOfReach if visitor.is_out_of_reach() => {
                fragments::write_session_unavailable(html);
            }
            Self::OutOfReach => {}
            Self::Watchlist => match visitor.marks().count(Mark::Listed) {
                0 => {}
                films => html.push_str(&grouped(i64::try_from(films).unwrap_or(i64::MAX))),
            },
            Self::Notices => {
                let mut notices = visitor.notices().peekable();
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

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Theme => f.write_str("theme"),
            Self::Visits => f.write_str("visits"),
            Self::SeenFilms => f.write_str("seen-films"),
            Self::OutOfReach => f.write_str("out-of-reach"),
            Self::Watchlist => f.write_str("watchlist"),
            Self::Notices => f.write_str("notices"),
            Self::Listed(film) => write!(f, "listed {film}"),
            Self::Seen(film) => write!(f, "seen {film}"),
            Self::Rating(film) => write!(f, "rating {film}"),
            Self::Stars(film, stars) => write!(f, "stars {film} {stars}"),
        }
    }
}

impl FromStr for Hole {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let mut words = text.split(' ');
        let name = words.next().unwrap_or_default();
        let mut number =
            || words.next().context("a number is missing")?.parse::<i32>().context("no number");
        Ok(match name {
            "theme" => Self::Theme,
            "visits" => Self::Visits,
            "seen-films" => Self::SeenFilms,
            "out-of-reach" => Self::OutOfReach,
            "watchlist" => Self::Watchlist,
            "notices" => Self::Notices,
            "listed" => Self::Listed(number()?),
            "seen" => Self::Seen(number()?),
            "rating" => Self::Rating(number()?),
            "stars" => Self::Stars(number()?, u8::try_from(number()?)?),
            _ => anyhow::bail!("a template changed the name of a hole to {text:?}"),
        })
    }
}

impl Serialize for Hole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}{self}{END}", *MARK))
    }
}

/// A page for everybody.
#[derive(Debug)]
pub struct Rendered {
    /// As it is for nobody in particular; UTF-8.
    html: Bytes,
    /// The holes, and which bytes fill each for nobody; in order.
    holes: Vec<(Range<usize>, Hole)>,
    /// The film that it is about.
    pub film: Option<i32>,
    /// The same for whoever marked none of its films, compressed for the first who can read it.
    gzipped: OnceLock<Gzipped>,
}

impl Rendered {
    /// # Errors
    /// When a template did anything else with a hole than print it.
    pub fn new(marked: &str, film: Option<i32>) -> anyhow::Result<Self> {
        let nobody = &Visitor::unknown();
        // What stands before each hole, what fills it, and the hole.
        let (mut parts, mut filled, mut rest) = (Vec::new(), String::new(), marked);
        while let Some(at) = FINDER.find(rest.as_bytes()) {
            let named = &rest[at + MARK.len()..];
            let (name, after) = named.split_once(END).context("a template cut a hole in two")?;
            let (hole, from) = (name.parse::<Hole>()?, filled.len());
            hole.fill(nobody, &mut filled);
            parts.push((&rest[..at], from..filled.len(), hole));
            rest = after;
        }
        // Kept for long: of the size that it has, not of the one that it once needed.
        let size = parts.iter().map(|(before, ..)| before.len()).sum::<usize>();
        let mut html = String::with_capacity(size + filled.len() + rest.len());
        let mut holes = Vec::with_capacity(parts.len());
        for (before, text, hole) in parts {
            html.push_str(before);
            let from = html.len();
            html.push_str(&filled[text]);
            holes.push((from..html.len(), hole));
        }
        html.push_str(rest);
        Ok(Self { html: html.into(), holes, film, gzipped: OnceLock::new() })
    }

    /// Bytes in memory, about: a compressed copy that may come is a fifth of the page.
    pub fn size(&self) -> usize {
        self.html.len() + self.html.len() / 5 + size_of_val(self.holes.as_slice())
    }

    /// The page for nobody in particular.
    ///
    /// # Errors
    /// None: all of it was text.
    pub fn for_nobody(self) -> anyhow::Result<String> {
        Ok(String::from_utf8(self.html.into())?)
    }

    /// The page for this visitor.
    pub fn fill(&self, visitor: &Visitor) -> Filled {
        let (mut pieces, mut from) = (Vec::new(), 0);
        for (at, hole) in self.holes.iter().filter(|(_, hole)| hole.concerns(visitor)) {
            let mut text = String::new();
            hole.fill(visitor, &mut text);
            pieces.extend([self.html.slice(from..at.start), text.into()]);
            from = at.end;
        }
        pieces.push(self.html.slice(from..));
        pieces.into()
    }

    /// The page for this visitor as a gzip file, compressed in advance; `None` where that cannot be,
    /// because the visitor has marked a film of it.
    ///
    /// # Errors
    /// When the page cannot be compressed.
    pub fn gzip(&self, visitor: &Visitor) -> anyhow::Result<Option<Vec<u8>>> {
        if self.holes.iter().any(|(_, hole)| hole.mark().is_some() && hole.concerns(visitor)) {
            return Ok(None);
        }
        if let Some(page) = self.gzipped.get() {
            return Ok(Some(page.fill(visitor)));
        }
        let page = self.compress()?;
        Ok(Some(self.gzipped.get_or_init(|| page).fill(visitor)))
    }

    fn compress(&self) -> anyhow::Result<Gzipped> {
        let (mut parts, mut from) = (Vec::new(), 0);
        for (at, hole) in self.holes.iter().filter(|(_, hole)| hole.mark().is_none()) {
            parts.push((&self.html[from..at.start], Some(*hole)));
            from = at.end;
        }
        parts.push((&self.html[from..], None));
        Gzipped::new(parts.into_iter())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use futures_util::FutureExt;

    use super::*;

    const ALL: [Hole; 10] = [
        Hole::Theme,
        Hole::Visits,
        Hole::SeenFilms,
        Hole::OutOfReach,
        Hole::Watchlist,
        Hole::Notices,
        Hole::Listed(17),
        Hole::Seen(17),
        Hole::Rating(17),
        Hole::Stars(17, 5),
    ];

    fn mark(hole: Hole) -> String {
        serde_json::from_value(serde_json::to_value(hole).unwrap()).unwrap()
    }

    /// What somebody unknown gets.
    fn read(page: &Rendered) -> String {
        let body = to_bytes(page.fill(&Visitor::unknown())).now_or_never().unwrap().unwrap();
        String::from_utf8(body.into()).unwrap()
    }

    #[test]
    fn every_hole_has_a_name_of_its_own() {
        for hole in ALL {
            assert_eq!(hole.to_string().parse::<Hole>().unwrap(), hole);
        }
    }

    #[test]
    fn holes_are_filled_where_they_stand() {
        let [theme, seen, listed] = [Hole::Theme, Hole::SeenFilms, Hole::Listed(17)].map(mark);
        let html = format!("{theme}<p id=\"{seen}\">é{listed}</p>{theme}");
        let page = Rendered::new(&html, None).unwrap();
        assert_eq!(read(&page), "system<p id=\"none\">éfalse</p>system");
    }

    #[test]
    fn a_text_cannot_pretend_to_be_a_hole() {
        let forged = mark(Hole::Theme).replace(MARK.as_str(), &"0".repeat(32));
        for text in [forged.as_str(), "theme;", "⟨theme⟩", ";", ""] {
            let page = Rendered::new(text, None).unwrap();
            assert_eq!(read(&page), text);
        }
    }

    #[test]
    fn a_damaged_hole_is_an_error() {
        let whole = mark(Hole::Visits);
        assert!(Rendered::new(whole.trim_end_matches(END), None).is_err());
        assert!(Rendered::new(&whole.replace("visits", "VISITS"), None).is_err());
    }
}
