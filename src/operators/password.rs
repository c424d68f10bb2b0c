//! Passwords: the rules for new ones, and their hashes.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization;
use zxcvbn::Score;
use zxcvbn::feedback::Warning;

/// Length of a new password, in characters.
const MIN_LENGTH: usize = 15;
const MAX_LENGTH: usize = 256;

/// Related words that are shorter occur in any text.
const MIN_RELATED_LENGTH: usize = 3;

/// Time that a login waits for others to be hashed.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(3);

/// The hash of a random password that nobody knows, with the current parameters. It is verified in
/// place of a hash that does not exist, so that the answer takes as long.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Y2lUbHpDQ3RjT1hBRmRTeg$\
                     RhVY5xV6Eg3DX4dY0GdZ8uJtVbE0wX0o3m1L5nQkS7U";

/// A password as it was typed, in the normalization form NFKC: the same characters may be typed in
/// several ways.
#[derive(Clone)]
pub struct Password {
    normalized: String,
    /// Characters as typed.
    length: usize,
}

/// The reason why a password was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum InvalidPassword {
    #[error("Enter at least {MIN_LENGTH} characters")]
    TooShort,
    #[error("Enter at most {MAX_LENGTH} characters")]
    TooLong,
    #[error("Choose a password that is harder to guess. {0}")]
    KnownWeakness(Warning),
    #[error("Choose a password that is harder to guess, such as several unrelated words")]
    Guessable,
    #[error("Enter the same password twice")]
    Mismatch,
    #[error("Enter your current password")]
    WrongCurrent,
}

impl Password {
    pub fn new(typed: &str) -> Self {
        Self { normalized: typed.nfkc().collect(), length: typed.chars().count() }
    }

    /// Checks a new password. `related` are words that an attacker would try first: names of the
    /// operator and of the site.
    ///
    /// # Errors
    /// When the password is too short, too long or too easy to guess.
    pub fn check(&self, related: &[&str]) -> Result<(), InvalidPassword> {
        if self.length < MIN_LENGTH {
            return Err(InvalidPassword::TooShort);
        }
        if self.length > MAX_LENGTH {
            return Err(InvalidPassword::TooLong);
        }
        // Repetition and known words make a password longer, but not harder to guess.
        let essence = essence(&self.normalized, related);
        let is_strong = |text: &str| zxcvbn::zxcvbn(text, related).score() >= Score::Three;
        let estimate = zxcvbn::zxcvbn(&self.normalized, related);
        if estimate.score() >= Score::Three && is_strong(&essence) {
            return Ok(());
        }
        let warning = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning);
        Err(warning.map_or(InvalidPassword::Guessable, InvalidPassword::KnownWeakness))
    }

    fn as_bytes(&self) -> &[u8] {
        self.normalized.as_bytes()
    }
}

/// Returns the different words of a password without those that are related to operator and site.
fn essence(password: &str, related: &[&str]) -> String {
    let is_separator = |letter: char| !letter.is_alphanumeric();
    let related = related.iter().map(|text| text.to_lowercase()).collect::<Vec<_>>();
    let related = related.iter().flat_map(|text| text.split(is_separator));
    let related: Vec<&str> = related.filter(|word| word.len() >= MIN_RELATED_LENGTH).collect();
    let mut words: Vec<String> = Vec::new();
    for word in password.to_lowercase().split(is_separator) {
        let word = related.iter().fold(word.to_owned(), |word, known| word.replace(known, ""));
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(" ")
}

/// Hashes passwords with argon2id, one at a time for browsers in which an operator has logged in
/// before and one at a time for all others: attackers cannot delay those, and hashes in progress take
/// at most 38 MiB.
#[derive(Debug, Clone)]
pub struct Hasher {
    known: Arc<Semaphore>,
    unknown: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { known: Arc::new(Semaphore::new(1)), unknown: Arc::new(Semaphore::new(1)) }
    }
}

/// Too many passwords are waiting to be hashed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("too many logins at once")]
pub struct Busy;

/// The result of [`Hasher::verify`].
#[derive(Debug)]
pub(super) struct Verified {
    pub matches: bool,
    /// A new hash, if the stored one has other parameters than the current ones.
    pub rehashed: Option<String>,
}

