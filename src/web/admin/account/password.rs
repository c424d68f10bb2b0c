//! A new password for the operator who is logged in.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::Utc;
use serde::Serialize;

use super::load;
use crate::operators::{Attempt, InvalidPassword, LoginError, Password};
use crate::web::admin::login::{Failure, respond_failure};
use crate::web::admin::operator::CONFIRMED_AT;
use crate::web::admin::set_up::new_password;
use crate::web::admin::{AdminRequest, Form, Message, Operator, cookies};
use crate::web::error::Result;
use crate::web::render::page::Page;

#[derive(Serialize)]
struct PasswordPage {
    name: String,
    form: Form,
    failure: Option<Failure>,
}

impl Page for PasswordPage {
    const TEMPLATE: &'static str = "admin/password.html";
}

const SECRET_FIELDS: [&str; 3] = ["current", "password", "password_again"];

pub(in crate::web::admin) async fn show(
    operator: Operator,
    page: AdminRequest,
) -> Result<HttpResponse> {
    page.respond(&PasswordPage { name: operator.name, form: Form::default(), failure: None })
}

pub(in crate::web::admin) async fn change(
    operator: Operator,
    page: AdminRequest,
    mut form: Form,
) -> Result<HttpResponse> {
    let account = load(&page, &operator).await?;
    let password = new_password(&page, &account, &mut form);
    let device = cookies::device_of(&page.request, page.admin.https_only);
    let attempt = Attempt { client: page.client(), device: device.as_deref() };
    let current = Password::new(form.get("current").unwrap_or_default());
    let logins = &page.admin.logins;
    match logins.check_password(&attempt, &operator.name, current).await {
        Ok(_) => {}
        Err(LoginError::Wrong) => form.problem("current", InvalidPassword::WrongCurrent),
        Err(error) => {
            return respond_failure(&page, error, |failure| PasswordPage {
                name: operator.name.clone(),
                form: form.without(&SECRET_FIELDS),
                failure: Some(failure),
            });
        }
    }
    let (Some(password), true) = (password, form.is_valid()) else {
        let form = form.without(&SECRET_FIELDS);
        let shown = PasswordPage { name: operator.name, form, failure: None };
        return page.respond_with(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    };
    match logins.set_password(&account, password, &operator.actor()).await {
        Ok(()) => {}
        Err(LoginError::Failed(error)) => return Err(error.into()),
        Err(error) => return Err(crate::web::error::Error::Unavailable(error.into())),
    }
    page.admin.sessions.end_others(&page.session).await?;
    page.session.login(operator.id)?;
    page.session.set(CONFIRMED_AT, Utc::now().timestamp())?;
    page.redirect("/admin/account", &Message::PasswordChanged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        let form = Form::default();
        assert_complete(&PasswordPage { name: "ada".into(), form, failure: None });
    }
}
