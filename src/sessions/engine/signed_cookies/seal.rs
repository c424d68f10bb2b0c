//! Bytes to a token that only holders of a secret can read or make, and back.

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::Sha256;

/// First character of a token: which way it was made.
const FORMAT: char = '1';
/// Keeps these keys apart from whatever else is derived from the same secret.
const PURPOSE: &[u8] = b"sessions/signed_cookies/1/XChaCha20-Poly1305";
/// A key of the cipher; a shorter secret could not fill it.
const SHORTEST_SECRET: usize = 32;
const NONCE: usize = 24;
const TAG: usize = 16;

/// Seals with the first key, opens with every key.
pub struct Seal {
    ciphers: Vec<XChaCha20Poly1305>,
    /// Sealed along: a token made for another cookie or in another format does not open.
    associated: Vec<u8>,
}

impl Seal {
    pub fn new(secrets: &[impl AsRef<[u8]>], cookie_name: &str) -> anyhow::Result<Self> {
        ensure!(!secrets.is_empty(), "SECRET_KEY: signed cookies need one");
        let mut ciphers = Vec::with_capacity(secrets.len());
        for (position, secret) in secrets.iter().map(AsRef::as_ref).enumerate() {
            let name = if position == 0 { "SECRET_KEY" } else { "SECRET_KEY_FALLBACKS" };
            ensure!(
                secret.len() >= SHORTEST_SECRET,
                "{name}: at least {SHORTEST_SECRET} bytes, and not {}",
                secret.len()
            );
            ciphers.push(cipher(secret)?);
        }
        Ok(Self { ciphers, associated: format!("{FORMAT}{cookie_name}").into_bytes() })
    }

    pub fn close(&self, content: &[u8]) -> anyhow::Result<String> {
        let mut nonce = XNonce::default();
        OsRng.try_fill_bytes(&mut nonce).context("random bytes from the operating system")?;
        let payload = Payload { msg: content, aad: &self.associated };
        let sealed = self.ciphers[0]
            .encrypt(&nonce, payload)
            .map_err(|error| anyhow::anyhow!("encrypting: {error}"))?;
        let mut token = String::with_capacity(token_length(content.len()));
        token.push(FORMAT);
        URL_SAFE_NO_PAD.encode_string([nonce.as_slice(), &sealed].concat(), &mut token);
        Ok(token)
    }

    /// `None` for whatever was not sealed here, for this cookie, with one of the keys.
    pub fn open(&self, token: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(token.strip_prefix(FORMAT)?).ok()?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let (nonce, aad) = (XNonce::from_slice(nonce), self.associated.as_slice());
        let open = |cipher: &XChaCha20Poly1305| cipher.decrypt(nonce, Payload { msg: sealed, aad });
        let content = self.ciphers.iter().find_map(|cipher| open(cipher).ok());
        if content.is_none() {
            log::warn!("a session cookie was altered, or made with another secret or cookie name");
        }
        content
    }
}

/// How long the token of so many bytes is.
pub const fn token_length(content: usize) -> usize {
    let sealed = NONCE + content + TAG;
    FORMAT.len_utf8() + (sealed * 4).div_ceil(3)
}

/// Whether the text could be a token, by its looks alone.
pub fn well_formed(text: &str) -> bool {
    let ours = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.strip_prefix(FORMAT).is_some_and(|rest| rest.len() % 4 != 1 && rest.bytes().all(ours))
}

/// A secret may have any form and length, a key may not: HKDF-SHA256 makes one of the other.
fn cipher(secret: &[u8]) -> anyhow::Result<XChaCha20Poly1305> {
    let mut key = chacha20poly1305::Key::default();
    Hkdf::<Sha256>::new(None, secret)
        .expand(PURPOSE, &mut key)
        .map_err(|error| anyhow::anyhow!("deriving a key: {error}"))?;
    Ok(XChaCha20Poly1305::new(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(secrets: &[&str], cookie_name: &str) -> Seal {
        Seal::new(secrets, cookie_name).unwrap()
    }

    const NEW: &str = "a secret of at least 32 bytes: the new one";
    const OLD: &str = "a secret of at least 32 bytes: the old one";

    #[test]
    fn a_token_opens_with_its_secret_and_cookie_name_only() {
        let token = seal(&[OLD], "sessionid").close(b"content").unwrap();
        assert_eq!(seal(&[OLD], "sessionid").open(&token).unwrap(), b"content");
        assert_eq!(seal(&[NEW, OLD], "sessionid").open(&token).unwrap(), b"content");
        assert!(seal(&[NEW], "sessionid").open(&token).is_none());
        assert!(seal(&[OLD], "sessionid2").open(&token).is_none());
    }

    #[test]
    fn the_first_key_seals() {
        let token = seal(&[NEW, OLD], "sessionid").close(b"content").unwrap();
        assert!(seal(&[NEW], "sessionid").open(&token).is_some());
        assert!(seal(&[OLD], "sessionid").open(&token).is_none());
    }

    #[test]
    fn a_missing_or_short_secret_is_named() {
        let error = |secrets: &[&str]| Seal::new(secrets, "sessionid").err().unwrap().to_string();
        assert!(error(&[]).starts_with("SECRET_KEY:"));
        assert!(error(&[&"x".repeat(31)]).starts_with("SECRET_KEY:"));
        assert!(error(&[NEW, ""]).starts_with("SECRET_KEY_FALLBACKS:"));
        assert!(Seal::new(&["x".repeat(32)], "sessionid").is_ok());
    }

    #[test]
    fn lengths_are_known_before() {
        let seal = seal(&[NEW], "sessionid");
        for length in 0..200 {
            let token = seal.close(&vec![0; length]).unwrap();
            assert_eq!(token.len(), token_length(length));
            assert!(well_formed(&token));
        }
    }

    #[test]
    fn every_other_character_anywhere_spoils_a_token() {
        let seal = seal(&[NEW], "sessionid");
        // All three lengths modulo 3: unused bits of the last character are no way round.
        for content in ["content", "content1", "content12"] {
            let token = seal.close(content.as_bytes()).unwrap();
            for at in 0..token.len() {
                for other in (0..128).map(char::from).filter(|&c| !token[at..].starts_with(c)) {
                    let mut spoilt = token.clone();
                    spoilt.replace_range(at..=at, other.encode_utf8(&mut [0; 4]));
                    assert!(seal.open(&spoilt).is_none(), "{other:?} at {at}");
                }
                assert!(seal.open(&token[..at]).is_none(), "the first {at}");
            }
            assert!(seal.open(&format!("{token}A")).is_none());
            assert!(seal.open(&format!("{token}=")).is_none());
        }
    }
}
