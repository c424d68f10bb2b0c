//! Logins, failures and changes of rights, for owners.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use serde::Serialize;

use super::AdminRequest;
use crate::operators::{self, Event};
use crate::web::error::Result;
use crate::web::render::page::Page;

/// Events on the page.
const MAX_EVENTS: i64 = 200;

#[derive(Serialize)]
struct SecurityPage {
    events: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    event: Event,
    /// The name of the operator concerned; `None` for a name that does not exist.
    operator: Option<String>,
}

impl Page for SecurityPage {
    const TEMPLATE: &'static str = "admin/security.html";
}

pub(super) async fn show(page: AdminRequest) -> Result<HttpResponse> {
    let conn = &mut page.connection().await?;
    let accounts = operators::list(conn).await?;
    let names: BTreeMap<i32, String> = accounts.into_iter().map(|it| (it.id, it.name)).collect();
    let events = operators::recent_events(conn, MAX_EVENTS).await?.into_iter();
    let row = |event: Event| Row {
        operator: event.operator_id.and_then(|id| names.get(&id).cloned()),
        event,
    };
    page.respond(&SecurityPage { events: events.map(row).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        let event = Event {
            id: 1,
            at: chrono::Utc::now(),
            operator_id: None,
            actor: "ada".into(),
            event: "role_changed".into(),
            network: None,
            detail: serde_json::json!({ "from": "editor", "to": "owner" }),
        };
        assert_complete(&SecurityPage { events: vec![Row { event, operator: None }] });
    }
}
