//! The accounts of operators and their roles.

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use diesel::prelude::*;
use diesel::result::DatabaseErrorKind;
use diesel::result::Error::DatabaseError;
use diesel_async::{AsyncConnection, RunQueryDsl};
use serde::Serialize;

use super::events::{Actor, EventKind, record};
use super::links::create_link;
use super::recovery;
use super::token::Token;
use super::{Error, Result};
use crate::db::Connection;
use crate::schema::operators;

/// Length of an operator's name, in characters.
const MAX_NAME: usize = 40;

/// Length of the name that is shown, in characters.
pub const MAX_DISPLAY_NAME: usize = 100;

/// The rights of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything
    Owner,
    /// Edit films and other records
    Editor,
    /// Look at everything, change nothing
    Viewer,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Editor, Self::Viewer];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or(format!("unknown role: {text}"))
    }
}

#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = operators)]
pub struct Account {
    pub id: i32,
    /// In lower case.
    pub name: String,
    /// May be empty.
    pub display_name: String,
    #[diesel(deserialize_as = String)]
    pub role: Role,
    /// `None` until the operator has chosen a password.
    pub password_hash: Option<String>,
    /// Encrypted; `None` without a second factor.
    pub totp_secret: Option<Vec<u8>>,
    /// The time step of the last code that was accepted.
    pub totp_step: Option<i64>,
    pub disabled_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

impl Account {
    pub fn is_enabled(&self) -> bool {
        self.disabled_at.is_none()
    }

    pub fn has_second_factor(&self) -> bool {
        self.totp_secret.is_some()
    }

    /// Returns the name for readers.
    pub fn shown_name(&self) -> &str {
        if self.display_name.is_empty() { &self.name } else { &self.display_name }
    }
}

/// The reason why a change to an account was refused. The text is shown beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    InvalidName(#[from] InvalidName),
    #[error("Choose another name: this one is taken")]
    NameTaken,
    #[error("Enter at most {MAX_DISPLAY_NAME} characters")]
    DisplayNameTooLong,
    #[error("Make another operator an owner first: the last owner must stay enabled and an owner")]
    LastOwner,
    #[error("Somebody else has changed this operator meanwhile: check the values and save again")]
    Stale,
    #[error("There is no such operator")]
    NotFound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter a name of 1 to {MAX_NAME} letters a to z, digits, dots, hyphens and underscores")]
pub struct InvalidName;

impl Refusal {
    /// Returns the field that the refusal is about.
    pub fn field(self) -> &'static str {
        match self {
            Self::InvalidName(_) | Self::NameTaken | Self::NotFound => "name",
            Self::DisplayNameTooLong => "display_name",
            Self::LastOwner => "role",
            Self::Stale => "version",
        }
    }
}

/// Returns a name as it is stored: without case and surrounding spaces.
pub(super) fn normalize_name(typed: &str) -> String {
    typed.trim().to_lowercase()
}

fn check_name(name: &str) -> Result<(), InvalidName> {
    let is_allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_')
    };
    let valid = (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(is_allowed)
        && !name.starts_with(['.', '-', '_']);
    valid.then_some(()).ok_or(InvalidName)
}

fn check_display_name(name: &str) -> Result<(), Refusal> {
    let fits = name.chars().count() <= MAX_DISPLAY_NAME;
    fits.then_some(()).ok_or(Refusal::DisplayNameTooLong)
}

/// Adds an operator who has no password yet, and returns the token of the link to set one. Without a
/// role, the first operator is an owner and others are editors.
///
/// # Errors
/// [`Refusal`], when a name is invalid or taken.
pub async fn add(
    conn: &mut Connection,
    name: &str,
    display_name: &str,
    role: Option<Role>,
    actor: &Actor,
) -> Result<(Account, Token)> {
    let (name, display_name) = (normalize_name(name), display_name.trim());
    check_name(&name).map_err(Refusal::from)?;
    check_display_name(display_name)?;
    conn.transaction(async |conn| {
        let is_first = operators::table.count().get_result::<i64>(conn).await? == 0;
        let role = role.unwrap_or(if is_first { Role::Owner } else { Role::Editor });
        let values = (
            operators::name.eq(&name),
            operators::display_name.eq(display_name),
            operators::role.eq(role.as_str()),
            operators::created_by.eq(actor.id),
        );
        let inserted = diesel::insert_into(operators::table)
            .values(values)
            .returning(Account::as_select())
            .get_result(conn)
            .await;
        let account: Account = inserted.map_err(|error| match error {
            DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Refusal::NameTaken.into(),
            error => Error::from(error),
        })?;
        record(conn, Some(account.id), actor, EventKind::Added { role }).await?;
        let token = create_link(conn, account.id).await?;
        Ok((account, token))
    })
    .await
}

/// Loads all operators by name.
pub async fn list(conn: &mut Connection) -> QueryResult<Vec<Account>> {
    Account::query().order(operators::name).load(conn).await
}

/// Loads the operator with this name as it was typed.
pub async fn find(conn: &mut Connection, name: &str) -> QueryResult<Option<Account>> {
    let name = normalize_name(name);
    Account::query().filter(operators::name.eq(name)).get_result(conn).await.optional()
}

