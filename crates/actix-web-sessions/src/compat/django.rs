//! Import of Django's sessions, for [`Builder::import_from`](crate::Builder::import_from): a client
//! with a cookie of the Django application keeps its session.
//!
//! Django's own record stays as it is. A session that is deleted here is not imported again.

use std::io::Read;
use std::time::{Duration, SystemTime};

use actix_web::cookie::time::OffsetDateTime;
use actix_web::cookie::time::format_description::well_known::Rfc3339;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::read::ZlibDecoder;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::data::Data;
use crate::error::Result;
use crate::expiry::Expiry;
use crate::import::{Imported, Importer};
use crate::key::SessionId;

#[cfg(feature = "diesel-postgres")]
mod db;
#[cfg(feature = "diesel-postgres")]
pub use self::db::DjangoDb;

/// The salt of the engines `db`, `cached_db` and `file`.
#[cfg(any(feature = "diesel-postgres", test))]
const RECORD_SALT: &str = "django.contrib.sessions.SessionStore";

const COOKIE_SALT: &str = "django.contrib.sessions.backends.signed_cookies";

/// The maximum size of a decompressed session in bytes.
const MAX_JSON: u64 = 1 << 20;

/// Imports sessions of the engine `signed_cookies`.
#[derive(Clone)]
pub struct DjangoSignedCookies {
    secrets: Vec<String>,
    age: Duration,
}

impl std::fmt::Debug for DjangoSignedCookies {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("DjangoSignedCookies").field("age", &self.age).finish_non_exhaustive()
    }
}

impl DjangoSignedCookies {
    /// Takes Django's `SECRET_KEY` and `SECRET_KEY_FALLBACKS`.
    pub fn new(secret_keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let secrets = secret_keys.into_iter().map(Into::into).collect();
        Self { secrets, age: Duration::from_secs(14 * 86_400) }
    }

    /// Sets Django's `SESSION_COOKIE_AGE`, two weeks by default.
    #[must_use]
    pub fn cookie_age(self, age: Duration) -> Self {
        Self { age, ..self }
    }
}

impl Importer for DjangoSignedCookies {
    async fn import(&self, cookie: &str) -> Result<Option<Imported>> {
        Ok(self.secrets.iter().find_map(|secret| {
            let signed = Signed::verify(cookie, COOKIE_SALT, secret)?;
            let age = SystemTime::now().duration_since(signed.created).unwrap_or_default();
            let remaining = self.age.checked_sub(age)?;
            let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
            let digest = mac.chain_update(cookie).finalize().into_bytes();
            imported(SessionId::from_digest(digest.into()), signed.data, remaining)
        }))
    }
}

/// Makes a session of Django's data, which hold the own expiry; `None` if that has passed.
fn imported(id: SessionId, mut data: Data, remaining: Duration) -> Option<Imported> {
    let (expiry, remaining) = match data.remove("_session_expiry") {
        None | Some(Value::Null) => (Expiry::Policy, remaining),
        Some(Value::Number(seconds)) => match seconds.as_u64() {
            Some(0) => (Expiry::BrowserClose, remaining),
            seconds => (Expiry::After(Duration::from_secs(seconds?)), remaining),
        },
        Some(end) => {
            let end = end.as_str().and_then(moment);
            let end = end.unwrap_or_else(|| SystemTime::now() + remaining);
            let left = end.duration_since(SystemTime::now()).ok()?;
            (Expiry::At(end), left.min(remaining))
        }
    };
    Some(Imported { id, data, expiry, remaining })
}

/// Parses the output of Python's `datetime.isoformat`. Without `USE_TZ` there is no offset.
fn moment(text: &str) -> Option<SystemTime> {
    let parsed = OffsetDateTime::parse(text, &Rfc3339);
    parsed.or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339)).ok().map(Into::into)
}

/// The content of a text that Django signed.
struct Signed {
    data: Data,
    created: SystemTime,
}

impl Signed {
    /// Reads `payload:timestamp:signature` as `django.core.signing.dumps` writes it.
    fn verify(text: &str, salt: &str, secret: &str) -> Option<Self> {
        let (value, signature) = text.rsplit_once(':')?;
        let key = Sha256::digest(format!("{salt}signer{secret}"));
        let mac = Hmac::<Sha256>::new_from_slice(&key).ok()?.chain_update(value);
        mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let (payload, timestamp) = value.rsplit_once(':')?;
        let seconds = Duration::from_secs(base62(timestamp)?);
        let created = SystemTime::UNIX_EPOCH.checked_add(seconds)?;
        let packed = payload.strip_prefix('.');
        let mut json = URL_SAFE_NO_PAD.decode(packed.unwrap_or(payload)).ok()?;
        if packed.is_some() {
            let mut plain = Vec::new();
            ZlibDecoder::new(json.as_slice()).take(MAX_JSON).read_to_end(&mut plain).ok()?;
            json = plain;
        }
        Some(Self { data: serde_json::from_slice(&json).ok()?, created })
    }
}

