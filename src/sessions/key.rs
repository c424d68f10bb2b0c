//! The secret in the cookie.

use rand::Rng;
use rand::distr::slice::Choose;
use sha2::{Digest, Sha256};

const LENGTH: usize = 32;
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// What a visitor's cookie holds: a random key, or with signed cookies the session itself.
///
/// It has no `Debug` and no `Display`, so that no log line can hold one by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// A new key: 32 characters of `a-z0-9` as Django's, 165 random bits from the thread's
    /// cryptographic generator, which the operating system seeds.
    pub fn generate() -> Self {
        let letters = Choose::new(ALPHABET).expect("the alphabet is not empty");
        Self(rand::rng().sample_iter(letters).take(LENGTH).map(|&byte| char::from(byte)).collect())
    }

    /// `None` when this text cannot be a generated key; then no store needs to be asked.
    pub fn parse(text: &str) -> Option<Self> {
        let ours = text.len() == LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte));
        ours.then(|| Self(text.to_owned()))
    }

    /// For engines whose cookie holds more than a generated key.
    pub fn from_token(token: String) -> Self {
        Self(token)
    }

    /// The cookie's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a store keeps in place of the key. A plain hash is enough for a random secret.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_is_one_of_ours_and_new_each_time() {
        let key = Key::generate();
        assert!(Key::parse(key.as_str()).is_some());
        assert!(key != Key::generate());
    }

    #[test]
    fn nothing_else_is_a_key() {
        let long = "a".repeat(33);
        for text in ["", "short", "../../etc/passwd", &"A".repeat(32), &"é".repeat(16), &long] {
            assert!(Key::parse(text).is_none(), "{text}");
        }
    }
}
