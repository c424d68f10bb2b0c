//! One operator, for owners.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::{Row, path_of, role_of};
use crate::operators::{self, Edit, Refusal, Role};
use crate::web::admin::login::add_cookie;
use crate::web::admin::{AdminRequest, Form, Message, Operator, cookies};
use crate::web::error::{Error, Result};
use crate::web::http::origin::Origin;
use crate::web::render::page::Page;

#[derive(Serialize)]
pub(super) struct EditPage {
    operator: Row,
    form: Form,
    roles: [Role; 3],
    /// A new link with which the operator sets a password, shown once.
    link: Option<String>,
}

impl Page for EditPage {
    const TEMPLATE: &'static str = "admin/operators/edit.html";
}

pub(in crate::web::admin) async fn show(
    page: AdminRequest,
    id: web::Path<i32>,
) -> Result<HttpResponse> {
    let form = Form::default();
    let mut shown = load(&page, *id, form).await?;
    let https_only = page.admin.https_only;
    let token = cookies::link_of(&page.request, https_only);
    shown.link = token.as_ref().map(|token| link(&page, token));
    let mut response = page.respond(&shown)?;
    if token.is_some() {
        add_cookie(&mut response, &cookies::remove_link(https_only))?;
    }
    Ok(response)
}

pub(in crate::web::admin) async fn save(
    operator: Operator,
    page: AdminRequest,
    id: web::Path<i32>,
    mut form: Form,
) -> Result<HttpResponse> {
    let role = if form.get("role").is_some() { role_of(&mut form) } else { None };
    let version = form.get("version").map(str::parse);
    let Ok(version) = version.transpose() else {
        return Err(Error::InvalidForm("version".to_owned()));
    };
    if !form.is_valid() {
        return page.respond_invalid(&load(&page, *id, form).await?);
    }
    let edit = Edit { display_name: form.get("display_name"), role, version };
    let conn = &mut page.connection().await?;
    match operators::edit(conn, *id, edit, &operator.actor()).await {
        Ok(true) => {
            let name = operators::load(conn, *id).await?.map_or_else(String::new, |it| it.name);
            page.redirect(&path_of(*id), &Message::OperatorSaved { name })
        }
        Ok(false) => page.redirect(&path_of(*id), &Message::NothingChanged),
        Err(operators::Error::Refused(refusal)) => respond_refusal(&page, *id, form, refusal).await,
        Err(error) => Err(error.into()),
    }
}

/// Shows the operator's page with the reason why a change was refused.
pub(super) async fn respond_refusal(
    page: &AdminRequest,
    id: i32,
    mut form: Form,
    refusal: Refusal,
) -> Result<HttpResponse> {
    if refusal == Refusal::NotFound {
        return Err(Error::NotFound);
    }
    form.problem(refusal.field(), refusal);
    let status = match refusal {
        Refusal::Stale => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page.respond_with(status, &load(page, id, form).await?)
}

/// Loads an operator's page. What the form does not have is filled from the operator.
async fn load(page: &AdminRequest, id: i32, form: Form) -> Result<EditPage> {
    let account = operators::load(&mut *page.connection().await?, id).await?;
    let account = account.ok_or(Error::NotFound)?;
    let form = form.with_defaults([
        ("display_name", account.display_name.clone()),
        ("role", account.role.as_str().to_owned()),
    ]);
    // A refused form is saved over what it was refused for.
    let form = form.without(&["version"]).with_defaults([("version", account.version.to_string())]);
    Ok(EditPage { operator: account.into(), form, roles: Role::ALL, link: None })
}

/// Returns the URL of a link. Its host is never taken from the request if `PUBLIC_URL` is set.
fn link(page: &AdminRequest, token: &str) -> String {
    let origin = page.admin.public_url.clone().unwrap_or_else(|| Origin::of(&page.request));
    format!("{origin}/admin/set-up/{token}")
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        let operator = Row {
            id: 1,
            name: "ada".into(),
            display_name: String::new(),
            role: Role::Owner,
            is_enabled: false,
            has_password: true,
            has_second_factor: true,
            created_at: Utc::now(),
        };
        let link = Some("/admin/set-up/x".to_owned());
        assert_complete(&EditPage { operator, form: Form::default(), roles: Role::ALL, link });
    }
}
