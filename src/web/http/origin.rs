//! The origin of the site's absolute URLs, as feeds, sitemaps and canonical links need them.

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::header::HOST;
use actix_web::{FromRequest, HttpRequest, web};

use super::client::Proxies;

/// Scheme, host and port, as `https://films.example`. Empty if the request does not reveal it:
/// absolute URLs then begin with the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    pub fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// Returns `PUBLIC_URL`, or the origin that the request was sent to. Ignores
    /// `X-Forwarded-Host`: any client can send it, and caches store feeds.
    pub fn of(request: &HttpRequest) -> Self {
        let config = request.app_data::<web::Data<OriginConfig>>();
        if let Some(public) = config.and_then(|config| config.public_url.clone()) {
            return public;
        }
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let https = config.is_some_and(|config| config.proxies.is_https(request));
        let scheme = if https { "https" } else { "http" };
        let host = host.filter(|host| is_host(host));
        Self(host.map_or_else(String::new, |host| format!("{scheme}://{host}")))
    }
}

/// What decides the origin of a request.
pub(crate) struct OriginConfig {
    pub(crate) public_url: Option<Origin>,
    pub(crate) proxies: Proxies,
}

impl FromStr for Origin {
    type Err = String;

    /// Parses `PUBLIC_URL`; an empty value means unset.
    fn from_str(url: &str) -> Result<Self, String> {
        if url.is_empty() {
            return Ok(Self(String::new()));
        }
        let (scheme, host) = url.trim_end_matches('/').split_once("://").unwrap_or_default();
        match matches!(scheme, "http" | "https") && is_host(host) {
            true => Ok(Self(format!("{scheme}://{host}"))),
            false => Err("expected http:// or https:// and a host, without a path".to_owned()),
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

/// Allows only characters without a meaning in HTML, XML or JSON.
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
    fn public_url_is_a_scheme_and_a_host() {
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
