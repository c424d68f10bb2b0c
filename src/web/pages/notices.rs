//! Dismisses notices.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::web::error::{Error, Result};
use crate::web::http::redirect;
use crate::web::http::url::Slug;
use crate::web::state::Site;
use crate::web::visitor::Visitor;

pub async fn dismiss(
    site: web::Data<Site>,
    request: HttpRequest,
    mut visitor: Visitor,
    slug: Slug,
) -> Result<HttpResponse> {
    let notices = site.notices().await;
    let notice = notices.iter().find(|notice| notice.slug == slug.0).ok_or(Error::NotFound)?;
    visitor.dismiss(notice)?;
    Ok(redirect::back(&request, "/"))
}