fn base62(text: &str) -> Option<u64> {
    text.bytes().try_fold(0_u64, |number, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return None,
        };
        number.checked_mul(62)?.checked_add(digit.into())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECRET: &str = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";

    /// Written by Django 5.2.19 at 1700000000 with [`SECRET`]: data, row, signed cookie.
    const WRITTEN: [(&str, &str, &str); 3] = [
        (
            r#"{"num_visits":3,"per_page":25}"#,
            "eyJudW1fdmlzaXRzIjozLCJwZXJfcGFnZSI6MjV9:1r31eq:pUe-SujAlANq3N0ZiKkPkhCE0fLpOnu9sWvS6FF4ra4",
            "eyJudW1fdmlzaXRzIjozLCJwZXJfcGFnZSI6MjV9:1r31eq:Oqm7qqym0BcQhwB4i8LajpC_AD2Ko1GaY6knm_XwzIg",
        ),
        (
            r#"{"name":"Zoë"}"#,
            "eyJuYW1lIjoiWm9cdTAwZWIifQ:1r31eq:c_dHt8NBtGR-JefqxUDeJCJ6WuWc6oSBA6A8HPmGiTM",
            "eyJuYW1lIjoiWm9cdTAwZWIifQ:1r31eq:wAO6L5YzMeXw7kguHu-9lIIWoAvwVVL7gxPbN0qUhTw",
        ),
        (
            r#"{"x":"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"}"#,
            ".eJyrVqpQslKqogNQqgUAbrEx2w:1r31eq:So6l3l58eo4BTwaTr-q7AcXfUDmq2pT6MoOYzAchFmM",
            ".eJyrVqpQslKqogNQqgUAbrEx2w:1r31eq:CUGEGFHzgsj4SW5RfW2TWTjCI_7266jwVXO-HmJC1n8",
        ),
    ];

    #[test]
    fn records_and_cookies_of_django_are_verified_and_read() {
        for (data, row, cookie) in WRITTEN {
            let data: Data = serde_json::from_str(data).unwrap();
            for (text, salt, other) in
                [(row, RECORD_SALT, COOKIE_SALT), (cookie, COOKIE_SALT, RECORD_SALT)]
            {
                let signed = Signed::verify(text, salt, SECRET).unwrap();
                assert_eq!(signed.data, data);
                assert_eq!(
                    signed.created,
                    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
                );
                assert!(
                    Signed::verify(text, other, SECRET).is_none(),
                    "the salt of another engine"
                );
                assert!(Signed::verify(text, salt, "another secret").is_none());
                assert!(Signed::verify(&text.replace("1r31eq", "1r31er"), salt, SECRET).is_none());
            }
        }
    }

    #[actix_web::test]
    async fn cookie_is_imported_until_its_age_ends_under_the_same_id() {
        let cookie = WRITTEN[0].2;
        let years = Duration::from_secs(100 * 365 * 86_400);
        let importer = DjangoSignedCookies::new(["new", SECRET]).cookie_age(years);
        let one = importer.import(cookie).await.unwrap().unwrap();
        let two = importer.import(cookie).await.unwrap().unwrap();
        assert!(one.id == two.id && one.data["num_visits"] == 3 && one.remaining < years);
        assert!(DjangoSignedCookies::new([SECRET]).import(cookie).await.unwrap().is_none());
        assert!(importer.import(WRITTEN[0].1).await.unwrap().is_none(), "a record is no cookie");
    }

    #[test]
    fn own_expiry_is_taken_out_of_the_data() {
        let read = |expiry: Value| {
            let data = Data::from_iter([("_session_expiry".to_owned(), expiry)]);
            let id = SessionId::generate().unwrap();
            imported(id, data, Duration::from_secs(60)).map(|imported| {
                assert!(imported.data.is_empty());
                imported.expiry
            })
        };
        assert_eq!(read(Value::Null), Some(Expiry::Policy));
        assert_eq!(read(json!(0)), Some(Expiry::BrowserClose));
        assert_eq!(read(json!(300)), Some(Expiry::After(Duration::from_secs(300))));
        assert_eq!(read(json!(-1)), None);
        assert_eq!(read(json!("2020-01-01T00:00:00+00:00")), None);
        for end in ["2999-12-31T23:59:59.000001+00:00", "2999-12-31T23:59:59.000001"] {
            let micros = 32_503_679_999_000_001;
            let end = read(json!(end));
            assert_eq!(
                end,
                Some(Expiry::At(SystemTime::UNIX_EPOCH + Duration::from_micros(micros)))
            );
        }
    }
}
