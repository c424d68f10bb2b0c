//! The route that answers a request.

use actix_web::HttpRequest;

/// A URL pattern, such as `/movies/{slug}`. Metrics use it in place of URLs.
#[derive(Clone, Copy)]
pub struct Route(pub &'static str);

impl Route {
    /// For unknown URLs, and responses made before routing.
    pub const NONE: Self = Self("none");

    pub fn of(request: &HttpRequest) -> Self {
        request.app_data::<Self>().copied().unwrap_or(Self::NONE)
    }
}
