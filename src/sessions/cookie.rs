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
    let pairs = headers.flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let texts = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
    texts.filter_map(|pair| Cookie::parse(pair.trim()).ok())
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

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    fn found(header: &[u8]) -> Option<String> {
        let value = HeaderValue::from_bytes(header).unwrap();
        let request = TestRequest::default().insert_header((COOKIE, value)).to_request();
        match presented(&request, "sessionid", Key::parse) {
            Presented::Key(key) => Some(key.as_str().to_owned()),
            Presented::Nothing | Presented::Foreign { .. } => None,
        }
    }

    /// What a header may hold: any bytes but control characters.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let odd = prop::sample::select(b"sessionid=;, \"%".to_vec());
        let any = prop_oneof![odd, 0x20..=0x7e_u8, 0x80..=0xff_u8];
        prop::collection::vec(any, 0..120)
    }

    proptest! {
        #[test]
        fn any_header_holds_a_key_of_ours_or_none(header in bytes()) {
            prop_assert!(found(&header).is_none_or(|key| Key::parse(&key).is_some()));
        }

        #[test]
        fn any_neighbours_hide_no_key(before in bytes(), after in bytes()) {
            let key = Key::generate();
            let own = format!(";sessionid={};", key.as_str());
            let header = [&before[..], own.as_bytes(), &after[..]].concat();
            prop_assert_eq!(found(&header), Some(key.as_str().to_owned()));
        }
    }
}
