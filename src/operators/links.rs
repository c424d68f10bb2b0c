//! Links with which an operator sets a password, once.

use chrono::{Duration, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::accounts::Account;
use super::events::{Actor, EventKind, record};
use super::token::Token;
use super::{Error, Result};
use crate::db::Connection;
use crate::schema::{operator_links, operators};

/// How long a link can be used.
pub const LINK_AGE: Duration = Duration::hours(24);

/// Creates a link for an operator, in place of an earlier one.
pub async fn create_link(conn: &mut Connection, operator: i32) -> QueryResult<Token> {
    let token = Token::generate();
    diesel::insert_into(operator_links::table)
        .values((
            operator_links::token_hash.eq(&Token::hash(token.as_str())[..]),
            operator_links::operator_id.eq(operator),
            operator_links::expires_at.eq(Utc::now() + LINK_AGE),
        ))
        .on_conflict(operator_links::operator_id)
        .do_update()
        .set((
            operator_links::token_hash.eq(excluded(operator_links::token_hash)),
            operator_links::expires_at.eq(excluded(operator_links::expires_at)),
        ))
        .execute(conn)
        .await?;
    Ok(token)
}

/// Loads the enabled operator of a valid link.
pub async fn find_by_link(conn: &mut Connection, token: &str) -> QueryResult<Option<Account>> {
    operator_links::table
        .inner_join(operators::table)
        .filter(operator_links::token_hash.eq(&Token::hash(token)[..]))
        .filter(operator_links::expires_at.gt(Utc::now()))
        .filter(operators::disabled_at.is_null())
        .select(Account::as_select())
        .get_result(conn)
        .await
        .optional()
}

/// Sets the password of a link's operator, and removes the link. Returns `None`,
/// and changes nothing, if the link is no longer valid.
pub async fn set_password_by_link(
    conn: &mut Connection,
    token: &str,
    hash: &str,
    network: &str,
) -> Result<Option<Account>> {
    conn.transaction(async |conn| {
        let Some(account) = find_by_link(conn, token).await? else { return Ok(None) };
        let hash_of_link = Token::hash(token);
        let link = operator_links::table.find(&hash_of_link[..]);
        // Of two requests at once, one removes the link.
        if diesel::delete(link).execute(conn).await? == 0 {
            return Ok(None);
        }
        let actor = Actor {
            id: Some(account.id),
            name: account.name.clone(),
            network: Some(network.to_owned()),
        };
        set_password(conn, &account, hash, &actor).await?;
        Ok(Some(account))
    })
    .await
}

/// Stores a password hash and records it.
pub(super) async fn set_password(
    conn: &mut Connection,
    account: &Account,
    hash: &str,
    actor: &Actor,
) -> Result<(), Error> {
    store_hash(conn, account.id, hash).await?;
    record(conn, Some(account.id), actor, EventKind::PasswordSet).await?;
    Ok(())
}

pub(super) async fn store_hash(conn: &mut Connection, id: i32, hash: &str) -> QueryResult<usize> {
    diesel::update(operators::table.find(id))
        .set(operators::password_hash.eq(hash))
        .execute(conn)
        .await
}
