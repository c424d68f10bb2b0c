//! The settings, with Django's names, defaults and effects.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, ValueEnum};

/// Where sessions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum EngineName {
    /// One row a session in Postgres.
    Db,
    /// In a cache and nowhere else.
    Cache,
    /// In Postgres, with copies in a cache for reading.
    CachedDb,
    /// One file a session in a folder.
    File,
    /// The session itself in the cookie, encrypted.
    SignedCookies,
    /// No sessions: nothing is remembered.
    None,
}

/// The cookie's `SameSite` attribute; `False` leaves it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SameSite {
    Lax,
    Strict,
    None,
    False,
}

/// A secret of the operator's; no log line and no `check` can show it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("…")
    }
}

/// Every setting of the framework. Each field's documentation is its `--help` text.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sessions")]
pub struct SessionConfig {
    /// Where sessions are kept
    #[arg(long, env, global = true, value_enum, default_value = "db")]
    pub session_engine: EngineName,

    /// Name of the cookie
    #[arg(long, env, global = true, default_value = "sessionid")]
    pub session_cookie_name: String,

    /// Seconds that a session lives after its last change; 0 ends it at once
    #[arg(long, env, global = true, default_value_t = 1_209_600,
          value_parser = clap::value_parser!(i64).range(0..=315_360_000))]
    pub session_cookie_age: i64,

    /// Domain that the cookie is sent to; unset: this host only
    #[arg(long, env, global = true)]
    pub session_cookie_domain: Option<String>,

    /// Path that the cookie is sent to
    #[arg(long, env, global = true, default_value = "/")]
    pub session_cookie_path: String,

    /// Send the cookie over HTTPS only
    #[arg(long, env, global = true, default_value_t = false, action = ArgAction::Set,
          value_parser = BoolishValueParser::new())]
    pub session_cookie_secure: bool,

    /// Keep the cookie from scripts
    #[arg(long, env, global = true, default_value_t = true, action = ArgAction::Set,
          value_parser = BoolishValueParser::new())]
    pub session_cookie_httponly: bool,

    /// Whether requests from other sites carry the cookie
    #[arg(long, env, global = true, value_enum, default_value = "lax", ignore_case = true)]
    pub session_cookie_samesite: SameSite,

    /// Let the cookie, not the session, end with the browser
    #[arg(long, env, global = true, default_value_t = false, action = ArgAction::Set,
          value_parser = BoolishValueParser::new())]
    pub session_expire_at_browser_close: bool,

    /// Prolong every live session at every request, changed or not
    #[arg(long, env, global = true, default_value_t = false, action = ArgAction::Set,
          value_parser = BoolishValueParser::new())]
    pub session_save_every_request: bool,

    /// Seconds that a session's life must have run down before a request that changes nothing
    /// prolongs it; 0: at each
    #[arg(long, env, global = true, default_value_t = 0)]
    pub session_touch_threshold: u32,

    /// Cache of the engines cache and `cached_db`: `memory://`, `redis://host` or
    /// `rediss://host`
    #[arg(long, env, global = true, default_value = "memory://", hide_env_values = true)]
    pub session_cache_url: String,

    /// Folder of the sessions in files; unset: the system's folder for temporary files
    #[arg(long, env, global = true)]
    pub session_file_path: Option<PathBuf>,

    /// Encrypts sessions in cookies; 32 characters or more
    #[arg(long, env, global = true, hide_env_values = true)]
    pub secret_key: Option<Secret>,

    /// Former secret keys, with commas between, whose cookies are still read
    #[arg(long, env, global = true, hide_env_values = true, value_delimiter = ',')]
    pub secret_key_fallbacks: Vec<Secret>,

    /// Seconds after which a session ends however often it is used; 0: no such limit
    #[arg(long, env, global = true, default_value_t = 0)]
    pub session_absolute_age: u32,

    /// Seconds between two sweeps of expired sessions; 0: `clear-sessions` is run otherwise
    #[arg(long, env, global = true, default_value_t = 3600)]
    pub session_sweep_interval: u32,
}

impl SessionConfig {
    /// The limit of `SESSION_ABSOLUTE_AGE`.
    pub fn absolute_age(&self) -> Option<Duration> {
        (self.session_absolute_age > 0)
            .then(|| Duration::from_secs(self.session_absolute_age.into()))
    }

