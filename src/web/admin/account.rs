//! The operator's own account.

pub(super) mod password;

use actix_web::HttpResponse;
use serde::Serialize;

use super::{AdminRequest, Form, Message, Operator};
use crate::operators::{self, Account, Edit};
use crate::web::error::{Error, Result};
use crate::web::render::page::Page;

#[derive(Serialize)]
struct AccountPage {
    form: Form,
    name: String,
    role: operators::Role,
    has_second_factor: bool,
    /// Recovery codes that are not used yet.
    recovery_codes: i64,
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "admin/account.html";
}

pub(super) async fn show(operator: Operator, page: AdminRequest) -> Result<HttpResponse> {
    let account = load(&page, &operator).await?;
    let form = Form::of([("display_name", account.display_name.clone())]);
    let shown = account_page(&page, account, form).await?;
    page.respond(&shown)
}

pub(super) async fn save(
    operator: Operator,
    page: AdminRequest,
    mut form: Form,
) -> Result<HttpResponse> {
    let edit = Edit { display_name: form.get("display_name"), ..Edit::default() };
    let conn = &mut page.connection().await?;
    match operators::edit(conn, operator.id, edit, &operator.actor()).await {
        Ok(true) => page.redirect("/admin/account", &Message::AccountSaved),
        Ok(false) => page.redirect("/admin/account", &Message::NothingChanged),
        Err(operators::Error::Refused(refusal)) => {
            form.problem(refusal.field(), refusal);
            let account = load(&page, &operator).await?;
            let shown = account_page(&page, account, form).await?;
            page.respond_invalid(&shown)
        }
        Err(error) => Err(error.into()),
    }
}

async fn account_page(page: &AdminRequest, account: Account, form: Form) -> Result<AccountPage> {
    let conn = &mut page.connection().await?;
    Ok(AccountPage {
        form,
        recovery_codes: operators::count_recovery_codes(conn, account.id).await?,
        has_second_factor: account.has_second_factor(),
        role: account.role,
        name: account.name,
    })
}

/// Loads the account of the operator who is logged in.
pub(super) async fn load(page: &AdminRequest, operator: &Operator) -> Result<Account> {
    let account = operators::load(&mut *page.connection().await?, operator.id).await?;
    account.ok_or(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        assert_complete(&AccountPage {
            form: Form::default(),
            name: "ada".into(),
            role: operators::Role::Owner,
            has_second_factor: true,
            recovery_codes: 1,
        });
    }
}
