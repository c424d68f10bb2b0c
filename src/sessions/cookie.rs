//! The cookie: read from a request, set and removed on a response.

use actix_web::HttpMessage;
use actix_web::cookie::time::{Duration, OffsetDateTime};
use actix_web::cookie::{self, Cookie};
use actix_web::http::header::COOKIE;

use super::config::{SameSite, SessionConfig};
use super::key::Key;
use super::metrics::METRICS;

/// Django takes anything shorter for no key at all, and removes such a cookie at sight.
const SHORTEST: usize = 8;

/// What a request brought under the cookie's name.
#[derive(Clone)]
pub enum Presented {
    Nothing,
    /// Never one of ours: to be removed by the next page that looks.
    Foreign {
        removable_unread: bool,
    },
    Key(Key),
}

/// Of several cookies of that name the last well-formed one counts, so that one planted for
/// another path or a broken neighbour cannot hide the real one.
pub fn presented(
    request: &impl HttpMessage,
    name: &str,
    parse: impl Fn(&str) -> Option<Key>,
) -> Presented {
    let mut found = Presented::Nothing;
    for cookie in cookies(request).filter(|cookie| cookie.name() == name) {
        let key = parse(cookie.value());
        if key.is_none() {
            METRICS.rejected_cookies.inc();
        }
        match key {
            Some(key) => found = Presented::Key(key),
            None if matches!(found, Presented::Key(_)) => {}
            None => {
                let removable_unread = cookie.value().len() < SHORTEST;
                found = Presented::Foreign { removable_unread };
            }
        }
    }
    found
}

/// Each cookie by itself: a malformed neighbour hides nothing.
fn cookies(request: &impl HttpMessage) -> impl Iterator<Item = Cookie<'_>> {
    let headers = request.headers().get_all(COOKIE);
    let texts = headers.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
    texts.flat_map(|text| text.split(';')).filter_map(|pair| Cookie::parse(pair.trim()).ok())
}

/// `Set-Cookie` for `key`. `max_age` is in seconds; without it the cookie ends with the browser.
pub fn set(config: &SessionConfig, key: &Key, max_age: Option<i64>) -> Cookie<'static> {
    let mut cookie = plain(config, key.as_str().to_owned());
    if let Some(seconds) = max_age {
        cookie.set_max_age(Duration::seconds(seconds));
        cookie.set_expires(OffsetDateTime::now_utc() + Duration::seconds(seconds));
    }
    cookie
}

/// Bytes of the longest `Set-Cookie` but for its value.
pub fn length_around(config: &SessionConfig) -> usize {
    let age = config.session_cookie_age.max(999_999_999);
    set(config, &Key::from_token(String::new()), Some(age)).to_string().len()
}

/// Has the attributes of the cookie it removes: a browser keeps a `Secure` one otherwise.
pub fn removal(config: &SessionConfig) -> Cookie<'static> {
    let mut cookie = plain(config, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie.set_expires(OffsetDateTime::UNIX_EPOCH);
    cookie
}

fn plain(config: &SessionConfig, value: String) -> Cookie<'static> {
    let mut cookie = Cookie::new(config.session_cookie_name.clone(), value);
    cookie.set_path(config.session_cookie_path.clone());
    cookie.set_http_only(config.session_cookie_httponly);
    if let Some(domain) = &config.session_cookie_domain {
        cookie.set_domain(domain.clone());
    }
    if config.session_cookie_secure {
        cookie.set_secure(true);
    }
    cookie.set_same_site(match config.session_cookie_samesite {
        SameSite::Lax => Some(cookie::SameSite::Lax),
        SameSite::Strict => Some(cookie::SameSite::Strict),
        SameSite::None => Some(cookie::SameSite::None),
        SameSite::False => None,
    });
    cookie
}