    /// A session that lives longer than until then is fresh enough when `expires_at` is wanted.
    pub fn due(&self, expires_at: DateTime<Utc>) -> DateTime<Utc> {
        let threshold = TimeDelta::seconds(self.session_touch_threshold.into());
        expires_at.checked_sub_signed(threshold).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    /// Refuses what browsers would refuse, before the first visitor finds out.
    ///
    /// # Errors
    /// Names the setting, the value and what is allowed.
    pub fn validate(&self) -> anyhow::Result<()> {
        let name = &self.session_cookie_name;
        // RFC 6265 §4.1.1: a cookie's name is a token.
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        ensure!(
            !name.is_empty() && name.bytes().all(token),
            "SESSION_COOKIE_NAME={name:?}: use letters, digits, - and _"
        );
        for (setting, value) in [
            ("SESSION_COOKIE_PATH", Some(&self.session_cookie_path)),
            ("SESSION_COOKIE_DOMAIN", self.session_cookie_domain.as_ref()),
        ] {
            let clean = |text: &String| text.bytes().all(|b| b.is_ascii_graphic() && b != b';');
            ensure!(
                value.is_none_or(|text| clean(text) && !text.is_empty()),
                "{setting}={value:?}: use printable ASCII without spaces and semicolons"
            );
        }
        ensure!(
            self.session_cookie_path.starts_with('/'),
            "SESSION_COOKIE_PATH={:?}: it must begin with /",
            self.session_cookie_path
        );
        ensure!(
            i64::from(self.session_touch_threshold) <= self.session_cookie_age,
            "SESSION_TOUCH_THRESHOLD={}: it must not exceed SESSION_COOKIE_AGE={}",
            self.session_touch_threshold,
            self.session_cookie_age
        );
        let secure = self.session_cookie_secure;
        ensure!(
            secure || self.session_cookie_samesite != SameSite::None,
            "SESSION_COOKIE_SAMESITE=none: browsers want SESSION_COOKIE_SECURE=true with it"
        );
        ensure!(
            secure || !name.starts_with("__Secure-"),
            "SESSION_COOKIE_NAME={name:?}: __Secure- wants SESSION_COOKIE_SECURE=true"
        );
        let host_only =
            secure && self.session_cookie_path == "/" && self.session_cookie_domain.is_none();
        ensure!(
            host_only || !name.starts_with("__Host-"),
            "SESSION_COOKIE_NAME={name:?}: __Host- wants SESSION_COOKIE_SECURE=true, \
             SESSION_COOKIE_PATH=/ and no SESSION_COOKIE_DOMAIN"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        sessions: SessionConfig,
    }

    fn refused(args: &[&str]) -> String {
        let args = std::iter::once("program").chain(args.iter().copied());
        match Program::try_parse_from(args) {
            Err(error) => error.to_string(),
            Ok(program) => {
                program.sessions.validate().map_or_else(|e| e.to_string(), |()| "".into())
            }
        }
    }

    #[test]
    fn defaults_are_djangos() {
        let config = Program::parse_from(["program"]).sessions;
        assert_eq!(config.session_cookie_name, "sessionid");
        assert_eq!(config.session_cookie_age, 14 * 24 * 3600);
        assert_eq!(config.session_cookie_samesite, SameSite::Lax);
        assert!(config.session_cookie_httponly && !config.session_cookie_secure);
    }

    #[test]
    fn what_browsers_refuse_is_refused_at_the_start() {
        for (args, named) in [
            (&["--session-cookie-name="][..], "SESSION_COOKIE_NAME"),
            (&["--session-cookie-name=a b"], "SESSION_COOKIE_NAME"),
            (&["--session-cookie-name=__Host-id"], "__Host-"),
            (&["--session-cookie-name=__Secure-id"], "__Secure-"),
            (&["--session-cookie-samesite=none"], "SESSION_COOKIE_SAMESITE"),
            (&["--session-cookie-samesite=bogus"], "--session-cookie-samesite"),
            (&["--session-cookie-path=app"], "SESSION_COOKIE_PATH"),
            (&["--session-cookie-domain=a;b"], "SESSION_COOKIE_DOMAIN"),
            (&["--session-cookie-age=-5"], "--session-cookie-age"),
            (&["--session-cookie-age=9", "--session-touch-threshold=10"], "TOUCH_THRESHOLD"),
        ] {
            assert!(refused(args).contains(named), "{args:?}: {}", refused(args));
        }
        assert_eq!(
            refused(&["--session-cookie-name=__Host-id", "--session-cookie-secure=true"]),
            ""
        );
    }
}
