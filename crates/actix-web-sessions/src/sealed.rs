//! Sessions inside of cookies: encrypted, authenticated, dated.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::expiry::{Expiry, since_epoch};
use crate::key::SessionId;

/// A key of the cipher; a shorter secret could not fill it.
pub(crate) const MIN_SECRET: usize = 32;

/// How far the clocks of two servers of one site may be apart.
pub(crate) const CLOCK_SKEW: Duration = Duration::from_secs(300);

/// The first character of a token: its format.
const FORMAT: char = '1';

/// The content of a token.
#[derive(Clone)]
pub(crate) struct Token {
    pub id: SessionId,
    pub created: SystemTime,
    pub ends: SystemTime,
    pub expiry: Expiry,
    pub data: Data,
}

/// The answer to opening a token.
#[cfg_attr(not(feature = "sealed"), expect(dead_code, reason = "tokens need the cipher"))]
pub(crate) enum Opened {
    Valid(Token),
    /// It is ours, but was made in the future: the clock of this server or of another is wrong.
    NotYet,
    /// It was not made here, or is over.
    Invalid,
}

impl Token {
    pub fn age(&self) -> Duration {
        SystemTime::now().duration_since(self.created).unwrap_or_default()
    }

    pub fn remaining(&self) -> Duration {
        self.ends.duration_since(SystemTime::now()).unwrap_or_default()
    }
}

/// The JSON inside of a token; moments are microseconds since 1970.
#[derive(Serialize, Deserialize)]
struct Json {
    id: String,
    created: u64,
    ends: u64,
    /// As [`Expiry`]: an own lifetime, 0 for the end of the browser, or an own end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lifetime: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<u64>,
    data: Data,
}

fn moment(micros: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_micros(micros))
}

#[cfg_attr(not(feature = "sealed"), expect(dead_code, reason = "tokens need the cipher"))]
impl Json {
    fn of(token: &Token) -> Self {
        let (lifetime, end) = token.expiry.to_parts();
        Self {
            id: token.id.as_str().to_owned(),
            created: since_epoch(token.created),
            ends: since_epoch(token.ends),
            lifetime,
            end,
            data: token.data.clone(),
        }
    }

    fn token(self) -> Option<Token> {
        let expiry = Expiry::from_parts(self.lifetime, self.end);
        let id = SessionId::parse(&self.id)?;
        let (created, ends) = (moment(self.created)?, moment(self.ends)?);
        Some(Token { id, created, ends, expiry, data: self.data })
    }
}

/// Whether the text could be a token, by its form alone.
pub(crate) fn is_token(text: &str) -> bool {
    let ours = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() > 64
        && text
            .strip_prefix(FORMAT)
            .is_some_and(|rest| rest.len() % 4 != 1 && rest.bytes().all(ours))
}

#[cfg(feature = "sealed")]
mod cipher;
#[cfg(feature = "sealed")]
pub(crate) use self::cipher::Sealer;

#[cfg(not(feature = "sealed"))]
pub(crate) use self::absent::Sealer;

#[cfg(not(feature = "sealed"))]
mod absent {
    use super::{Opened, Token};
    use crate::error::{ConfigError, Result, StoreError};

    /// Cannot be made without the feature `sealed`.
    pub(crate) struct Sealer(());

    impl Sealer {
        pub fn new(_: &[String], _: &str) -> Result<Self, ConfigError> {
            Err(ConfigError::new(
                "SESSION_FIRST_VISIT",
                "sealed",
                "sessions in cookies need the feature `sealed` of actix-web-sessions",
            ))
        }

        pub fn seal(&self, _: &Token, _compress: bool) -> Result<String> {
            Err(StoreError::unsupported("sealing"))
        }

        pub fn open(&self, _: &str) -> Opened {
            Opened::Invalid
        }
    }
}
