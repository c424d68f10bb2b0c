//! What is in a file.
//!
//! | bytes | |
//! |---|---|
//! | 4 | `SESS` |
//! | 1 | version of this format |
//! | 1 | `s`: a session, `r`: a retired key |
//! | 8 + 8 | created and expires: microseconds since 1970, big-endian |
//! | any | the session's data as JSON; or the hash of the key that succeeded this one |
//! | 32 | SHA-256 of the hash of the key and all of the above |

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use serde::ser::Error;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::sessions::data::{Data, ValueError};

const MAGIC: &[u8; 4] = b"SESS";
const VERSION: u8 = 1;
const DIGEST: usize = 32;
/// `serde_json` reads up to 127 levels, and the session itself is one.
const DEEPEST: usize = 126;

/// How many bytes [`Life::decode`] needs.
pub const HEADER: usize = 22;

/// What stands for a key.
pub type Hash = [u8; 32];

/// From when until when something is to be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Life {
    pub created: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

/// One file's content.
#[derive(Debug, PartialEq)]
pub struct Record {
    pub life: Life,
    pub content: Content,
}

#[derive(Debug, PartialEq)]
pub enum Content {
    Session(Data),
    /// The key was given up for the one with this hash.
    Retired(Hash),
}

impl Life {
    /// The limit may have been lowered since the file was written.
    pub fn is_over(&self, absolute: Option<TimeDelta>) -> bool {
        let last = absolute.and_then(|span| self.created.checked_add_signed(span));
        last.map_or(self.expires, |last| self.expires.min(last)) <= Utc::now()
    }

    /// From the first bytes of a file, which are not proven to be whole by that.
    pub fn decode(header: &[u8; HEADER]) -> anyhow::Result<Self> {
        ensure!(header.starts_with(MAGIC), "it does not begin as a session's file");
        ensure!(header[4] == VERSION, "its version is {}, not {VERSION}", header[4]);
        let moment = |at: usize| {
            let micros = header[at..].first_chunk().map(|bytes| i64::from_be_bytes(*bytes));
            micros.and_then(DateTime::from_timestamp_micros).context("its dates are impossible")
        };
        Ok(Self { created: moment(6)?, expires: moment(14)? })
    }
}

impl Record {
    pub fn encode(&self, hash: &Hash) -> anyhow::Result<Vec<u8>> {
        let (kind, body) = match &self.content {
            Content::Session(data) => (b's', serde_json::to_vec(data)?),
            Content::Retired(successor) => (b'r', successor.to_vec()),
        };
        let mut bytes = Vec::with_capacity(HEADER + body.len() + DIGEST);
        bytes.extend(MAGIC);
        bytes.extend([VERSION, kind]);
        bytes.extend(self.life.created.timestamp_micros().to_be_bytes());
        bytes.extend(self.life.expires.timestamp_micros().to_be_bytes());
        bytes.extend(body);
        bytes.extend(digest(hash, &bytes));
        Ok(bytes)
    }

    /// Fails when anything was lost or altered, or when the file belongs to another key.
    pub fn decode(bytes: &[u8], hash: &Hash) -> anyhow::Result<Self> {
        ensure!(!bytes.is_empty(), "it is empty");
        let (whole, sum) = bytes.split_last_chunk::<DIGEST>().context("it is cut off")?;
        let (header, body) = whole.split_first_chunk().context("it is cut off")?;
        let life = Life::decode(header)?;
        ensure!(digest(hash, whole) == *sum, "it was altered, cut off or copied");
        let content = match header[5] {
            b's' => Content::Session(serde_json::from_slice(body)?),
            b'r' => Content::Retired(body.try_into().context("its successor is no hash")?),
            kind => bail!("its kind is {kind}"),
        };
        Ok(Self { life, content })
    }
}

/// Refuses what could be written but not be read again.
pub fn check(data: &Data) -> Result<(), ValueError> {
    match data.iter().find(|(_, value)| is_deeper(value, DEEPEST)) {
        None => Ok(()),
        Some((key, _)) => Err(ValueError::Json {
            key: key.clone(),
            source: serde_json::Error::custom(format!("nested deeper than {DEEPEST} levels")),
        }),
    }
}

fn is_deeper(value: &Value, levels: usize) -> bool {
    let below = |value: &Value| levels == 0 || is_deeper(value, levels - 1);
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(below),
        Value::Object(fields) => levels == 0 || fields.values().any(below),
        _ => false,
    }
}

fn digest(hash: &Hash, bytes: &[u8]) -> [u8; DIGEST] {
    Sha256::new().chain_update(hash).chain_update(bytes).finalize().into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HASH: Hash = [7; 32];

    fn record(content: Content) -> Record {
        let created = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap();
        Record { life: Life { created, expires: DateTime::<Utc>::MAX_UTC }, content }
    }

    fn session(value: Value) -> Record {
        record(Content::Session(serde_json::from_value(value).unwrap()))
    }

    fn nested(levels: usize) -> Data {
        let value = (0..levels).fold(json!(1), |value, _| json!([value]));
        Data::from_iter([("deep".to_owned(), value)])
    }

    #[test]
    fn what_is_written_is_read() {
        let odd =
            json!({ "": 1, "Zoë": "\u{1}\u{7f}漢😀", "n": [u64::MAX, i64::MIN, null], "f": 0.1 });
        for mut written in [session(json!({})), session(odd), record(Content::Retired([9; 32]))] {
            let read = Record::decode(&written.encode(&HASH).unwrap(), &HASH).unwrap();
            written.life.expires = read.life.expires;
            assert_eq!(read, written);
            assert_eq!(read.life.expires.timestamp(), DateTime::<Utc>::MAX_UTC.timestamp());
        }
    }

    #[test]
    fn fractions_keep_their_value_however_often_they_are_rewritten() {
        for bits in (0..2_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)) {
            let fraction = f64::from_bits(bits);
            if fraction.is_finite() {
                let bytes = session(json!({ "f": fraction })).encode(&HASH).unwrap();
                let read = Record::decode(&bytes, &HASH).unwrap();
                let Content::Session(data) = read.content else { panic!() };
                assert_eq!(data["f"].as_f64(), Some(fraction));
            }
        }
    }

    #[test]
    fn no_byte_can_be_lost_altered_or_added() {
        for record in [session(json!({ "name": "Zoë" })), record(Content::Retired([9; 32]))] {
            let bytes = record.encode(&HASH).unwrap();
            for length in 0..bytes.len() {
                assert!(Record::decode(&bytes[..length], &HASH).is_err(), "first {length} bytes");
            }
            for (at, bit) in (0..bytes.len()).flat_map(|at| [(at, 1), (at, 0x80)]) {
                let mut altered = bytes.clone();
                altered[at] ^= bit;
                assert!(Record::decode(&altered, &HASH).is_err(), "byte {at}");
            }
            assert!(Record::decode(&[&bytes[..], b"\n"].concat(), &HASH).is_err());
            assert!(Record::decode(&bytes, &[8; 32]).is_err(), "another key's");
        }
    }

    #[test]
    fn what_could_not_be_read_again_is_refused() {
        assert!(check(&nested(DEEPEST)).is_ok());
        let bytes = record(Content::Session(nested(DEEPEST))).encode(&HASH).unwrap();
        assert!(Record::decode(&bytes, &HASH).is_ok());

        assert!(check(&nested(DEEPEST + 1)).is_err());
        let bytes = record(Content::Session(nested(DEEPEST + 1))).encode(&HASH).unwrap();
        assert!(Record::decode(&bytes, &HASH).is_err());
    }
}
