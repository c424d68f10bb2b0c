//! Tokens that only holders of a secret can read or make: XChaCha20-Poly1305 under a key that
//! HKDF-SHA256 derives from the secret.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use hkdf::Hkdf;
use sha2::Sha256;

use super::{CLOCK_SKEW, FORMAT, Json, Opened, Token};
use crate::error::{ConfigError, Result, StoreError};

/// Keeps these keys apart from whatever else is derived from the same secret.
const PURPOSE: &[u8] = b"actix-web-sessions/1/XChaCha20-Poly1305";
const NONCE: usize = 24;
const VERSION: u8 = 1;
const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;

/// The most bytes of JSON: deflate makes 1000 of 1, and the reader need not trust the writer.
const MAX_JSON: u64 = 64 * 1024;

/// Seals with the first key, opens with every key.
pub(crate) struct Sealer {
    ciphers: Vec<XChaCha20Poly1305>,
    /// Authenticated with the content: a token for another cookie or format does not open.
    associated: Vec<u8>,
}

impl Sealer {
    pub fn new(secrets: &[String], cookie_name: &str) -> Result<Self, ConfigError> {
        let cipher = |secret: &String| {
            let mut key = chacha20poly1305::Key::default();
            Hkdf::<Sha256>::new(None, secret.as_bytes())
                .expand(PURPOSE, &mut key)
                .map_err(|error| ConfigError::new("SECRET_KEY", "", error.to_string()))?;
            Ok(XChaCha20Poly1305::new(&key))
        };
        let ciphers = secrets.iter().map(cipher).collect::<Result<_, ConfigError>>()?;
        Ok(Self { ciphers, associated: format!("{FORMAT}{cookie_name}").into_bytes() })
    }

    /// Returns the token; one that is to be compressed is if that makes it shorter.
    pub fn seal(&self, token: &Token, compress: bool) -> Result<String> {
        let json = serde_json::to_vec(&Json::of(token)).map_err(StoreError::other)?;
        let mut content = vec![VERSION, PLAIN];
        content.extend(&json);
        if compress {
            let mut deflated = vec![VERSION, DEFLATED];
            let encoder = DeflateEncoder::new(json.as_slice(), Compression::best());
            let read = encoder.take(MAX_JSON).read_to_end(&mut deflated);
            read.map_err(StoreError::other)?;
            let fits = u64::try_from(json.len()).is_ok_and(|length| length <= MAX_JSON);
            if fits && deflated.len() < content.len() {
                content = deflated;
            }
        }
        let mut nonce = XNonce::default();
        getrandom::fill(&mut nonce).map_err(StoreError::other)?;
        let payload = Payload { msg: &content, aad: &self.associated };
        let sealed = self.ciphers[0].encrypt(&nonce, payload);
        let sealed = sealed.map_err(|_error| StoreError::other("encrypting failed"))?;
        let mut text = String::from(FORMAT);
        URL_SAFE_NO_PAD.encode_string([nonce.as_slice(), &sealed].concat(), &mut text);
        Ok(text)
    }

    /// Opens a token that was made here, for this cookie, with one of the keys.
    pub fn open(&self, text: &str) -> Opened {
        let now = std::time::SystemTime::now();
        match self.decrypt(text) {
            Some(token) if token.created > now + CLOCK_SKEW => Opened::NotYet,
            Some(token) if token.ends > now => Opened::Valid(token),
            _ => Opened::Invalid,
        }
    }

