//! URLs of the site's pages.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use std::future::{Ready, ready};

use crate::catalog::dimension::DimensionId;
use crate::catalog::people::Role;
use crate::web::error::Error;

/// All but the unreserved characters of RFC 3986, section 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(crate) fn movie(slug: &str) -> String {
    format!("/movies/{}", escape(slug))
}

/// Returns the URL of a film's poster.
pub(crate) fn poster(slug: &str) -> String {
    format!("/art/{}.svg", escape(slug))
}

/// Returns the URL of the image for link previews of a film.
pub(crate) fn preview(slug: &str) -> String {
    format!("/art/{}.png", escape(slug))
}

pub(crate) fn director(slug: &str) -> String {
    person(Role::Director, slug)
}

/// Returns the URL of a person's page, which a role names.
pub(crate) fn person(role: Role, slug: &str) -> String {
    format!("{}/{}", people(role), escape(slug))
}

/// Returns the URL of the list of people with a role.
pub(crate) fn people(role: Role) -> &'static str {
    match role {
        Role::Director => "/directors",
        Role::Actor => "/actors",
    }
}

/// Returns the URL of the list of a person's films in a role.
pub(crate) fn films_of(role: Role, slug: &str) -> String {
    format!("/movies?{}={}", role.name(), escape(slug))
}

/// Returns the URL of the list of films in a language.
pub(crate) fn films_in(code: &str) -> String {
    format!("/movies?language={}", escape(code))
}

pub(crate) fn films_of_decade(role: Role, slug: &str, first: i16) -> String {
    format!("/movies?decade={first}s&{}={}", role.name(), escape(slug))
}

pub(crate) fn tag(slug: &str) -> String {
    format!("/movies/tags/{}", escape(slug))
}

pub(crate) fn search(q: &str) -> String {
    format!("/search?q={}", escape(q))
}

/// Returns the URL of the list of films that a search finds.
pub(crate) fn films_with(q: &str) -> String {
    format!("/movies?q={}", escape(q))
}

pub(crate) fn country(slug: &str) -> String {
    format!("/movies/countries/{}", escape(slug))
}

/// Returns the URL of the list of the movies with one value, if the dimension has such pages.
pub(crate) fn value_page(dimension: DimensionId, slug: &str) -> Option<String> {
    Some(format!("/movies/{}/{}", dimension.collection()?, escape(slug)))
}

pub(crate) fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// A link for templates.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) text: String,
}

/// Returns a path with the escapes that this site writes: `/movies/%72an` and `/movies/ran` are the
/// same path.
pub(crate) fn canonical_path(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let part = |part: &str| escape(&percent_decode_str(part).decode_utf8_lossy());
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Returns `target` if it is a path of this site, otherwise `/`. Prevents open redirects.
pub(crate) fn local(target: &str) -> &str {
    let path = target.starts_with('/')
        && !target.starts_with("//")
        && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if path { target } else { "/" }
}

/// The `{slug}` of a route. A slug with a control character is not found: none exists, and
/// Postgres rejects U+0000.
pub(crate) struct Slug(pub(crate) String);

impl FromRequest for Slug {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let raw = request.match_info().get("slug").unwrap_or_default();
        ready(Self::decode(raw).ok_or(Error::NotFound))
    }
}

impl Slug {
    /// Decodes the part of a path. Returns `None` for what can be no slug.
    pub(crate) fn decode(raw: &str) -> Option<Self> {
        let decoded = percent_decode_str(raw).decode_utf8().ok()?;
        (!decoded.chars().any(char::is_control)).then(|| Self(decoded.into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_escape_other_scripts() {
        assert_eq!(movie("stalker-1979"), "/movies/stalker-1979");
        assert_eq!(tag("é/?"), "/movies/tags/%C3%A9%2F%3F");
    }

    #[test]
    fn canonical_path_has_one_spelling() {
        for path in ["/movies/ran-1985", "/movies/%72an-1985", "/%6Dovies/ran%2d1985"] {
            assert_eq!(canonical_path(path), "/movies/ran-1985");
        }
        assert_eq!(canonical_path("/movies/tags/%c3%a9%2f"), "/movies/tags/%C3%A9%2F");
    }

    #[test]
    fn local_accepts_only_paths_of_this_site() {
        assert_eq!(local("/movies?page=2"), "/movies?page=2");
        for target in ["", "//evil.example", "https://evil.example", "/\\evil", "/a\r\nb", "a"] {
            assert_eq!(local(target), "/", "{target}");
        }
    }
}
