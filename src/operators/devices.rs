//! Browsers in which an operator has logged in before. Limits on failed logins of unknown browsers do
//! not apply to them, so that an attacker cannot lock an operator out.

use chrono::{Duration, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::token::Token;
use crate::db::Connection;
use crate::schema::operator_devices;

/// How long an unused browser is remembered.
const MAX_AGE: Duration = Duration::days(180);

/// Returns whether an operator has logged in with this token's browser before.
pub(super) async fn is_known(
    conn: &mut Connection,
    hash: &[u8; 32],
    operator: i32,
) -> QueryResult<bool> {
    let device = operator_devices::table
        .find(&hash[..])
        .filter(operator_devices::operator_id.eq(operator))
        .filter(operator_devices::last_used_at.gt(Utc::now() - MAX_AGE));
    diesel::select(diesel::dsl::exists(device)).get_result(conn).await
}

/// Remembers a browser, and forgets those that were not used for long.
pub(super) async fn add(conn: &mut Connection, operator: i32) -> QueryResult<Token> {
    let outdated = operator_devices::last_used_at.lt(Utc::now() - MAX_AGE);
    diesel::delete(operator_devices::table.filter(outdated)).execute(conn).await?;
    let token = Token::generate();
    diesel::insert_into(operator_devices::table)
        .values((
            operator_devices::token_hash.eq(&Token::hash(token.as_str())[..]),
            operator_devices::operator_id.eq(operator),
        ))
        .execute(conn)
        .await?;
    Ok(token)
}

pub(super) async fn touch(conn: &mut Connection, hash: &[u8; 32]) -> QueryResult<usize> {
    diesel::update(operator_devices::table.find(&hash[..]))
        .set(operator_devices::last_used_at.eq(Utc::now()))
        .execute(conn)
        .await
}

pub(super) async fn remove(conn: &mut Connection, hash: &[u8; 32]) -> QueryResult<usize> {
    diesel::delete(operator_devices::table.find(&hash[..])).execute(conn).await
}
