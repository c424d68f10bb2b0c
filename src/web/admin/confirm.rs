//! Asks for the password again before sensitive actions, as the browser may be unattended.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use chrono::Utc;
use serde::Serialize;

use super::login::{Failure, proceed, respond_failure};
use super::operator::CONFIRMED_AT;
use super::{AdminRequest, Form, Operator, cookies, held};
use crate::operators::{Attempt, Password};
use crate::web::error::Result;
use crate::web::http::query::Query;
use crate::web::render::page::Page;

#[derive(Serialize)]
struct ConfirmPage {
    form: Form,
    failure: Option<Failure>,
}

impl Page for ConfirmPage {
    const TEMPLATE: &'static str = "admin/confirm.html";
}

pub(super) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    let query = Query::parse(page.request.query_string().as_bytes());
    let form = Form::of([("next", query.get("next").unwrap_or_default().to_owned())]);
    page.respond(&ConfirmPage { form, failure: None })
}

/// Asks for the password with a form that needs it.
pub(super) async fn show_with_held_form(
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse> {
    let page = AdminRequest::open(request).await?;
    let form = Form::of([("held", held::pack(request, body))]);
    page.respond_with(StatusCode::FORBIDDEN, &ConfirmPage { form, failure: None })
}

pub(super) async fn confirm(
    operator: Operator,
    page: AdminRequest,
    form: Form,
) -> Result<HttpResponse> {
    let device = cookies::device_of(&page.request, page.admin.https_only);
    let attempt = Attempt { client: page.client(), device: device.as_deref() };
    let password = Password::new(form.get("password").unwrap_or_default());
    match page.admin.logins.check_password(&attempt, &operator.name, password).await {
        Ok(account) => {
            // The session gains rights, so it gets a new key.
            page.session.login(account.id)?;
            page.session.set(CONFIRMED_AT, Utc::now().timestamp())?;
            proceed(&page, &form)
        }
        Err(error) => {
            let form = form.without(&["password"]);
            respond_failure(&page, error, |failure| ConfirmPage { form, failure: Some(failure) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        assert_complete(&ConfirmPage { form: Form::default(), failure: Some(Failure::Wrong) });
    }
}
