//! The log of logins, failures and changes of rights. Rows cannot be changed or removed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde_json::Value;

use super::accounts::Role;
use crate::db::Connection;
use crate::schema::operator_events;

/// The author of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// `None` for the command line.
    pub id: Option<i32>,
    /// The operator's name, or the command line with the name of the system's user.
    pub name: String,
    /// The network that the request came from.
    pub network: Option<String>,
}

impl Actor {
    /// Returns the author of changes by commands.
    pub fn command_line(user: &str) -> Self {
        Self { id: None, name: format!("command line ({user})"), network: None }
    }
}

/// The kind of an event. Pages choose the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    Added { role: Role },
    RoleChanged { from: Role, to: Role },
    Disabled,
    Enabled,
    LinkCreated,
    LoggedIn,
    LoginFailed,
    CodeFailed,
    PasswordSet,
    RecoveryCodeUsed,
    RecoveryCodesCreated,
    SecondFactorAdded,
    SecondFactorRemoved,
    SessionsEnded,
}

/// An entry of the log.
#[derive(Debug, Clone, Serialize, HasQuery)]
#[diesel(table_name = operator_events)]
pub struct Event {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub operator_id: Option<i32>,
    pub actor: String,
    pub event: String,
    pub network: Option<String>,
    pub detail: Value,
}

/// Records an event; returns its id. `operator` is `None` for a name that does not exist.
pub async fn record(
    conn: &mut Connection,
    operator: Option<i32>,
    actor: &Actor,
    kind: EventKind,
) -> QueryResult<i64> {
    let mut detail = serde_json::to_value(kind)
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    let event = detail.as_object_mut().and_then(|detail| detail.remove("event"));
    let event = event.as_ref().and_then(Value::as_str).unwrap_or_default();
    diesel::insert_into(operator_events::table)
        .values((
            operator_events::operator_id.eq(operator),
            operator_events::actor.eq(&actor.name),
            operator_events::event.eq(event),
            operator_events::network.eq(&actor.network),
            operator_events::detail.eq(&detail),
        ))
        .returning(operator_events::id)
        .get_result(conn)
        .await
}

/// Loads the latest events.
pub async fn recent_events(conn: &mut Connection, max: i64) -> QueryResult<Vec<Event>> {
    Event::query().order(operator_events::id.desc()).limit(max).load(conn).await
}

/// The login before the current one.
#[derive(Debug, Clone, Serialize)]
pub struct LastLogin {
    pub at: DateTime<Utc>,
    pub network: Option<String>,
    /// Attempts that failed since then.
    pub failures: i64,
}

/// Loads the login of an operator before the one with the id `current`.
pub async fn last_login(
    conn: &mut Connection,
    operator: i32,
    current: i64,
) -> QueryResult<Option<LastLogin>> {
    let of_operator = || operator_events::table.filter(operator_events::operator_id.eq(operator));
    let login: Option<(i64, DateTime<Utc>, Option<String>)> = of_operator()
        .filter(operator_events::event.eq("logged_in"))
        .filter(operator_events::id.lt(current))
        .order(operator_events::id.desc())
        .select((operator_events::id, operator_events::at, operator_events::network))
        .first(conn)
        .await
        .optional()?;
    let Some((id, at, network)) = login else { return Ok(None) };
    let failures = of_operator()
        .filter(operator_events::event.eq_any(["login_failed", "code_failed"]))
        .filter(operator_events::id.gt(id))
        .count()
        .get_result(conn)
        .await?;
    Ok(Some(LastLogin { at, network, failures }))
}
