//! Forms that were sent without a session or confirmation, kept in the login form until the password is
//! typed.

use actix_web::HttpRequest;
use serde::Serialize;

use super::Form;
use super::request::AdminRequest;
use super::routes;
use crate::web::error::Result;
use crate::web::http::query::join;
use crate::web::http::url::local;
use crate::web::render::page::Page;

/// Fields that are not kept.
const SECRET_FIELDS: [&str; 4] = ["password", "password_again", "current", "code"];

/// The page with one button that sends a form again.
#[derive(Serialize)]
struct HeldPage<'a> {
    action: &'a str,
    fields: &'a [(String, String)],
}

impl Page for HeldPage<'_> {
    const TEMPLATE: &'static str = "admin/held.html";
}

/// Returns the address and the fields of a form as one text.
pub(super) fn pack(request: &HttpRequest, body: &[u8]) -> String {
    let form = Form::parse(body).without(&SECRET_FIELDS);
    let mut fields = form_urlencoded::Serializer::new(String::new());
    fields.extend_pairs(form.fields());
    join(request.path(), &fields.finish())
}

/// Responds with the page that sends the form of [`pack`] again. Returns `None` if it is no form of
/// the admin.
pub(super) fn respond(page: &AdminRequest, held: &str) -> Result<Option<actix_web::HttpResponse>> {
    let (action, fields) = held.split_once('?').unwrap_or((held, ""));
    if local(action) != action || !routes::accepts_post(action) {
        return Ok(None);
    }
    let form = Form::parse(fields.as_bytes());
    page.respond(&HeldPage { action, fields: form.fields() }).map(Some)
}
