//! What the page of one film or director is made from.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use anyhow::Context as _;

use crate::web::error::{Error, Result};
use crate::web::http::origin::Origin;
use crate::web::http::url::Slug;
use crate::web::state::Site;
use crate::web::visitor::Visitor;

/// A request for the page of the thing with that slug.
pub struct Asked {
    pub site: web::Data<Site>,
    pub request: HttpRequest,
    pub origin: Origin,
    pub visitor: Visitor,
    pub slug: Slug,
}

impl FromRequest for Asked {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let slug = Slug::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let site = request.app_data::<web::Data<Site>>().cloned();
            Ok(Self {
                slug: slug.await?,
                site: site.context("a page without a site")?,
                origin: Origin::of(&request),
                visitor: Visitor::open(&request).await?,
                request,
            })
        })
    }
}
