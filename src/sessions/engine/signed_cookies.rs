//! The whole session in the cookie, sealed.

mod content;
mod seal;
#[cfg(test)]
mod tests;

use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};

use self::content::{Packed, Times};
use self::seal::Seal;
use super::{Added, Engine, Loaded, Merged, StoreError, Touched};
use crate::sessions::data::{Changes, Data, ValueError};
use crate::sessions::key::Key;

/// What every browser keeps of one cookie with its name and attributes (RFC 6265 §6.1).
const LARGEST_COOKIE: usize = 4096;
/// How far the clocks of two servers of one site may be apart.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// Keeps each session in its visitor's cookie, encrypted and authenticated; the server keeps
/// nothing. The key *is* the session.
///
/// What cannot be had without a store:
/// - Nothing is revoked. A cookie that was copied works until it expires, also after
///   [`delete`](Engine::delete) and [`rotate`](Engine::rotate). Keep `SESSION_COOKIE_AGE` and the
///   absolute limit short, or give the site a new `SECRET_KEY` without fallback, which ends all.
/// - Of requests under way together the last answer wins, with the whole session: each begins
///   with the cookie it brought. So counters count at the end of the request.
/// - A cookie and its attributes have 4096 bytes; [`check`](Engine::check) refuses more at once.
/// - Who sees the cookie sees its length. It is compressed, so where strangers can put text into a
///   session, keep no secrets beside it.
#[derive(Clone)]
pub struct SignedCookiesEngine {
    seal: Arc<Seal>,
    cookie_attributes_length: usize,
    absolute: Option<TimeDelta>,
}

impl SignedCookiesEngine {
    /// `keys` are the secrets: `SECRET_KEY`, which every write uses, then `SECRET_KEY_FALLBACKS`,
    /// whose cookies are still read.
    ///
    /// `cookie_attributes_length` is all of `Set-Cookie`'s value but the session: name, `=`, path,
    /// domain, flags, and the longest `Max-Age` and `Expires`.
    ///
    /// No session lives longer than `absolute` after it was made; the creation time is in the
    /// cookie, so that a shorter limit counts for old cookies too.
    ///
    /// # Errors
    /// Without a key, with one under 32 bytes, or when the attributes leave no room.
    pub fn new(
        keys: &[impl AsRef<[u8]>],
        cookie_name: &str,
        cookie_attributes_length: usize,
        absolute: Option<Duration>,
    ) -> anyhow::Result<Self> {
        let seal = Arc::new(Seal::new(keys, cookie_name)?);
        let absolute = absolute.map(|limit| TimeDelta::from_std(limit).unwrap_or(TimeDelta::MAX));
        let engine = Self { seal, cookie_attributes_length, absolute };
        let room = engine.check(&Data::new());
        ensure!(room.is_ok(), "the session cookie's name, path and domain leave no room for data");
        Ok(engine)
    }

    /// Nothing is kept, so there is nothing to sweep: always 0.
    pub fn clear_expired(&self, _limit: usize, _dry_run: bool) -> Ready<Result<usize, StoreError>> {
        ready(Ok(0))
    }

    /// `None` when this is not from here or over by `now`.
    fn open(&self, key: &Key, now: DateTime<Utc>) -> Option<(Times, Data)> {
        let (times, data) = content::read(&self.seal.open(key.as_str())?)?;
        let begun = times.created.max(times.issued) <= now + CLOCK_SKEW;
        let over = times.expires.min(self.latest(times.created)) <= now;
        (begun && !over).then_some((times, data))
    }

    /// `times.expires` is cut to the absolute limit.
    fn close(&self, data: &Data, times: Times) -> anyhow::Result<Key> {
        let packed = self.fitting(data)?;
        let expires = times.expires.min(self.latest(times.created));
        Ok(Key::from_token(self.seal.close(&packed.with(Times { expires, ..times }))?))
    }

