//! The link with which an operator sets a password.

use actix_web::http::header::{HeaderValue, REFERRER_POLICY};
use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::{AdminRequest, Form, login};
use crate::operators::{self, Account, InvalidPassword, Password};
use crate::web::error::{Error, Result};
use crate::web::render::page::Page;

#[derive(Serialize)]
struct SetUpPage {
    name: String,
    form: Form,
}

impl Page for SetUpPage {
    const TEMPLATE: &'static str = "admin/set_up.html";
}

pub(super) async fn show(token: web::Path<String>, page: AdminRequest) -> Result<HttpResponse> {
    let account = find(&page, &token).await?;
    hide_address(page.respond(&SetUpPage { name: account.name, form: Form::default() })?)
}

pub(super) async fn set_password(
    token: web::Path<String>,
    page: AdminRequest,
    mut form: Form,
) -> Result<HttpResponse> {
    let account = find(&page, &token).await?;
    let Some(password) = new_password(&page, &account, &mut form) else {
        let form = form.without(&["password", "password_again"]);
        return hide_address(page.respond_invalid(&SetUpPage { name: account.name, form })?);
    };
    let hash = page.admin.logins.hasher().hash(password).await;
    let hash = hash.map_err(|busy| Error::Unavailable(busy.into()))?;
    let conn = &mut page.connection().await?;
    let network = page.client().network();
    let set = operators::set_password_by_link(conn, &token, &hash, &network).await?;
    let account = set.ok_or(Error::NotFound)?;
    page.admin.sessions.end_all(account.id.to_string()).await?;
    if account.has_second_factor() {
        return login::code::ask(&page, &account, &Form::default());
    }
    login::complete(&page, &account, &Form::default()).await
}

async fn find(page: &AdminRequest, token: &str) -> Result<Account> {
    let account = operators::find_by_link(&mut *page.connection().await?, token).await?;
    account.ok_or(Error::NotFound)
}

/// Returns the new password in a form, unless it has problems.
pub(super) fn new_password(
    page: &AdminRequest,
    account: &Account,
    form: &mut Form,
) -> Option<Password> {
    let typed = form.get("password").unwrap_or_default();
    let password = Password::new(typed);
    let again = form.get("password_again").unwrap_or_default() == typed;
    let host = page.request.connection_info().host().to_owned();
    let related = [account.name.as_str(), &account.display_name, "Marquee", &host];
    if let Err(problem) = password.check(&related) {
        form.problem("password", problem);
    } else if !again {
        form.problem("password_again", InvalidPassword::Mismatch);
    }
    form.is_valid().then_some(password)
}

/// Keeps the address, which has the token in it, out of requests that the page leads to.
fn hide_address(mut response: HttpResponse) -> Result<HttpResponse> {
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        assert_complete(&SetUpPage { name: "ada".into(), form: Form::default() });
    }
}
