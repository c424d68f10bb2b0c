//! The route that answers a request.

use actix_web::HttpRequest;

/// The pattern of the address that answers, such as `/movies/{slug}`: in the metrics it stands for
/// every address that fits.
#[derive(Clone, Copy)]
pub struct Route(pub &'static str);

impl Route {
    /// Nothing that the site knows, or an answer that came of no route.
    pub const NONE: Self = Self("none");

    pub fn of(request: &HttpRequest) -> Self {
        request.app_data::<Self>().copied().unwrap_or(Self::NONE)
    }
}
