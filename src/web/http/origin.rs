//! Where the site is to be found: the beginning of its absolute addresses, which pages hold for
//! machines alone.

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::header::HOST;
use actix_web::{FromRequest, HttpRequest, web};

use crate::web::state::Site;

/// Scheme, host and port, as `https://films.example`. Empty when a request does not tell: an
/// address then is one without a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    pub fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// `PUBLIC_URL`, or the name under which this request came. Not `X-Forwarded-Host`: anybody
    /// may send that, and feeds are kept by caches.
    pub fn of(request: &HttpRequest) -> Self {
        let site = request.app_data::<web::Data<Site>>();
        if let Some(public) = site.and_then(|site| site.public_url.clone()) {
            return public;
        }
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let https = site.is_some_and(|site| site.trusted_proxies.is_https(request));
        let scheme = if https { "https" } else { "http" };
        let host = host.filter(|host| is_host(host));
        Self(host.map_or_else(String::new, |host| format!("{scheme}://{host}")))
    }
}

impl FromStr for Origin {
    type Err = String;

    /// The value of `PUBLIC_URL`; an empty one is an unset one.
    fn from_str(url: &str) -> Result<Self, String> {
        if url.is_empty() {
            return Ok(Self(String::new()));
        }
        let (scheme, host) = url.trim_end_matches('/').split_once("://").unwrap_or_default();
        match matches!(scheme, "http" | "https") && is_host(host) {
            true => Ok(Self(format!("{scheme}://{host}"))),
            false => Err("it must be http:// or https:// and a host, without a path".to_owned()),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromRequest for Origin {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// Letters that mean nothing in HTML, XML or JSON.
fn is_host(host: &str) -> bool {
    let fits = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']' | b'_')
    };
    !host.is_empty() && host.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_a_scheme_and_a_host() {
        for (url, origin) in [
            ("https://films.example", Some("https://films.example")),
            ("http://[::1]:8080/", Some("http://[::1]:8080")),
            ("films.example", None),
            ("ftp://films.example", None),
            ("https://films.example/movies", None),
            ("https://a\"b", None),
            ("https://", None),
            ("", Some("")),
        ] {
            assert_eq!(
                url.parse::<Origin>().ok().map(|origin| origin.to_string()),
                origin.map(str::to_owned),
                "{url}"
            );
        }
    }
}
