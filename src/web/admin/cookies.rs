//! Cookies beside that of the session.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

/// How long a browser is remembered.
const DEVICE_AGE: Duration = Duration::days(180);

/// How long a new link is kept until the next page shows it.
const LINK_AGE: Duration = Duration::minutes(1);

/// Tells scripts of public pages to show a link to the admin. It grants nothing.
const OPERATOR: &str = "operator";

fn name(base: &str, https_only: bool) -> String {
    if https_only { format!("__Host-{base}") } else { base.to_owned() }
}

fn secret(base: &str, value: String, age: Duration, https_only: bool) -> Cookie<'static> {
    Cookie::build(name(base, https_only), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(https_only)
        .max_age(age)
        .finish()
}

/// The cookie of a browser in which an operator has logged in.
pub(super) fn device(token: &str, https_only: bool) -> Cookie<'static> {
    secret("admin_device", token.to_owned(), DEVICE_AGE, https_only)
}

/// Returns the value of the device's cookie.
pub(super) fn device_of(request: &HttpRequest, https_only: bool) -> Option<String> {
    let cookie = request.cookie(&name("admin_device", https_only))?;
    Some(cookie.value().to_owned())
}

/// The cookie that carries a new link to the next page. The session must not: it is in the database.
pub(super) fn link(token: &str, https_only: bool) -> Cookie<'static> {
    secret("admin_link", token.to_owned(), LINK_AGE, https_only)
}

/// Returns the value of the link's cookie.
pub(super) fn link_of(request: &HttpRequest, https_only: bool) -> Option<String> {
    let cookie = request.cookie(&name("admin_link", https_only))?;
    Some(cookie.value().to_owned()).filter(|value| !value.is_empty())
}

pub(super) fn remove_link(https_only: bool) -> Cookie<'static> {
    secret("admin_link", String::new(), Duration::ZERO, https_only)
}

/// The cookie that makes public pages link to the admin.
pub(super) fn operator(https_only: bool) -> Cookie<'static> {
    Cookie::build(OPERATOR, "1").path("/").same_site(SameSite::Strict).secure(https_only).finish()
}

pub(super) fn remove_operator() -> Cookie<'static> {
    Cookie::build(OPERATOR, "").path("/").max_age(Duration::ZERO).finish()
}
