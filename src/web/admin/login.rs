//! Logging in and out.

pub(super) mod code;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse};
use chrono::Utc;
use serde::Serialize;

use super::operator::CONFIRMED_AT;
use super::{AdminRequest, Form, cookies, held};
use crate::operators::{Account, Attempt, LoginError, Password};
use crate::web::error::{Error, Result};
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::http::url::local;
use crate::web::render::page::Page;

/// The session's value for the id of the event that records its login.
pub(super) const LOGIN_EVENT: &str = "login";

/// Sessions that an operator may have at once.
const MAX_SESSIONS: usize = 10;

/// After how many seconds a login may be tried again when too many wait.
const BUSY_RETRY_AFTER: u64 = 5;

#[derive(Serialize)]
struct LoginPage {
    form: Form,
    failure: Option<Failure>,
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "admin/login.html";
}

/// Why a password or code was not accepted. Templates choose the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Failure {
    /// The session has ended; the form that was sent is kept.
    LoginNeeded,
    Wrong,
    /// Too many attempts have failed.
    TooMany {
        minutes: u64,
    },
    Busy,
}

pub(super) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    let query = Query::parse(page.request.query_string().as_bytes());
    let form = Form::of([("next", query.get("next").unwrap_or_default().to_owned())]);
    page.respond(&LoginPage { form, failure: None })
}

/// Shows the login form with a form that was sent without a session.
pub(super) async fn show_with_held_form(
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse> {
    let page = AdminRequest::open(request).await?;
    let form = Form::of([("held", held::pack(request, body))]);
    let login = LoginPage { form, failure: Some(Failure::LoginNeeded) };
    page.respond_with(StatusCode::FORBIDDEN, &login)
}

pub(super) async fn log_in(page: AdminRequest, form: Form) -> Result<HttpResponse> {
    let device = cookies::device_of(&page.request, page.admin.https_only);
    let attempt = Attempt { client: page.client(), device: device.as_deref() };
    let password = Password::new(form.get("password").unwrap_or_default());
    let checked = page.admin.logins.check_password(&attempt, form.text("name"), password).await;
    match checked {
        Ok(account) if account.has_second_factor() => code::ask(&page, &account, &form),
        Ok(account) => complete(&page, &account, &form).await,
        Err(error) => {
            let form = form.without(&["password"]);
            respond_failure(&page, error, |failure| LoginPage { form, failure: Some(failure) })
        }
    }
}

pub(super) async fn log_out(page: AdminRequest) -> Result<HttpResponse> {
    page.session.logout();
    let mut response = redirect::to("/admin/login");
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        actix_web::http::header::HeaderValue::from_static("\"cache\""),
    );
    add_cookie(&mut response, &cookies::remove_operator())?;
    Ok(response)
}

/// Logs an operator in, and continues where `next` or `held` of the form lead.
pub(super) async fn complete(
    page: &AdminRequest,
    account: &Account,
    form: &Form,
) -> Result<HttpResponse> {
    let device = cookies::device_of(&page.request, page.admin.https_only);
    let attempt = Attempt { client: page.client(), device: device.as_deref() };
    let accepted = page.admin.logins.accept(&attempt, account).await?;
    let sessions = page.admin.sessions.of(account.id.to_string()).await?;
    // The newest come first.
    for oldest in sessions.iter().skip(MAX_SESSIONS - 1) {
        page.admin.sessions.end(account.id.to_string(), &oldest.handle).await?;
    }
    // Nothing of a session before is adopted.
    page.session.flush();
    page.session.login(account.id)?;
    page.session.set(LOGIN_EVENT, accepted.event)?;
    page.session.set(CONFIRMED_AT, Utc::now().timestamp())?;
    page.session.set_label(&super::sessions::label(page))?;
    log::info!(operator = account.name.as_str(); "operator logged in");
    let mut response = proceed(page, form)?;
    if let Some(device) = accepted.device {
        add_cookie(&mut response, &cookies::device(device.as_str(), page.admin.https_only))?;
    }
    add_cookie(&mut response, &cookies::operator(page.admin.https_only))?;
    Ok(response)
}

/// Continues where `next` or `held` of a form lead.
pub(super) fn proceed(page: &AdminRequest, form: &Form) -> Result<HttpResponse> {
    if let Some(response) = held::respond(page, form.text("held"))? {
        return Ok(response);
    }
    Ok(redirect::to(safe_next(form.text("next"))))
}

/// Returns `next` if it is a path of the admin.
pub(super) fn safe_next(next: &str) -> &str {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let is_inside = path == "/admin" || path.starts_with("/admin/");
    // Browsers resolve these: `/admin/../movies`.
    let leaves = path.contains("..") || path.to_ascii_lowercase().contains("%2e");
    if local(next) == next && is_inside && !leaves { next } else { "/admin" }
}

/// Responds to a password or code that was not accepted.
pub(super) fn respond_failure<P: Page>(
    page: &AdminRequest,
    error: LoginError,
    form: impl FnOnce(Failure) -> P,
) -> Result<HttpResponse> {
    let (status, failure, retry_after) = match error {
        LoginError::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, Failure::Wrong, None),
        LoginError::TooMany(many) => {
            let minutes = many.retry_after.div_ceil(60);
            let failure = Failure::TooMany { minutes };
            (StatusCode::TOO_MANY_REQUESTS, failure, Some(many.retry_after))
        }
        LoginError::Busy(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, Failure::Busy, Some(BUSY_RETRY_AFTER))
        }
        LoginError::Failed(error) => return Err(error.into()),
    };
    log::warn!(
        request = crate::web::http::request_id::RequestId::of(&page.request).as_str();
        "login refused: {failure:?}"
    );
    let mut response = page.respond_with(status, &form(failure))?;
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// Adds a cookie to a response.
///
/// # Errors
/// When the cookie is no valid header.
pub(super) fn add_cookie(
    response: &mut HttpResponse,
    cookie: &actix_web::cookie::Cookie<'static>,
) -> Result<()> {
    response.add_cookie(cookie).map_err(|error| Error::Internal(anyhow::anyhow!("{error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn next_stays_below_the_admin() {
        for next in ["/admin", "/admin/films?q=a", "/admin/films/1#year"] {
            assert_eq!(safe_next(next), next);
        }
        for next in [
            "",
            "/",
            "/administrator",
            "//evil.example/admin/",
            "https://evil.example/admin/",
            "/admin\\evil",
            "/admin/../movies",
            "/admin/%2E%2e/movies",
            "/\\evil.example",
        ] {
            assert_eq!(safe_next(next), "/admin", "{next}");
        }
    }

    #[test]
    fn template_reads_only_fields_of_the_page() {
        assert_complete(&LoginPage { form: Form::default(), failure: Some(Failure::Wrong) });
    }
}
