//! Codes of an authenticator app (RFC 6238): SHA-1, six digits, 30 seconds.

use std::time::{SystemTime, UNIX_EPOCH};

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use totp_rs::{Builder, Secret};

use super::accounts::Account;
use super::events::{Actor, EventKind, record};
use super::keyring::Keyring;
use super::{Result, recovery};
use crate::db::Connection;
use crate::schema::operators;

/// Length of a step, in seconds.
const STEP: u64 = 30;

/// The shared secret of a second factor.
#[derive(Clone)]
pub struct Totp([u8; 20]);

impl Totp {
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// Encrypts the secret for an operator.
    ///
    /// # Errors
    /// Without a secret key.
    pub fn seal(&self, keyring: &Keyring, operator: i32) -> anyhow::Result<Vec<u8>> {
        keyring.seal(&context(operator), &self.0)
    }

    /// Decrypts what [`Totp::seal`] returned.
    pub fn open(keyring: &Keyring, operator: i32, sealed: &[u8]) -> Option<Self> {
        Some(Self(keyring.open(&context(operator), sealed)?.try_into().ok()?))
    }

    /// Returns the secret as apps take it.
    pub fn to_base32(&self) -> String {
        Secret::new_stack(self.0).to_base32()
    }

    /// Returns the time step of a code that is valid now: the current or the previous one.
    fn step_of(&self, code: &str, now: u64) -> Option<u64> {
        let builder = Builder::new().with_skew(0).with_secret(Secret::new_stack(self.0));
        let totp = builder.build().ok()?;
        let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        totp.check(&code, now).or_else(|| totp.check(&code, now.checked_sub(STEP)?))
    }
}

fn context(operator: i32) -> String {
    format!("totp {operator}")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// Stores a second factor if `code` proves that the operator's app has its secret. Returns new
/// recovery codes, or `None` if the code is wrong.
pub async fn add_second_factor(
    conn: &mut Connection,
    keyring: &Keyring,
    operator: i32,
    totp: &Totp,
    code: &str,
    actor: &Actor,
) -> anyhow::Result<Option<Vec<String>>> {
    let Some(step) = totp.step_of(code, now()) else { return Ok(None) };
    let sealed = totp.seal(keyring, operator)?;
    let codes = conn
        .transaction(async |conn| {
            diesel::update(operators::table.find(operator))
                .set((
                    operators::totp_secret.eq(&sealed),
                    operators::totp_step.eq(i64::try_from(step).unwrap_or(i64::MAX)),
                ))
                .execute(conn)
                .await?;
            record(conn, Some(operator), actor, EventKind::SecondFactorAdded).await?;
            recovery::replace_recovery_codes(conn, operator, actor).await
        })
        .await?;
    Ok(Some(codes))
}

/// Accepts a code of the operator's app, each only once. Returns whether it was valid.
pub(super) async fn accept(
    conn: &mut Connection,
    keyring: &Keyring,
    account: &Account,
    code: &str,
) -> Result<bool> {
    let sealed = account.totp_secret.as_deref().unwrap_or_default();
    let totp = Totp::open(keyring, account.id, sealed);
    let Some(step) = totp.and_then(|totp| totp.step_of(code, now())) else { return Ok(false) };
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    let is_new = operators::totp_step.is_null().or(operators::totp_step.lt(step));
    let unused = operators::table.find(account.id).filter(is_new);
    Ok(diesel::update(unused).set(operators::totp_step.eq(step)).execute(conn).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_the_current_or_previous_step_is_valid() {
        // RFC 6238, appendix B, with the last six digits.
        let totp = Totp(*b"12345678901234567890");
        assert_eq!(totp.step_of("287082", 59), Some(1));
        assert_eq!(totp.step_of(" 287 082", 89), Some(1));
        assert_eq!(totp.step_of("287082", 90), None);
        assert_eq!(totp.step_of("287082", 29), None);
        for code in ["", "28708", "2870822", "28708x"] {
            assert_eq!(totp.step_of(code, 59), None, "{code}");
        }
        assert_eq!(totp.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
