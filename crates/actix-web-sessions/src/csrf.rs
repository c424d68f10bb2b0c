//! Protection against cross-site request forgery.
//!
//! ```no_run
//! # use actix_web::App;
//! # use actix_web_sessions::{Sessions, csrf::Csrf, stores::Memory};
//! # let sessions = Sessions::new(Memory::new());
//! App::new().wrap(Csrf::by_origin()).wrap(sessions);
//! ```

mod token;

use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ORIGIN, REFERER};
use actix_web::{Error, HttpResponse};

pub use self::token::{CsrfToken, FIELD, HEADER};

/// Middleware that answers forged requests with 403. Requests with a safe method always pass.
#[derive(Debug, Clone)]
pub struct Csrf {
    requires_token: bool,
    trusted: Arc<[String]>,
}

crate::layer::middleware!(Csrf, CsrfService);

impl Csrf {
    /// Refuses requests that come from another site, as the browser states in `Sec-Fetch-Site`,
    /// `Origin` or `Referer`. A request with none of these headers passes: it is not from a
    /// browser. Needs no session.
    pub fn by_origin() -> Self {
        Self { requires_token: false, trusted: Arc::default() }
    }

    /// Refuses requests without a [`CsrfToken`] of their session, in the header [`HEADER`] or in
    /// the form field [`FIELD`]. Tokens create sessions, so prefer [`Csrf::by_origin`]. Belongs
    /// inside of [`Sessions`](crate::Sessions).
    pub fn by_token() -> Self {
        Self { requires_token: true, ..Self::by_origin() }
    }

    /// Sets other origins whose requests pass, such as `https://admin.example.com`.
    #[must_use]
    pub fn trusted_origins(self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { trusted: origins.into_iter().map(Into::into).collect(), ..self }
    }

    async fn handle<S, B>(
        self,
        service: Rc<S>,
        mut request: ServiceRequest,
    ) -> Result<ServiceResponse<EitherBody<B>>, Error>
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    {
        let allowed = request.method().is_safe()
            || if self.requires_token {
                token::is_valid(&mut request).await?
            } else {
                self.is_same_origin(&request)
            };
        if allowed {
            return Ok(service.call(request).await?.map_into_left_body());
        }
        let refusal = HttpResponse::Forbidden().body("The request comes from another site.");
        Ok(request.into_response(refusal).map_into_right_body())
    }

    fn is_same_origin(&self, request: &ServiceRequest) -> bool {
        // A value that is not text cannot be an origin of this site.
        let text = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
        let site = text("sec-fetch-site");
        let origin = text(ORIGIN.as_str()).or(text(REFERER.as_str()).map(origin_of));
        if origin.is_some_and(|origin| self.trusted.iter().any(|trusted| is_same(trusted, origin)))
        {
            return true;
        }
        match (site, origin) {
            (Some(site), _) => site == "same-origin" || site == "none",
            (None, Some(origin)) => {
                let connection = request.connection_info();
                is_same(&format!("{}://{}", connection.scheme(), connection.host()), origin)
            }
            (None, None) => true,
        }
    }
}

/// Returns the scheme, host and port of a URL.
fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |end| host + end);
    &url[..end]
}

/// Compares two origins; a default port equals none.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |origin: &str| {
        let origin = origin.to_ascii_lowercase();
        let port = if origin.starts_with("https:") { ":443" } else { ":80" };
        origin.strip_suffix(port).map_or(origin.clone(), str::to_owned)
    };
    plain(one) == plain(other)
}