impl Hasher {
    /// Hashes a new password.
    ///
    /// # Errors
    /// [`Busy`], when other passwords are waiting.
    pub async fn hash(&self, password: Password) -> Result<String, Busy> {
        let permit = acquire(&self.known).await?;
        blocking(permit, move || hash(&password)).await?.ok_or(Busy)
    }

    /// Compares a password with a hash, or does as much work without one.
    ///
    /// # Errors
    /// [`Busy`], when other passwords are waiting.
    pub(super) async fn verify(
        &self,
        password: Password,
        stored: Option<String>,
        is_known_device: bool,
    ) -> Result<Verified, Busy> {
        let slot = if is_known_device { &self.known } else { &self.unknown };
        let permit = acquire(slot).await?;
        blocking(permit, move || {
            let parsed = PasswordHash::new(stored.as_deref().unwrap_or(DECOY));
            let verify =
                |hash| Argon2::default().verify_password(password.as_bytes(), hash).is_ok();
            let matches = parsed.as_ref().is_ok_and(verify) && stored.is_some();
            let is_current = parsed.as_ref().is_ok_and(has_current_parameters);
            let rehashed = (matches && !is_current).then(|| hash(&password)).flatten();
            Verified { matches, rehashed }
        })
        .await
    }
}

/// Returns `None` if the operating system has no random bytes.
fn hash(password: &Password) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

fn has_current_parameters(hash: &PasswordHash) -> bool {
    let params = Params::try_from(hash);
    hash.algorithm == Algorithm::Argon2id.ident()
        && params.is_ok_and(|params| {
            let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
            costs(&params) == costs(&Params::default())
        })
}

async fn acquire(slot: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Busy> {
    match tokio::time::timeout(QUEUE_TIMEOUT, Arc::clone(slot).acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(Busy),
    }
}

/// Runs `work` on another thread. The permit is returned when it ends, even if the client has gone.
async fn blocking<T: Send + 'static>(
    permit: OwnedSemaphorePermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Busy> {
    let done = tokio::task::spawn_blocking(move || {
        let result = work();
        drop(permit);
        result
    });
    done.await.map_err(|error| {
        log::error!("cannot hash a password: {error}");
        Busy
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), InvalidPassword> {
        Password::new(password).check(&["ada", "Marquee", "films.example"])
    }

    #[test]
    fn password_has_15_to_256_characters_of_any_script() {
        assert_eq!(check("mottled quayes"), Err(InvalidPassword::TooShort));
        assert_eq!(check("mottled quay vex"), Ok(()));
        let long: String = ('ぁ'..).take(256).collect();
        assert_eq!(check(&long), Ok(()));
        assert_eq!(check(&format!("{long}x")), Err(InvalidPassword::TooLong));
    }

    #[test]
    fn guessable_password_is_refused_with_a_reason() {
        for weak in [
            "adaadaadaadaada",
            "ada ada ada ada",
            "marquee marquee",
            "Marquee-Films-1984",
            "marqueemarquee1",
            "password password",
            "qwertyuiopasdfghjkl",
        ] {
            let refused = check(weak).unwrap_err();
            assert!(refused.to_string().starts_with("Choose a password"), "{weak}: {refused}");
        }
    }

    #[tokio::test]
    async fn every_character_of_a_password_matters() {
        let hasher = Hasher::default();
        let password = "x".repeat(199);
        let stored = hasher.hash(Password::new(&format!("{password}y"))).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        for (last, matches) in [("y", true), ("z", false), ("Y", false), ("y ", false)] {
            let typed = Password::new(&format!("{password}{last}"));
            let verified = hasher.verify(typed, Some(stored.clone()), false).await.unwrap();
            assert_eq!(verified.matches, matches, "{last}");
            assert!(verified.rehashed.is_none());
        }
        // The same characters, composed and decomposed.
        let stored = hasher.hash(Password::new("caf\u{e9}")).await.unwrap();
        let typed = Password::new("cafe\u{301}");
        assert!(hasher.verify(typed, Some(stored), true).await.unwrap().matches);
    }

    #[tokio::test]
    async fn decoy_costs_as_much_as_a_hash_and_matches_nothing() {
        let decoy = PasswordHash::new(DECOY).unwrap();
        assert!(has_current_parameters(&decoy));
        let verified = Hasher::default().verify(Password::new("x"), None, false).await.unwrap();
        assert!(!verified.matches && verified.rehashed.is_none());
    }
}
