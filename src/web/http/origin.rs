//! The origin of the site's absolute URLs, as feeds, sitemaps and canonical links need them.

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use super::client::Proxies;
use super::host;

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
        let public = OriginConfig::of(request).and_then(|config| config.public_url.clone());
        public.unwrap_or_else(|| Self::requested(request))
    }

    /// Returns the origin that the request was sent to, whatever `PUBLIC_URL` is. If its host is
    /// that of `PUBLIC_URL`, so is its scheme.
    pub(crate) fn requested(request: &HttpRequest) -> Self {
        let config = OriginConfig::of(request);
        let host = host::requested(request).ok().flatten();
        let public = config.and_then(|config| config.public_url.as_ref());
        if let (Some(public), Some(host)) = (public, host)
            && public.host().eq_ignore_ascii_case(host)
        {
            return public.clone();
        }
        let https = config.is_some_and(|config| config.proxies.is_https(request));
        let scheme = if https { "https" } else { "http" };
        Self(host.map_or_else(String::new, |host| format!("{scheme}://{host}")))
    }

    /// Returns whether an absolute URL, or a serialized origin, has this origin.
    pub(crate) fn is_origin_of(&self, url: &str) -> bool {
        let Some(start) = url.get(..self.0.len()) else { return false };
        let rest = &url[self.0.len()..];
        self.is_known()
            && start.eq_ignore_ascii_case(&self.0)
            && (rest.is_empty() || rest.starts_with(['/', '?', '#']))
    }

    fn host(&self) -> &str {
        self.0.split_once("://").map_or("", |(_, host)| host)
    }
}

/// The settings that decide the origin of a request.
pub(crate) struct OriginConfig {
    pub(crate) public_url: Option<Origin>,
    pub(crate) proxies: Proxies,
}

impl OriginConfig {
    fn of(request: &HttpRequest) -> Option<&Self> {
        request.app_data::<web::Data<Self>>().map(|config| &***config)
    }
}

impl FromStr for Origin {
    type Err = String;

    /// Parses `PUBLIC_URL`; an empty value means unset.
    fn from_str(url: &str) -> Result<Self, String> {
        if url.is_empty() {
            return Ok(Self(String::new()));
        }
        let (scheme, host) = url.trim_end_matches('/').split_once("://").unwrap_or_default();
        match matches!(scheme, "http" | "https") && host::is_valid(host) {
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
            ("https://a:99999", None),
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
