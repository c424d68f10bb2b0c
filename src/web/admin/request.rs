//! A request for a page of the admin, and the response to it.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use diesel_async::pooled_connection::deadpool::Object;
use serde::Serialize;

use super::message::{Message, TakenMessage};
use super::{Admin, Form, Operator};
use crate::db::Connection;
use crate::operators::Client;
use crate::sessions::Session;
use crate::web::error::{Error, Result};
use crate::web::http::assets::Assets;
use crate::web::http::redirect;
use crate::web::render::page::{HTML, Page};

/// A request for a page of the admin.
pub(crate) struct AdminRequest {
    pub(crate) admin: Data<Admin>,
    pub(crate) request: HttpRequest,
    pub(crate) session: Session,
}

/// The data of `admin/base.html`, for every page.
#[derive(Serialize)]
struct Shell<'a> {
    /// `None` on the pages that lead to a session.
    operator: Option<&'a Operator>,
    can_edit: bool,
    is_owner: bool,
    message: Option<TakenMessage>,
    /// Whether the page shows a form with problems.
    is_invalid: bool,
    /// The requested path, to mark the current page in the navigation.
    path: &'a str,
    assets: &'a Assets,
}

impl AdminRequest {
    /// Returns a connection to the primary database.
    ///
    /// # Errors
    /// When none is available.
    pub(crate) async fn connection(&self) -> Result<Object<Connection>> {
        Ok(self.admin.pool.get().await?)
    }

    pub(crate) fn client(&self) -> Client {
        self.admin.client(&self.request)
    }

    /// Responds with a page.
    ///
    /// # Errors
    /// When the page cannot be rendered.
    pub(crate) fn respond<P: Page>(&self, page: &P) -> Result<HttpResponse> {
        self.respond_with(StatusCode::OK, page)
    }

    /// Responds with the page of a form that has problems.
    ///
    /// # Errors
    /// When the page cannot be rendered.
    pub(crate) fn respond_invalid<P: Page>(&self, page: &P) -> Result<HttpResponse> {
        self.respond_with(StatusCode::UNPROCESSABLE_ENTITY, page)
    }

    /// Responds with a page and another status than 200. A page with a message from the request before
    /// shows it once.
    ///
    /// # Errors
    /// When the page cannot be rendered.
    pub(crate) fn respond_with<P: Page>(
        &self,
        status: StatusCode,
        page: &P,
    ) -> Result<HttpResponse> {
        let extensions = self.request.extensions();
        let operator = extensions.get::<Operator>();
        let shell = Shell {
            operator,
            can_edit: operator.is_some_and(Operator::can_edit),
            is_owner: operator.is_some_and(Operator::is_owner),
            message: operator.and_then(|_| Message::take(&self.session)),
            is_invalid: status.is_client_error(),
            path: self.request.path(),
            assets: self.admin.templates.assets(),
        };
        let html = self.admin.templates.write_with(page, "admin", &shell)?;
        Ok(HttpResponse::build(status).insert_header((CONTENT_TYPE, HTML)).body(html))
    }

    /// Redirects to a page that shows a message.
    ///
    /// # Errors
    /// When the session cannot hold the message.
    pub(crate) fn redirect(&self, path: &str, message: &Message) -> Result<HttpResponse> {
        message.leave(&self.session)?;
        Ok(redirect::to(path))
    }

    /// Opens the session of a request.
    ///
    /// # Errors
    /// When the database does not respond.
    pub(super) async fn open(request: &HttpRequest) -> Result<Self> {
        let session = Session::open(request).await?;
        Ok(Self { admin: Admin::of(request)?, request: request.clone(), session })
    }

    /// Reads the form that was sent.
    ///
    /// # Errors
    /// When the body cannot be read.
    pub(super) async fn form(request: &HttpRequest, payload: &mut Payload) -> Result<Form> {
        let body = actix_web::web::Bytes::from_request(request, payload).await;
        let body = body.map_err(|error| Error::InvalidForm(error.to_string()))?;
        Ok(Form::parse(&body))
    }
}

impl FromRequest for AdminRequest {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::open(&request).await })
    }
}

impl FromRequest for Form {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move { AdminRequest::form(&request, &mut payload).await })
    }
}