    fn decrypt(&self, text: &str) -> Option<Token> {
        let sealed = URL_SAFE_NO_PAD.decode(text.strip_prefix(FORMAT)?).ok()?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let (nonce, aad) = (XNonce::from_slice(nonce), self.associated.as_slice());
        let open = |cipher: &XChaCha20Poly1305| cipher.decrypt(nonce, Payload { msg: sealed, aad });
        let content = self.ciphers.iter().find_map(|cipher| open(cipher).ok())?;
        let (&[version, packing], body) = content.split_first_chunk()?;
        let json: Json = match (version, packing) {
            (VERSION, PLAIN) => serde_json::from_slice(body).ok()?,
            (VERSION, DEFLATED) => {
                let mut json = Vec::new();
                DeflateDecoder::new(body).take(MAX_JSON + 1).read_to_end(&mut json).ok()?;
                let short = u64::try_from(json.len()).is_ok_and(|length| length <= MAX_JSON);
                serde_json::from_slice(short.then_some(json.as_slice())?).ok()?
            }
            _ => return None,
        };
        json.token()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::expiry::Expiry;
    use crate::key::SessionId;
    use crate::sealed::is_token;

    const NEW: &str = "a secret of at least 32 bytes: the new one";
    const OLD: &str = "a secret of at least 32 bytes: the old one";

    fn open(sealer: &Sealer, text: &str) -> Option<Token> {
        match sealer.open(text) {
            Opened::Valid(token) => Some(token),
            Opened::NotYet | Opened::Invalid => None,
        }
    }

    fn sealer(secrets: &[&str], name: &str) -> Sealer {
        let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        Sealer::new(&secrets, name).unwrap()
    }

    fn token(text: &str) -> Token {
        let now = SystemTime::now();
        Token {
            id: SessionId::generate().unwrap(),
            created: now,
            ends: now + Duration::from_secs(60),
            expiry: Expiry::After(Duration::from_secs(60)),
            data: [("k".to_owned(), text.into())].into_iter().collect(),
        }
    }

    #[test]
    fn token_opens_with_its_secret_and_cookie_name_only() {
        let text = sealer(&[OLD], "sessionid").seal(&token("x"), false).unwrap();
        assert!(is_token(&text) && !text.contains('='));
        let opened = open(&sealer(&[NEW, OLD], "sessionid"), &text).unwrap();
        assert_eq!(opened.data["k"], "x");
        assert_eq!(opened.expiry, Expiry::After(Duration::from_secs(60)));
        assert!(open(&sealer(&[NEW], "sessionid"), &text).is_none());
        assert!(open(&sealer(&[OLD], "other"), &text).is_none());
        let renewed = sealer(&[NEW, OLD], "sessionid").seal(&token("x"), false).unwrap();
        assert!(open(&sealer(&[OLD], "sessionid"), &renewed).is_none());
    }

    #[test]
    fn altered_tokens_are_rejected() {
        let sealer = sealer(&[NEW], "sessionid");
        for content in ["", "1", "12"] {
            let text = sealer.seal(&token(content), false).unwrap();
            for position in 0..text.len() {
                let other = if text[position..].starts_with('A') { "B" } else { "A" };
                let mut altered = text.clone();
                altered.replace_range(position..=position, other);
                assert!(open(&sealer, &altered).is_none(), "{position}");
                assert!(open(&sealer, &text[..position]).is_none(), "the first {position}");
            }
            assert!(open(&sealer, &format!("{text}A")).is_none());
        }
    }

    #[test]
    fn expired_and_future_tokens_do_not_open() {
        let sealer = sealer(&[NEW], "sessionid");
        let now = SystemTime::now();
        let past = Token { ends: now, ..token("x") };
        let future = Token { created: now + CLOCK_SKEW * 2, ..token("x") };
        let skewed = Token { created: now + CLOCK_SKEW / 2, ..token("x") };
        assert!(open(&sealer, &sealer.seal(&past, false).unwrap()).is_none());
        assert!(open(&sealer, &sealer.seal(&future, false).unwrap()).is_none());
        assert!(open(&sealer, &sealer.seal(&skewed, false).unwrap()).is_some());
    }

    #[test]
    fn compression_shortens_tokens_and_bombs_do_not_open() {
        let sealer = sealer(&[NEW], "sessionid");
        let equal = token(&"x".repeat(6000));
        let text = sealer.seal(&equal, true).unwrap();
        assert!(text.len() < 1000);
        assert_eq!(open(&sealer, &text).unwrap().data, equal.data);
        let bomb = sealer.seal(&token(&"x".repeat(70_000)), true).unwrap();
        assert!(bomb.len() > 70_000, "too much to be compressed");
    }
}
