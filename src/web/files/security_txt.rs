//! `/.well-known/security.txt`: the contact for reporting vulnerabilities
//! (<https://www.rfc-editor.org/rfc/rfc9116>).

use actix_web::{HttpResponse, web};
use chrono::{Days, NaiveTime, SecondsFormat, Utc};

use crate::web::error::{Error, Result};
use crate::web::http::cache_policy::CachePolicy;

/// Days until the file expires; the standard recommends less than a year.
const VALID_FOR: Days = Days::new(180);

/// The value of `SECURITY_CONTACT`, a URI.
pub(crate) struct SecurityContact(pub(crate) Option<String>);

/// # Errors
/// Not found unless the operator has set a contact.
pub(crate) async fn show(contact: web::Data<SecurityContact>) -> Result<HttpResponse> {
    let contact = contact.0.as_deref().ok_or(Error::NotFound)?;
    let expires = Utc::now().date_naive() + VALID_FOR;
    let expires = expires.and_time(NaiveTime::MIN).and_utc();
    let expires = expires.to_rfc3339_opts(SecondsFormat::Secs, true);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(CachePolicy::OneDay)
        .body(format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\n")))
}
