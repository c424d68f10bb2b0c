//! What owners do to an operator with one button.

use actix_web::{HttpResponse, web};

use super::{edit, path_of, redirect_with_link};
use crate::operators::{self, Account, EventKind};
use crate::web::admin::{AdminRequest, Form, Message, Operator};
use crate::web::error::{Error, Result};

pub(in crate::web::admin) async fn link(
    operator: Operator,
    page: AdminRequest,
    id: web::Path<i32>,
) -> Result<HttpResponse> {
    let account = load(&page, *id).await?;
    let conn = &mut page.connection().await?;
    let token = operators::create_link(conn, account.id).await?;
    operators::record(conn, Some(*id), &operator.actor(), EventKind::LinkCreated).await?;
    let message = Message::OperatorLinkCreated { name: account.name };
    redirect_with_link(&page, *id, &token, &message)
}

pub(in crate::web::admin) async fn disable(
    operator: Operator,
    page: AdminRequest,
    id: web::Path<i32>,
) -> Result<HttpResponse> {
    let name = load(&page, *id).await?.name;
    let conn = &mut page.connection().await?;
    match operators::disable(conn, *id, &operator.actor()).await {
        Ok(true) => page.redirect(&path_of(*id), &Message::OperatorDisabled { name }),
        Ok(false) => page.redirect(&path_of(*id), &Message::NothingChanged),
        Err(operators::Error::Refused(refusal)) => {
            edit::respond_refusal(&page, *id, Form::default(), refusal).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(in crate::web::admin) async fn enable(
    operator: Operator,
    page: AdminRequest,
    id: web::Path<i32>,
) -> Result<HttpResponse> {
    let name = load(&page, *id).await?.name;
    let conn = &mut page.connection().await?;
    let message = match operators::enable(conn, *id, &operator.actor()).await? {
        true => Message::OperatorEnabled { name },
        false => Message::NothingChanged,
    };
    page.redirect(&path_of(*id), &message)
}

pub(in crate::web::admin) async fn end_sessions(
    operator: Operator,
    page: AdminRequest,
    id: web::Path<i32>,
) -> Result<HttpResponse> {
    let name = load(&page, *id).await?.name;
    let count = match operator.id == *id {
        // The owner's own session stays.
        true => page.admin.sessions.end_others(&page.session).await?,
        false => page.admin.sessions.end_all(id.to_string()).await?,
    };
    let conn = &mut page.connection().await?;
    operators::record(conn, Some(*id), &operator.actor(), EventKind::SessionsEnded).await?;
    page.redirect(&path_of(*id), &Message::SessionsEnded { name, count })
}

pub(in crate::web::admin) async fn reset_second_factor(
    operator: Operator,
    page: AdminRequest,
    id: web::Path<i32>,
) -> Result<HttpResponse> {
    let name = load(&page, *id).await?.name;
    let conn = &mut page.connection().await?;
    let removed = operators::remove_second_factor(conn, *id, &operator.actor()).await?;
    let message = match removed {
        true => Message::OperatorSecondFactorRemoved { name },
        false => Message::NothingChanged,
    };
    page.redirect(&path_of(*id), &message)
}

async fn load(page: &AdminRequest, id: i32) -> Result<Account> {
    let account = operators::load(&mut *page.connection().await?, id).await?;
    account.ok_or(Error::NotFound)
}