pub async fn load(conn: &mut Connection, id: i32) -> QueryResult<Option<Account>> {
    Account::query().filter(operators::id.eq(id)).get_result(conn).await.optional()
}

/// The changes of an edit; `None` keeps a value.
#[derive(Debug, Clone, Copy, Default)]
pub struct Edit<'a> {
    pub display_name: Option<&'a str>,
    pub role: Option<Role>,
    /// The version that the edit is based on.
    pub version: Option<i32>,
}

/// Changes an operator. Returns whether anything was changed.
///
/// # Errors
/// [`Refusal`], when a value is invalid, the version is outdated, or it is the last owner's role.
pub async fn edit(conn: &mut Connection, id: i32, edit: Edit<'_>, actor: &Actor) -> Result<bool> {
    let display_name = edit.display_name.map(str::trim);
    check_display_name(display_name.unwrap_or_default())?;
    conn.transaction(async |conn| {
        let owners = lock_owners(conn).await?;
        let account = lock(conn, id).await?;
        if edit.version.is_some_and(|version| version != account.version) {
            return Err(Refusal::Stale.into());
        }
        let display_name = display_name.filter(|name| *name != account.display_name);
        let role = edit.role.filter(|role| *role != account.role);
        if display_name.is_none() && role.is_none() {
            return Ok(false);
        }
        if let Some(role) = role {
            if owners == [id] {
                return Err(Refusal::LastOwner.into());
            }
            let kind = EventKind::RoleChanged { from: account.role, to: role };
            record(conn, Some(account.id), actor, kind).await?;
        }
        diesel::update(operators::table.find(id))
            .set((
                operators::version.eq(operators::version + 1),
                display_name.map(|name| operators::display_name.eq(name)),
                role.map(|role| operators::role.eq(role.as_str())),
            ))
            .execute(conn)
            .await?;
        Ok(true)
    })
    .await
}

/// Prevents an operator from logging in; running sessions end with their next request. Returns
/// whether anything was changed.
///
/// # Errors
/// [`Refusal::LastOwner`]
pub async fn disable(conn: &mut Connection, id: i32, actor: &Actor) -> Result<bool> {
    conn.transaction(async |conn| {
        let owners = lock_owners(conn).await?;
        let account = lock(conn, id).await?;
        if !account.is_enabled() {
            return Ok(false);
        }
        if owners == [id] {
            return Err(Refusal::LastOwner.into());
        }
        record(conn, Some(account.id), actor, EventKind::Disabled).await?;
        set_disabled(conn, id, Some(Utc::now())).await?;
        Ok(true)
    })
    .await
}

/// Lets a disabled operator log in again. Returns whether anything was changed.
pub async fn enable(conn: &mut Connection, id: i32, actor: &Actor) -> Result<bool> {
    conn.transaction(async |conn| {
        let account = lock(conn, id).await?;
        if account.is_enabled() {
            return Ok(false);
        }
        record(conn, Some(account.id), actor, EventKind::Enabled).await?;
        set_disabled(conn, id, None).await?;
        Ok(true)
    })
    .await
}

/// Removes an operator's second factor and recovery codes. Returns whether there was one.
pub async fn remove_second_factor(conn: &mut Connection, id: i32, actor: &Actor) -> Result<bool> {
    conn.transaction(async |conn| {
        let account = lock(conn, id).await?;
        if !account.has_second_factor() {
            return Ok(false);
        }
        record(conn, Some(account.id), actor, EventKind::SecondFactorRemoved).await?;
        let none =
            (operators::totp_secret.eq(None::<Vec<u8>>), operators::totp_step.eq(None::<i64>));
        diesel::update(operators::table.find(id)).set(none).execute(conn).await?;
        recovery::remove(conn, id).await?;
        Ok(true)
    })
    .await
}

async fn set_disabled(
    conn: &mut Connection,
    id: i32,
    at: Option<DateTime<Utc>>,
) -> QueryResult<usize> {
    diesel::update(operators::table.find(id))
        .set((operators::version.eq(operators::version + 1), operators::disabled_at.eq(at)))
        .execute(conn)
        .await
}

async fn lock(conn: &mut Connection, id: i32) -> Result<Account> {
    let account = operators::table
        .find(id)
        .select(Account::as_select())
        .for_update()
        .get_result(conn)
        .await
        .optional()?;
    Ok(account.ok_or(Refusal::NotFound)?)
}

/// Locks all enabled owners and returns their ids, so that two of them cannot give up their role at the
/// same time. Called before other rows are locked, so that they do not wait for each other.
async fn lock_owners(conn: &mut Connection) -> QueryResult<Vec<i32>> {
    operators::table
        .filter(operators::role.eq(Role::Owner.as_str()))
        .filter(operators::disabled_at.is_null())
        .order(operators::id)
        .select(operators::id)
        .for_update()
        .load(conn)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_short_and_of_plain_characters() {
        for name in ["a", "ada", "ada.lovelace", "ada-2", &"a".repeat(40)] {
            assert_eq!(check_name(&normalize_name(name)), Ok(()), "{name}");
        }
        assert_eq!(normalize_name(" Ada\t"), "ada");
        for name in ["", " ", "a b", "-a", ".a", "adä", "a/b", &"a".repeat(41)] {
            assert_eq!(check_name(&normalize_name(name)), Err(InvalidName), "{name}");
        }
    }
}
