//! Recovery codes: each replaces the code of a second factor once.

use chrono::Utc;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::Result;
use super::events::{Actor, EventKind, record};
use super::token::Token;
use crate::db::Connection;
use crate::schema::recovery_codes;

const NUM_CODES: usize = 10;

/// Digits and letters that are not mistaken for one another: 5 bits each.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Replaces an operator's recovery codes, and returns the new ones.
pub async fn replace_recovery_codes(
    conn: &mut Connection,
    operator: i32,
    actor: &Actor,
) -> Result<Vec<String>> {
    conn.transaction(async |conn| {
        remove(conn, operator).await?;
        let codes: Vec<String> = (0..NUM_CODES).map(|_| generate()).collect();
        let rows: Vec<_> = codes
            .iter()
            .map(|code| {
                let hash = Token::hash(&normalize(code)).to_vec();
                (recovery_codes::code_hash.eq(hash), recovery_codes::operator_id.eq(operator))
            })
            .collect();
        diesel::insert_into(recovery_codes::table).values(rows).execute(conn).await?;
        record(conn, Some(operator), actor, EventKind::RecoveryCodesCreated).await?;
        Ok(codes)
    })
    .await
}

/// Returns the number of codes that an operator has not used yet.
pub async fn count_recovery_codes(conn: &mut Connection, operator: i32) -> QueryResult<i64> {
    recovery_codes::table
        .filter(recovery_codes::operator_id.eq(operator))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(conn)
        .await
}

/// Uses up a code. Returns whether it was valid.
pub(super) async fn accept(conn: &mut Connection, operator: i32, typed: &str) -> QueryResult<bool> {
    let code = recovery_codes::table
        .find(Token::hash(&normalize(typed)).to_vec())
        .filter(recovery_codes::operator_id.eq(operator))
        .filter(recovery_codes::used_at.is_null());
    let used = recovery_codes::used_at.eq(Utc::now());
    Ok(diesel::update(code).set(used).execute(conn).await? == 1)
}

pub(super) async fn remove(conn: &mut Connection, operator: i32) -> QueryResult<usize> {
    let codes = recovery_codes::table.filter(recovery_codes::operator_id.eq(operator));
    diesel::delete(codes).execute(conn).await
}

/// Returns 120 random bits as four groups of six characters.
fn generate() -> String {
    let bytes: [u8; 24] = rand::random();
    let letters = bytes.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    let groups = letters.chunks(6).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join("-")
}

fn normalize(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovery_code_may_be_typed_without_hyphens_and_in_capitals() {
        let code = generate();
        assert_eq!(code.len(), 27);
        assert_ne!(code, generate());
        assert_eq!(normalize(&code.to_uppercase().replace('-', " ")), normalize(&code));
    }
}
