//! The cookie: read from a request, set and removed on a response.

use actix_web::cookie::Cookie;
use actix_web::cookie::time::OffsetDateTime;
use actix_web::http::header::{COOKIE, HeaderMap};

use crate::config::Config;
use crate::key::SessionId;
use crate::sealed::is_token;

/// Maximum size of a cookie with its name and attributes that every browser stores (RFC 6265 §6.1).
pub(crate) const MAX_COOKIE: usize = 4096;

/// Django takes anything shorter for no session key at all, and removes such a cookie at sight.
const MIN_LENGTH: usize = 8;

/// How many of several cookies are looked up.
const MAX_CANDIDATES: usize = 4;

/// A cookie's value that may be one of ours.
#[derive(Clone)]
pub(crate) enum Candidate {
    Id(SessionId),
    /// An encrypted session.
    Token(String),
    /// For an importer to look at.
    Foreign(String),
}

/// The cookies that a request sent under the session cookie's name.
#[derive(Clone, Default)]
pub(crate) struct Presented {
    /// Values that may be ours, the last one first.
    pub candidates: Vec<Candidate>,
    /// All values.
    pub count: usize,
    /// Values that cannot be ours.
    pub rejected: usize,
    /// A value was too short for Django.
    pub short: bool,
}

impl Presented {
    /// Whether the cookie may be removed: of several, one may be another program's.
    pub fn is_removable(&self) -> bool {
        self.count == 1
    }
}

/// Which values may be ours.
#[derive(Clone, Copy)]
pub(crate) struct Forms {
    pub ids: bool,
    pub tokens: bool,
    pub foreign: bool,
}

/// Reads each cookie by itself, as bytes: a malformed neighbour hides nothing, and white space
/// other than space and tab belongs to a name.
pub(crate) fn presented(headers: &HeaderMap, name: &str, forms: Forms) -> Presented {
    let mut presented = Presented::default();
    for header in headers.get_all(COOKIE) {
        for pair in header.as_bytes().split(|byte| *byte == b';') {
            let Some(equals) = pair.iter().position(|byte| *byte == b'=') else { continue };
            if trim(&pair[..equals]) != name.as_bytes() {
                continue;
            }
            let value = trim(&pair[equals + 1..]);
            presented.count += 1;
            presented.short |= value.len() < MIN_LENGTH;
            match std::str::from_utf8(value).ok().and_then(|text| candidate(text, forms)) {
                Some(candidate) => presented.candidates.push(candidate),
                None => presented.rejected += 1,
            }
        }
    }
    presented.candidates.reverse();
    presented.candidates.truncate(MAX_CANDIDATES);
    presented
}

fn candidate(text: &str, forms: Forms) -> Option<Candidate> {
    if forms.ids
        && let Some(id) = SessionId::parse(text)
    {
        return Some(Candidate::Id(id));
    }
    if forms.tokens && text.len() <= MAX_COOKIE && is_token(text) {
        return Some(Candidate::Token(text.to_owned()));
    }
    let foreign = forms.foreign && (MIN_LENGTH..=MAX_COOKIE).contains(&text.len());
    foreign.then(|| Candidate::Foreign(text.to_owned()))
}

fn trim(bytes: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = bytes.iter().position(|byte| !blank(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    &bytes[start..end]
}

/// Returns the cookie with this value. `max_age` is in seconds; without it the cookie ends with the
/// browser.
pub(crate) fn set(config: &Config, value: String, max_age: Option<i64>) -> Cookie<'static> {
    use actix_web::cookie::time::Duration;
    let mut cookie = plain(config, value);
    if let Some(seconds) = max_age {
        cookie.set_max_age(Duration::seconds(seconds));
        cookie.set_expires(OffsetDateTime::now_utc() + Duration::seconds(seconds));
    }
    cookie
}

/// Returns the length of the longest `Set-Cookie` without its value.
pub(crate) fn length_around(config: &Config) -> usize {
    set(config, String::new(), Some(999_999_999)).to_string().len()
}

/// Returns the cookie that removes the other. It has the same attributes: a browser keeps a
/// `Secure` cookie otherwise.
pub(crate) fn removal(config: &Config) -> Cookie<'static> {
    let mut cookie = plain(config, String::new());
    cookie.set_max_age(actix_web::cookie::time::Duration::ZERO);
    cookie.set_expires(OffsetDateTime::UNIX_EPOCH);
    cookie
}

fn plain(config: &Config, value: String) -> Cookie<'static> {
    let mut cookie = Cookie::new(config.cookie_name.clone(), value);
    cookie.set_path(config.cookie_path.clone());
    cookie.set_http_only(config.cookie_http_only);
    if let Some(domain) = &config.cookie_domain {
        cookie.set_domain(domain.clone());
    }
    if config.cookie_secure {
        cookie.set_secure(true);
    }
    cookie.set_same_site(config.cookie_same_site);
    cookie
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    const FORMS: Forms = Forms { ids: true, tokens: true, foreign: false };

    fn read(header: &[u8]) -> Presented {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_bytes(header).unwrap());
        presented(&headers, "sessionid", FORMS)
    }

    fn ids(header: &[u8]) -> Vec<String> {
        let id = |candidate: &Candidate| match candidate {
            Candidate::Id(id) => Some(id.as_str().to_owned()),
            _ => None,
        };
        read(header).candidates.iter().filter_map(id).collect()
    }

    #[test]
    fn malformed_neighbours_hide_no_id() {
        let id = "a".repeat(32);
        for around in ["%%%; =; ", "a=\"; ", ";;; \t", "\u{e9}=\u{e9};"] {
            let header = format!("{around}sessionid={id} ; b");
            assert_eq!(ids(header.as_bytes()), [id.as_str()], "{around}");
        }
        let header = [b"\xff\xfe=\x80; sessionid=", id.as_bytes()].concat();
        assert_eq!(ids(&header), [id.as_str()]);
    }

    #[test]
    fn trimming_removes_only_space_and_tab() {
        let id = "a".repeat(32);
        assert_eq!(ids(format!("\u{a0}sessionid={id}").as_bytes()), Vec::<String>::new());
        assert_eq!(ids(format!("\u{3000}sessionid={id}").as_bytes()), Vec::<String>::new());
        assert_eq!(ids(format!("Sessionid={id}").as_bytes()), Vec::<String>::new());
    }

    #[test]
    fn several_candidates_come_last_first_and_none_is_removable() {
        let values = ["a", "b", "c", "d", "e"].map(|letter| letter.repeat(32));
        let header =
            values.iter().map(|id| format!("sessionid={id}")).collect::<Vec<_>>().join("; ");
        let expected: Vec<&String> = values.iter().skip(1).rev().collect();
        assert_eq!(ids(header.as_bytes()).iter().collect::<Vec<_>>(), expected);
        assert!(!read(header.as_bytes()).is_removable());
        let junk = read(b"sessionid=short");
        assert!(junk.is_removable() && junk.short && junk.rejected == 1);
    }
}