    /// `None` when the session is over by `now`. Its creation time is kept.
    fn reissue(
        &self,
        key: &Key,
        changes: &Changes,
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Option<Key>> {
        let Some((Times { created, .. }, mut data)) = self.open(key, now) else {
            return Ok(None);
        };
        data.retain(|name, _| !changes.removed.contains(name));
        data.extend(changes.changed.clone());
        self.close(&data, Times { created, issued: now, expires }).map(Some)
    }

    /// The data as they go into a cookie, if that is not too large as a whole.
    fn fitting(&self, data: &Data) -> Result<Packed, ValueError> {
        let packed = Packed::new(data)?;
        let size = self.cookie_attributes_length + seal::token_length(packed.length());
        if size > LARGEST_COOKIE {
            return Err(ValueError::TooLarge { limit: LARGEST_COOKIE, size });
        }
        Ok(packed)
    }

    /// When a session ends at the latest.
    fn latest(&self, created: DateTime<Utc>) -> DateTime<Utc> {
        let latest = self.absolute.and_then(|limit| created.checked_add_signed(limit));
        latest.unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

impl Engine for SignedCookiesEngine {
    /// By its looks only; whether it is genuine is seen when it is loaded.
    fn parse(&self, cookie: &str) -> Option<Key> {
        let length = seal::token_length(0)..=LARGEST_COOKIE;
        let ours = length.contains(&cookie.len()) && seal::well_formed(cookie);
        ours.then(|| Key::from_token(cookie.to_owned()))
    }

    /// Counts the bytes of the cookie that would be sent; the one that is out stays as it is.
    fn check(&self, data: &Data) -> Result<(), ValueError> {
        self.fitting(data).map(drop)
    }

    async fn load(&self, key: &Key) -> Result<Loaded, StoreError> {
        let opened = self.open(key, Utc::now());
        Ok(opened.map_or(Loaded::Missing, |(_, data)| Loaded::Found(data)))
    }

    async fn insert(&self, data: &Data, expires_at: DateTime<Utc>) -> Result<Key, StoreError> {
        let now = Utc::now();
        let times = Times { created: now, issued: now, expires: expires_at };
        Ok(self.close(data, times).context("making a new session cookie")?)
    }

    /// The old cookie works until it expires, with the old data.
    async fn merge(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Merged, StoreError> {
        let reissued = self.reissue(key, changes, expires_at, Utc::now());
        let key = reissued.context("making the session cookie anew")?;
        Ok(key.map_or(Merged::Gone, Merged::Stored))
    }

    async fn add(&self, _: &Key, _: &str, _: i64, _: DateTime<Utc>) -> Result<Added, StoreError> {
        Ok(Added::AtTheEnd)
    }

    /// Makes a new cookie, as the moment stands inside.
    async fn touch(
        &self,
        key: &Key,
        expires_at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<Touched, StoreError> {
        let now = Utc::now();
        let Some((times, data)) = self.open(key, now) else { return Ok(Touched::Missing) };
        if let Some(instead) = Touched::instead(&data, times.expires, due) {
            return Ok(instead);
        }
        let key = self.close(&data, Times { issued: now, expires: expires_at, ..times });
        Ok(Touched::Prolonged(key.context("prolonging the session cookie")?))
    }

    /// As [`Engine::merge`], which makes a new key each time. The old one cannot be retired: it
    /// works until it expires.
    async fn rotate(
        &self,
        key: &Key,
        changes: &Changes,
        expires_at: DateTime<Utc>,
    ) -> Result<Option<Key>, StoreError> {
        let reissued = self.reissue(key, changes, expires_at, Utc::now());
        Ok(reissued.context("making the session cookie anew")?)
    }

    /// Does nothing: there is no revocation on the server. The browser drops its cookie when told
    /// to, and the times in a copy bound how long that works.
    async fn delete(&self, _: &Key) -> Result<(), StoreError> {
        Ok(())
    }
}
