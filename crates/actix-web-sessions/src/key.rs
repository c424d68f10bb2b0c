//! Session ids and the keys under which stores keep sessions.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::error::{Result, StoreError};

const ID_LENGTH: usize = 32;
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// The secret in the cookie: 32 characters of `a-z0-9`, 165 random bits.
///
/// It implements neither `Debug` nor `Display`, so that it is not logged by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionId(String);

impl SessionId {
    /// Draws a new id from the operating system's random generator.
    ///
    /// # Errors
    /// When the operating system has no random bytes.
    pub fn generate() -> Result<Self> {
        let mut id = String::with_capacity(ID_LENGTH);
        // Bytes of 252 and above would make some characters likelier than others.
        while id.len() < ID_LENGTH {
            let mut bytes = [0; ID_LENGTH + 8];
            getrandom::fill(&mut bytes).map_err(StoreError::other)?;
            let fair = bytes.iter().filter(|byte| **byte < 252);
            let characters = fair.map(|byte| char::from(ALPHABET[usize::from(byte % 36)]));
            id.extend(characters.take(ID_LENGTH - id.len()));
        }
        Ok(Self(id))
    }

    /// Returns the id in `text`, or `None` if `text` cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = text.len() == ID_LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte));
        valid.then(|| Self(text.to_owned()))
    }

    /// Returns the id that belongs to a digest.
    #[cfg(feature = "django")]
    pub(crate) fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 36)])).collect())
    }

    /// Returns the cookie's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key under which a store keeps this session.
    pub fn key(&self) -> StoreKey {
        StoreKey(Sha256::digest(self.0.as_bytes()).into())
    }
}

/// The SHA-256 of a [`SessionId`], under which stores keep the session. `Debug` shows the first 8
/// hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    /// Returns the key with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the hash as 64 hexadecimal digits.
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }

    /// Reads what [`StoreKey::to_hex`] wrote.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 64 || !digits {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, start) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&text[start..start + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex(&self.0[..4]))
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_are_valid_and_differ() {
        let id = SessionId::generate().unwrap();
        assert!(SessionId::parse(id.as_str()).is_some());
        assert!(id != SessionId::generate().unwrap());
    }

    #[test]
    fn parse_rejects_everything_else() {
        let long = "a".repeat(33);
        for text in ["", "short", "../../etc/passwd", &"A".repeat(32), &"é".repeat(16), &long] {
            assert!(SessionId::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn keys_survive_hexadecimal() {
        let key = SessionId::generate().unwrap().key();
        assert_eq!(StoreKey::from_hex(&key.to_hex()), Some(key));
        assert_eq!(format!("{key:?}").len(), 8);
        assert!(
            StoreKey::from_hex("zz").is_none() && StoreKey::from_hex(&"é".repeat(32)).is_none()
        );
    }
}
