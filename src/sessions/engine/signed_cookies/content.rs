//! What lies sealed in a token: a head of fixed length, then the data as JSON.

use std::io::Read;

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use serde::ser::Error;
use serde_json::Value;

use crate::sessions::data::{Data, ValueError};

const VERSION: u8 = 1;
const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;
/// Version, packing and three moments.
const HEAD: usize = 2 + 3 * size_of::<i64>();
/// The JSON's most bytes, packed or not: deflate makes 1000 of 1, and a reader must not have to
/// trust the writer.
pub const LARGEST: usize = 64 * 1024;
/// `serde_json` reads no object or array deeper than this; the data are the first.
const DEEPEST: usize = 127;

/// The moments of one session, to the microsecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    pub created: DateTime<Utc>,
    pub issued: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

/// Data as they go into a token.
pub struct Packed {
    packing: u8,
    body: Vec<u8>,
}

impl Packed {
    /// # Errors
    /// When no token could be read back: too large or too deep.
    pub fn new(data: &Data) -> Result<Self, ValueError> {
        if let Some((key, _)) = data.iter().find(|(_, value)| !shallow(value, DEEPEST - 1)) {
            let source = serde_json::Error::custom("nested too deeply");
            return Err(ValueError::Json { key: key.clone(), source });
        }
        let json = serde_json::to_vec(data).expect("values are JSON, and memory takes all bytes");
        if json.len() > LARGEST {
            return Err(ValueError::TooLarge { limit: LARGEST, size: json.len() });
        }
        let mut deflated = Vec::new();
        let read =
            DeflateEncoder::new(json.as_slice(), Compression::best()).read_to_end(&mut deflated);
        Ok(match read {
            Ok(length) if length < json.len() => Self { packing: DEFLATED, body: deflated },
            _ => Self { packing: PLAIN, body: json },
        })
    }

    /// How many bytes [`Packed::with`] makes.
    pub fn length(&self) -> usize {
        HEAD + self.body.len()
    }

    pub fn with(&self, times: Times) -> Vec<u8> {
        let mut content = Vec::with_capacity(self.length());
        content.extend([VERSION, self.packing]);
        for moment in [times.created, times.issued, times.expires] {
            content.extend(moment.timestamp_micros().to_be_bytes());
        }
        content.extend(&self.body);
        content
    }
}

/// `None` when this program does not write such content.
pub fn read(content: &[u8]) -> Option<(Times, Data)> {
    let (&[version, packing], rest) = content.split_first_chunk()?;
    let (created, rest) = moment(rest)?;
    let (issued, rest) = moment(rest)?;
    let (expires, body) = moment(rest)?;
    let json = match (version, packing) {
        (VERSION, PLAIN) => body.to_vec(),
        (VERSION, DEFLATED) => inflate(body)?,
        _ => return None,
    };
    Some((Times { created, issued, expires }, serde_json::from_slice(&json).ok()?))
}

fn moment(bytes: &[u8]) -> Option<(DateTime<Utc>, &[u8])> {
    let (first, rest) = bytes.split_first_chunk()?;
    Some((DateTime::from_timestamp_micros(i64::from_be_bytes(*first))?, rest))
}

/// Never makes more than one byte above [`LARGEST`].
fn inflate(body: &[u8]) -> Option<Vec<u8>> {
    let mut json = Vec::new();
    DeflateDecoder::new(body).take(LARGEST as u64 + 1).read_to_end(&mut json).ok()?;
    (json.len() <= LARGEST).then_some(json)
}

/// Whether `value` has at most so many levels of objects and arrays.
fn shallow(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| shallow(item, levels - 1)),
        Value::Object(fields) => {
            levels > 0 && fields.values().all(|item| shallow(item, levels - 1))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn data(value: impl Into<Value>) -> Data {
        Data::from_iter([("k".to_owned(), value.into())])
    }

    fn times() -> Times {
        let moment = |micros| DateTime::from_timestamp_micros(micros).unwrap();
        Times { created: moment(-1), issued: moment(1_700_000_000_123_456), expires: moment(2) }
    }

    /// Content as a holder of the secret could make it.
    fn forged(packing: u8, body: &[u8]) -> Vec<u8> {
        Packed { packing, body: body.to_vec() }.with(times())
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut deflated = Vec::new();
        DeflateEncoder::new(bytes, Compression::best()).read_to_end(&mut deflated).unwrap();
        deflated
    }

    #[test]
    fn content_comes_back_packed_or_not() {
        for (data, packing) in [(data("short"), PLAIN), (data("x".repeat(6000)), DEFLATED)] {
            let packed = Packed::new(&data).unwrap();
            let content = packed.with(times());
            assert_eq!((packed.packing, packed.length()), (packing, content.len()));
            assert_eq!(read(&content), Some((times(), data)));
        }
    }

    #[test]
    fn far_moments_have_the_same_length() {
        let packed = Packed::new(&data(1)).unwrap();
        for moment in [DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC] {
            let times = Times { expires: moment, ..times() };
            let content = packed.with(times);
            assert_eq!(content.len(), packed.length());
            let (back, _) = read(&content).unwrap();
            assert_eq!(back.expires.timestamp_micros(), moment.timestamp_micros());
        }
    }

    #[test]
    fn a_bomb_is_not_inflated() {
        let bomb = deflate(format!("{{\"k\":\"{}\"}}", "x".repeat(3_000_000)).as_bytes());
        assert!(bomb.len() < 4096, "{} bytes fit in a cookie", bomb.len());
        assert!(read(&forged(DEFLATED, &bomb)).is_none());
        assert!(inflate(&bomb).is_none());
    }

    #[test]
    fn the_most_json_is_written_and_read_and_one_byte_more_is_not() {
        let around = r#"{"k":""}"#.len();
        let most = data("x".repeat(LARGEST - around));
        let content = Packed::new(&most).unwrap().with(times());
        assert_eq!(read(&content), Some((times(), most)));

        let more = data("x".repeat(LARGEST - around + 1));
        let size = LARGEST + 1;
        let refused = Packed::new(&more).err().unwrap();
        assert!(matches!(refused, ValueError::TooLarge { limit: LARGEST, size: s } if s == size));
        let json = serde_json::to_vec(&more).unwrap();
        assert!(read(&forged(DEFLATED, &deflate(&json))).is_none());
    }

    #[test]
    fn what_could_not_be_read_back_is_not_written() {
        let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let deep = data(nested(DEEPEST - 1));
        assert_eq!(read(&Packed::new(&deep).unwrap().with(times())), Some((times(), deep)));
        let refused = Packed::new(&data(nested(DEEPEST))).err().unwrap();
        assert!(matches!(refused, ValueError::Json { key, .. } if key == "k"));
        let json = serde_json::to_vec(&data(nested(DEEPEST))).unwrap();
        assert!(read(&forged(PLAIN, &json)).is_none());
    }

    #[test]
    fn other_content_is_none() {
        let good = forged(PLAIN, b"{}");
        assert!(read(&good).is_some());
        for length in 0..good.len() {
            assert!(read(&good[..length]).is_none(), "{length}");
        }
        let mut newer = good;
        newer[0] = VERSION + 1;
        assert!(read(&newer).is_none());
        for (packing, body) in
            [(2, &b"{}"[..]), (PLAIN, b"[]"), (PLAIN, b"{}{}"), (DEFLATED, b"{}"), (DEFLATED, b"")]
        {
            assert!(read(&forged(packing, body)).is_none());
        }
    }
}
