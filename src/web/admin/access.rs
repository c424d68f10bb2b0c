//! Permissions, checked before a route's handler runs.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::ALLOW;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};

use super::routes::AdminRoute;
use super::{Operator, confirm, login};
use crate::operators::Role;
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::http::request_id::RequestId;
use crate::web::http::route::Route;

/// The permission that a route requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody: the pages that lead to a session.
    Public,
    /// Operators with one of these roles.
    Operators(&'static [Role]),
    /// As before, with the password typed within the last ten minutes.
    Confirmed(&'static [Role]),
}

impl Access {
    pub(crate) fn roles(self) -> &'static [Role] {
        match self {
            Self::Public => &[],
            Self::Operators(roles) | Self::Confirmed(roles) => roles,
        }
    }
}

/// Lets a request pass to its handler, or responds to it. `rows` are those of the requested path.
pub(super) async fn authorize(
    rows: &'static [AdminRoute],
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match refusal(rows, &mut request).await {
        Ok(None) => Ok(next.call(request).await?.map_into_boxed_body()),
        Ok(Some(response)) => Ok(request.into_response(response)),
        Err(error) => Ok(request.error_response(error)),
    }
}

/// Returns the response to a request that must not reach its handler.
async fn refusal(
    rows: &'static [AdminRoute],
    request: &mut ServiceRequest,
) -> Result<Option<HttpResponse>, Error> {
    let operator = Operator::load(request.request()).await?;
    let row = rows.iter().find(|row| row.accepts(request.method()));
    let access = row.map(|row| row.access);
    let Some(operator) = operator else {
        if access == Some(Access::Public) {
            return Ok(None);
        }
        return require_login(request).await.map(Some);
    };
    let (name, role, is_confirmed) = (operator.name.clone(), operator.role, operator.is_confirmed);
    request.extensions_mut().insert(operator);
    match access {
        None => {
            let mut response = HttpResponse::MethodNotAllowed();
            Ok(Some(response.insert_header((ALLOW, allowed(rows))).finish()))
        }
        Some(Access::Public) => Ok(None),
        Some(access) if !access.roles().contains(&role) => {
            log_denial(request.request(), &name, "the role does not allow it");
            Ok(Some(HttpResponse::new(StatusCode::FORBIDDEN)))
        }
        Some(Access::Confirmed(_)) if !is_confirmed => {
            require_confirmation(request).await.map(Some)
        }
        Some(_) => Ok(None),
    }
}

/// Responds to an address that is in no row of the table.
pub(super) async fn unknown(request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Error> {
    match Operator::load(&request).await? {
        Some(operator) => {
            request.extensions_mut().insert(operator);
            Ok(HttpResponse::new(StatusCode::NOT_FOUND))
        }
        None => login_required(&request, &body).await,
    }
}

async fn require_login(request: &mut ServiceRequest) -> Result<HttpResponse, Error> {
    let body = request.extract::<web::Bytes>().await?;
    login_required(request.request(), &body).await
}

/// Leads to the login page, or shows it with the fields of the form that was sent.
async fn login_required(request: &HttpRequest, body: &[u8]) -> Result<HttpResponse, Error> {
    if request.method().is_safe() {
        return Ok(redirect::to(&with_next("/admin/login", request)));
    }
    log_denial(request, "", "no session");
    Ok(login::show_with_held_form(request, body).await?)
}

async fn require_confirmation(request: &mut ServiceRequest) -> Result<HttpResponse, Error> {
    if request.method().is_safe() {
        return Ok(redirect::to(&with_next("/admin/confirm", request.request())));
    }
    let body = request.extract::<web::Bytes>().await?;
    Ok(confirm::show_with_held_form(request.request(), &body).await?)
}

/// Returns a URL that leads back to the requested one.
fn with_next(path: &str, request: &HttpRequest) -> String {
    let next = request.uri().path_and_query().map_or("/admin", |url| url.as_str());
    Query::default().with("next", next).at(path)
}

/// Returns the value of an `Allow` header.
fn allowed(rows: &[AdminRoute]) -> String {
    let mut methods: Vec<&str> = rows.iter().map(|row| row.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push(Method::HEAD.as_str());
    }
    methods.join(", ")
}

/// Logs a refused request on one line.
pub(super) fn log_denial(request: &HttpRequest, operator: &str, reason: &str) {
    let (method, route) = (request.method().as_str(), Route::of(request).0);
    let id = RequestId::of(request);
    log::warn!(
        operator, route, request = id.as_str();
        "denied {method} {route}: {reason}"
    );
}
