//! The route that answers a request.

use actix_web::HttpRequest;

/// A URL pattern, such as `/movies/{slug}`. Metrics use it in place of URLs.
#[derive(Clone, Copy)]
pub(crate) struct Route(pub(crate) &'static str);

impl Route {
    /// For unknown URLs, and responses made before routing.
    pub(crate) const NONE: Self = Self("none");

    pub(crate) fn of(request: &HttpRequest) -> Self {
        request.app_data::<Self>().copied().unwrap_or(Self::NONE)
    }
}
