//! Dismisses notices.

use actix_web::HttpResponse;

use crate::web::error::{Error, Result};
use crate::web::http::redirect;
use crate::web::http::url::Slug;
use crate::web::render::renderer::PageRequest;

pub async fn dismiss(slug: Slug, mut page: PageRequest) -> Result<HttpResponse> {
    let notices = page.notices().await;
    let notice = notices.iter().find(|notice| notice.slug == slug.0).ok_or(Error::NotFound)?;
    page.visitor.dismiss(&notice.slug, &notice.digest)?;
    Ok(redirect::back(&page.request, "/"))
}
