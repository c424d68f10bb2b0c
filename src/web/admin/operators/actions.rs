//! Actions of owners on an operator, one button each.

use actix_web::{HttpResponse, web};
use diesel_async::pooled_connection::deadpool::Object;

use super::{edit, path_of, redirect_with_link};
use crate::db::Connection;
use crate::operators::{self, EventKind};
use crate::web::admin::{AdminRequest, Form, Message, Operator};
use crate::web::error::{Error, Result};

pub(in crate::web::admin) async fn link(
    operator: Operator,
    page: AdminRequest,
    id: web::Path<i32>,
) -> Result<HttpResponse> {
    let (name, mut conn) = load(&page, *id).await?;
    let token = operators::create_link(&mut conn, *id).await?;
    operators::record(&mut conn, Some(*id), &operator.actor(), EventKind::LinkCreated).await?;
    let message = Message::OperatorLinkCreated { name };
    redirect_with_link(&page, *id, &token, &message)
}

pub(in crate::web::admin) async fn disable(
    operator: Operator,
    page: AdminRequest,
    id: web::Path<i32>,
) -> Result<HttpResponse> {
    let (name, mut conn) = load(&page, *id).await?;
    match operators::disable(&mut conn, *id, &operator.actor()).await {
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
    let (name, mut conn) = load(&page, *id).await?;
    let message = match operators::enable(&mut conn, *id, &operator.actor()).await? {
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
    let (name, mut conn) = load(&page, *id).await?;
    let count = match operator.id == *id {
        // The owner's own session stays.
        true => page.admin.sessions.end_others(&page.session).await?,
        false => page.admin.sessions.end_all(id.to_string()).await?,
    };
    operators::record(&mut conn, Some(*id), &operator.actor(), EventKind::SessionsEnded).await?;
    page.redirect(&path_of(*id), &Message::SessionsEnded { name, count })
}

pub(in crate::web::admin) async fn reset_second_factor(
    operator: Operator,
    page: AdminRequest,
    id: web::Path<i32>,
) -> Result<HttpResponse> {
    let (name, mut conn) = load(&page, *id).await?;
    let removed = operators::remove_second_factor(&mut conn, *id, &operator.actor()).await?;
    let message = match removed {
        true => Message::OperatorSecondFactorRemoved { name },
        false => Message::NothingChanged,
    };
    page.redirect(&path_of(*id), &message)
}

/// Returns the name of an operator, and a connection for the action.
async fn load(page: &AdminRequest, id: i32) -> Result<(String, Object<Connection>)> {
    let mut conn = page.connection().await?;
    let account = operators::load(&mut conn, id).await?.ok_or(Error::NotFound)?;
    Ok((account.name, conn))
}
