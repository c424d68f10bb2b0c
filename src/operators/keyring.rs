//! Keys derived from `SECRET_KEY`, for encrypting secrets and hashing values that must not be stored.

use anyhow::{Context, ensure};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;

use crate::sessions::Secret;

/// Minimum length of a secret key, in bytes.
const MIN_LENGTH: usize = 32;

const NONCE_LENGTH: usize = 24;

/// The keys of a site: the current one encrypts, former ones still decrypt. Without a key, nothing can
/// be encrypted.
#[derive(Clone)]
pub struct Keyring {
    ciphers: Vec<XChaCha20Poly1305>,
    subjects: [u8; 32],
}

impl Keyring {
    /// `fallbacks` are former secret keys.
    ///
    /// # Errors
    /// When a key is too short.
    pub fn new(current: Option<&Secret>, fallbacks: &[Secret]) -> anyhow::Result<Self> {
        let mut ciphers = Vec::new();
        for secret in current.into_iter().chain(fallbacks.iter().filter(|_| current.is_some())) {
            let secret = secret.as_bytes().trim_ascii();
            ensure!(
                secret.len() >= MIN_LENGTH,
                "SECRET_KEY is shorter than {MIN_LENGTH} characters"
            );
            ciphers.push(XChaCha20Poly1305::new(&derive(secret, b"operator secrets")?.into()));
        }
        let current = current.map_or(&b""[..], Secret::as_bytes);
        Ok(Self { ciphers, subjects: derive(current, b"login failures")? })
    }

    /// Whether secrets can be encrypted.
    pub fn has_key(&self) -> bool {
        !self.ciphers.is_empty()
    }

    /// Encrypts a secret. `context` says what it is for: with another context it cannot be decrypted.
    ///
    /// # Errors
    /// Without a secret key.
    pub fn seal(&self, context: &str, secret: &[u8]) -> anyhow::Result<Vec<u8>> {
        let cipher = self.ciphers.first().context("SECRET_KEY is unset")?;
        let nonce: [u8; NONCE_LENGTH] = rand::random();
        let payload = Payload { msg: secret, aad: context.as_bytes() };
        let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload);
        let sealed = sealed.ok().context("cannot encrypt")?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Decrypts what [`Keyring::seal`] returned. Returns `None` if none of the keys fits.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LENGTH)?;
        self.ciphers.iter().find_map(|cipher| {
            let payload = Payload { msg: sealed, aad: context.as_bytes() };
            cipher.decrypt(XNonce::from_slice(nonce), payload).ok()
        })
    }

    /// Returns a keyed hash.
    pub(super) fn hash(&self, text: &str) -> anyhow::Result<[u8; 32]> {
        derive(&self.subjects, text.as_bytes())
    }
}

fn derive(secret: &[u8], purpose: &[u8]) -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    let expanded = Hkdf::<Sha256>::new(None, secret).expand(purpose, &mut key);
    expanded.map_err(|error| anyhow::anyhow!("cannot derive a key: {error}"))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(keys: &[&str]) -> Keyring {
        let keys: Vec<Secret> = keys.iter().map(|key| Secret::from(key.repeat(32))).collect();
        Keyring::new(keys.first(), keys.get(1..).unwrap_or_default()).unwrap()
    }

    #[test]
    fn sealed_secret_opens_with_its_key_and_context_only() {
        let old = keyring(&["a"]);
        let sealed = old.seal("totp 1", b"secret").unwrap();
        assert!(!sealed.windows(6).any(|bytes| bytes == b"secret"));
        assert_eq!(old.open("totp 1", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(old.open("totp 2", &sealed), None);
        assert_eq!(keyring(&["b"]).open("totp 1", &sealed), None);
        assert!(keyring(&["b", "a"]).open("totp 1", &sealed).is_some());
        assert_eq!(old.open("totp 1", &sealed[..20]), None);
        assert!(!keyring(&[]).has_key() && keyring(&[]).seal("totp 1", b"secret").is_err());
    }

    #[test]
    fn short_secret_key_is_refused() {
        assert!(Keyring::new(Some(&Secret::from("short".to_owned())), &[]).is_err());
    }
}
