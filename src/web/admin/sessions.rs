//! The operator's own sessions: listed and ended.

use std::collections::BTreeMap;

use actix_web::http::header::USER_AGENT;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{AdminRequest, Message, Operator};
use crate::sessions::last_uses;
use crate::web::error::{Error, Result};
use crate::web::render::page::Page;

/// Length of the browser's name that is stored, in characters.
const MAX_BROWSER: usize = 200;

/// The name of a session, stored as its label.
#[derive(Default, Serialize, Deserialize)]
struct Label {
    browser: String,
    network: String,
}

#[derive(Serialize)]
struct SessionsPage {
    sessions: Vec<Row>,
    total: usize,
}

#[derive(Serialize)]
struct Row {
    id: String,
    browser: String,
    network: String,
    started_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    is_current: bool,
}

impl Page for SessionsPage {
    const TEMPLATE: &'static str = "admin/sessions.html";
}

/// Returns the label of a new session.
pub(super) fn label(page: &AdminRequest) -> String {
    let agent = page.request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let browser = agent.unwrap_or_default().chars().take(MAX_BROWSER).collect();
    let label = Label { browser, network: page.client().network() };
    serde_json::to_string(&label).unwrap_or_default()
}

pub(super) async fn list(operator: Operator, page: AdminRequest) -> Result<HttpResponse> {
    // Knows which of them is this one.
    let principal = page.session.require_principal().map_err(|error| anyhow::anyhow!("{error}"))?;
    let found = page.admin.sessions.of(&principal).await?;
    let handles: Vec<String> = found.iter().map(|session| session.handle.clone()).collect();
    let last: BTreeMap<_, _> =
        last_uses(&mut *page.connection().await?, &handles).await?.into_iter().collect();
    debug_assert_eq!(&*principal, operator.id.to_string().as_str());
    let now = Utc::now();
    let sessions = found.into_iter().map(|session| {
        let label = session.label.and_then(|label| serde_json::from_str(&label).ok());
        let Label { browser, network } = label.unwrap_or_default();
        let started_at = now - Duration::from_std(session.age).unwrap_or_default();
        Row {
            last_used_at: last.get(&session.handle).copied().unwrap_or(started_at),
            id: session.handle,
            browser,
            network,
            started_at,
            is_current: session.current,
        }
    });
    let sessions: Vec<Row> = sessions.collect();
    page.respond(&SessionsPage { total: sessions.len(), sessions })
}

pub(super) async fn end(
    operator: Operator,
    page: AdminRequest,
    sid: web::Path<String>,
) -> Result<HttpResponse> {
    if !page.admin.sessions.end(operator.id.to_string(), &sid).await? {
        return Err(Error::NotFound);
    }
    page.redirect("/admin/account/sessions", &Message::DeviceSessionEnded)
}

pub(super) async fn end_others(page: AdminRequest) -> Result<HttpResponse> {
    let count = page.admin.sessions.end_others(&page.session).await?;
    page.redirect("/admin/account/sessions", &Message::OtherSessionsEnded { count })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        let row = Row {
            id: "a".into(),
            browser: "b".into(),
            network: "c".into(),
            started_at: Utc::now(),
            last_used_at: Utc::now(),
            is_current: true,
        };
        assert_complete(&SessionsPage { sessions: vec![row], total: 1 });
    }
}
