//! The operators of the site, for owners.

pub(super) mod actions;
pub(super) mod edit;

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::login::add_cookie;
use super::{AdminRequest, Form, Message, Operator, cookies};
use crate::operators::{self, Account, Role, Token};
use crate::web::error::Result;
use crate::web::render::page::Page;

#[derive(Serialize)]
struct ListPage {
    operators: Vec<Row>,
    total: usize,
}

#[derive(Serialize)]
struct Row {
    id: i32,
    name: String,
    display_name: String,
    role: Role,
    is_enabled: bool,
    has_password: bool,
    has_second_factor: bool,
    created_at: DateTime<Utc>,
}

impl From<Account> for Row {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            is_enabled: account.is_enabled(),
            has_password: account.password_hash.is_some(),
            has_second_factor: account.has_second_factor(),
            name: account.name,
            display_name: account.display_name,
            role: account.role,
            created_at: account.created_at,
        }
    }
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "admin/operators/list.html";
}

#[derive(Serialize)]
struct NewPage {
    form: Form,
    roles: [Role; 3],
}

impl Page for NewPage {
    const TEMPLATE: &'static str = "admin/operators/new.html";
}

pub(super) async fn list(page: AdminRequest) -> Result<HttpResponse> {
    let accounts = operators::list(&mut *page.connection().await?).await?;
    let operators: Vec<Row> = accounts.into_iter().map(Row::from).collect();
    page.respond(&ListPage { total: operators.len(), operators })
}

pub(super) async fn new(page: AdminRequest) -> Result<HttpResponse> {
    let form = Form::of([("role", Role::Editor.as_str().to_owned())]);
    page.respond(&NewPage { form, roles: Role::ALL })
}

pub(super) async fn add(
    operator: Operator,
    page: AdminRequest,
    mut form: Form,
) -> Result<HttpResponse> {
    let role = role_of(&mut form);
    if !form.is_valid() {
        return page.respond_invalid(&NewPage { form, roles: Role::ALL });
    }
    let (name, display_name) = (form.text("name"), form.text("display_name"));
    let conn = &mut page.connection().await?;
    match operators::add(conn, name, display_name, role, &operator.actor()).await {
        Ok((account, token)) => redirect_with_link(
            &page,
            account.id,
            &token,
            &Message::OperatorAdded { name: account.name },
        ),
        Err(operators::Error::Refused(refusal)) => {
            form.problem(refusal.field(), refusal);
            page.respond_invalid(&NewPage { form, roles: Role::ALL })
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns the role in a form. An unknown one is a problem.
fn role_of(form: &mut Form) -> Option<Role> {
    let role = Role::parse(form.text("role"));
    if role.is_none() {
        form.problem("role", InvalidRole);
    }
    role
}

#[derive(Debug, thiserror::Error)]
#[error("Choose owner, editor or viewer")]
struct InvalidRole;

/// Redirects to the page of an operator, which shows a new link once.
fn redirect_with_link(
    page: &AdminRequest,
    id: i32,
    token: &Token,
    message: &Message,
) -> Result<HttpResponse> {
    let mut response = page.redirect(&path_of(id), message)?;
    add_cookie(&mut response, &cookies::link(token.as_str(), page.admin.https_only))?;
    Ok(response)
}

fn path_of(id: i32) -> String {
    format!("/admin/operators/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn templates_read_only_fields_of_the_pages() {
        let row = Row {
            id: 1,
            name: "ada".into(),
            display_name: String::new(),
            role: Role::Owner,
            is_enabled: true,
            has_password: true,
            has_second_factor: false,
            created_at: Utc::now(),
        };
        assert_complete(&ListPage { operators: vec![row], total: 1 });
        assert_complete(&NewPage { form: Form::default(), roles: Role::ALL });
    }
}
