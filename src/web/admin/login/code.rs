//! The code of a second factor, after the password.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};

use super::{Failure, complete, respond_failure};
use crate::operators::{self, Account, Attempt, LoginError};
use crate::web::admin::{AdminRequest, Form, cookies};
use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::render::page::Page;

/// The session's value for a login that lacks the code.
const PENDING: &str = "pending";

/// Wrong codes after which the password must be typed again.
const MAX_ATTEMPTS: u8 = 5;

/// How long a code can be typed after the password, in seconds.
const MAX_AGE: i64 = 10 * 60;

/// A login that lacks the code.
#[derive(Serialize, Deserialize)]
struct Pending {
    operator: i32,
    attempts: u8,
    /// When the password was typed, in seconds since 1970.
    since: i64,
}

#[derive(Serialize)]
struct CodePage {
    form: Form,
    failure: Option<Failure>,
}

impl Page for CodePage {
    const TEMPLATE: &'static str = "admin/code.html";
}

/// Asks for the code of an operator whose password was right.
pub(in crate::web::admin) fn ask(
    page: &AdminRequest,
    account: &Account,
    form: &Form,
) -> Result<HttpResponse> {
    page.session.flush();
    let since = chrono::Utc::now().timestamp();
    page.session.set(PENDING, Pending { operator: account.id, attempts: 0, since })?;
    let (next, held) = (form.text("next"), form.text("held"));
    if held.is_empty() {
        let query = Query::default();
        let query = if next.is_empty() { query } else { query.with("next", next) };
        return Ok(redirect::to(&query.at("/admin/login/code")));
    }
    let form = Form::of([("next", next.to_owned()), ("held", held.to_owned())]);
    page.respond(&CodePage { form, failure: None })
}

pub(in crate::web::admin) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    if pending(&page).is_none() {
        return Ok(redirect::to("/admin/login"));
    }
    let query = Query::parse(page.request.query_string().as_bytes());
    let form = Form::of([("next", query.get("next").unwrap_or_default().to_owned())]);
    page.respond(&CodePage { form, failure: None })
}

pub(in crate::web::admin) async fn check(page: AdminRequest, form: Form) -> Result<HttpResponse> {
    let Some(mut pending) = pending(&page) else { return Ok(redirect::to("/admin/login")) };
    let account = operators::load(&mut *page.connection().await?, pending.operator).await?;
    let Some(account) = account.filter(Account::is_enabled) else {
        page.session.flush();
        return Ok(redirect::to("/admin/login"));
    };
    let device = cookies::device_of(&page.request, page.admin.https_only);
    let attempt = Attempt { client: page.client(), device: device.as_deref() };
    match page.admin.logins.check_code(&attempt, &account, form.text("code")).await {
        Ok(()) => complete(&page, &account, &form).await,
        Err(error) => {
            pending.attempts += 1;
            if matches!(error, LoginError::Wrong) && pending.attempts >= MAX_ATTEMPTS {
                page.session.flush();
                return Ok(redirect::to("/admin/login"));
            }
            page.session.set(PENDING, pending)?;
            let form = form.without(&["code"]);
            respond_failure(&page, error, |failure| CodePage { form, failure: Some(failure) })
        }
    }
}

fn pending(page: &AdminRequest) -> Option<Pending> {
    let pending: Pending = page.session.get(PENDING).ok().flatten()?;
    let age = chrono::Utc::now().timestamp() - pending.since;
    (age < MAX_AGE).then_some(pending)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        assert_complete(&CodePage { form: Form::default(), failure: Some(Failure::Wrong) });
    }
}
