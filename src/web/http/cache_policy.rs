//! The `Cache-Control` of every response.

use std::convert::Infallible;

use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, TryIntoHeaderPair};

/// The caches that may store a response, and the time for which they may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CachePolicy {
    /// Nobody: errors, monitoring, redirects that differ each time.
    NoStore,
    /// Nobody: personal data for download.
    PrivateNoStore,
    /// The visitor's browser, which must revalidate it on each use: pages.
    Private,
    OneMinute,
    FiveMinutes,
    OneHour,
    OneDay,
    /// Anybody, forever: the URL contains a hash of the content.
    Immutable,
}

impl From<CachePolicy> for HeaderValue {
    fn from(policy: CachePolicy) -> Self {
        Self::from_static(match policy {
            CachePolicy::NoStore => "no-store",
            CachePolicy::PrivateNoStore => "private, no-store",
            CachePolicy::Private => "private, no-cache",
            CachePolicy::OneMinute => "public, max-age=60",
            CachePolicy::FiveMinutes => "public, max-age=300",
            CachePolicy::OneHour => "public, max-age=3600",
            CachePolicy::OneDay => "public, max-age=86400",
            CachePolicy::Immutable => "public, max-age=31536000, immutable",
        })
    }
}

impl TryIntoHeaderPair for CachePolicy {
    type Error = Infallible;

    fn try_into_pair(self) -> Result<(HeaderName, HeaderValue), Infallible> {
        Ok((CACHE_CONTROL, self.into()))
    }
}
