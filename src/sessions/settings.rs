//! The settings of sessions, with Django's names, defaults and effects.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::cookie;
use actix_web_sessions::stores::Memory;
use actix_web_sessions::{Builder, Sessions};
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

/// Where a visitor's first page is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FirstVisit {
    /// In the store, as Django does.
    Stored,
    /// Encrypted in the cookie, until the visitor comes back.
    Sealed,
}

/// A secret of the operator's; no log line and no `check` can show it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    fn as_str(&self) -> &str {
        &self.0
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

/// Every setting of sessions. Each field's documentation is its `--help` text.
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

    /// Where a visitor's first page is remembered; `sealed` needs `SECRET_KEY`
    #[arg(long, env, global = true, value_enum, default_value = "stored")]
    pub session_first_visit: FirstVisit,

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
    /// Whether sessions are kept in cookies, for which there must be a secret.
    pub fn needs_secret(&self) -> bool {
        self.session_engine == EngineName::SignedCookies
            || self.session_first_visit == FirstVisit::Sealed
    }

    /// Applies every setting but those that choose the store.
    pub(super) fn apply(&self, builder: Builder) -> Builder {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let age = u64::try_from(self.session_cookie_age).unwrap_or_default();
        let builder = builder
            .cookie_name(&self.session_cookie_name)
            .cookie_age(Duration::from_secs(age))
            .cookie_domain(self.session_cookie_domain.clone())
            .cookie_path(&self.session_cookie_path)
            .cookie_secure(self.session_cookie_secure)
            .cookie_http_only(self.session_cookie_httponly)
            .cookie_same_site(match self.session_cookie_samesite {
                SameSite::Lax => Some(cookie::SameSite::Lax),
                SameSite::Strict => Some(cookie::SameSite::Strict),
                SameSite::None => Some(cookie::SameSite::None),
                SameSite::False => None,
            })
            .expire_at_browser_close(self.session_expire_at_browser_close)
            .save_every_request(self.session_save_every_request)
            .touch_threshold(seconds(self.session_touch_threshold))
            .absolute_age(Some(seconds(self.session_absolute_age)).filter(|age| !age.is_zero()));
        if !self.needs_secret() {
            return builder;
        }
        let builder = match self.session_first_visit {
            FirstVisit::Stored => builder,
            FirstVisit::Sealed => builder.first_visit(actix_web_sessions::FirstVisit::Sealed),
        };
        let current = self.secret_key.iter().map(Secret::as_str);
        let fallbacks = self.secret_key_fallbacks.iter().map(Secret::as_str);
        // Fallbacks alone are an error: they must not encrypt.
        let missing = self.secret_key.is_none() && !self.secret_key_fallbacks.is_empty();
        builder.secret_keys(missing.then_some("").into_iter().chain(current).chain(fallbacks))
    }

    /// Refuses what browsers would refuse, before the first visitor finds out.
    ///
    /// # Errors
    /// Names the setting, the value and what is allowed.
    pub fn validate(&self) -> anyhow::Result<()> {
        let cookie = Self {
            session_engine: EngineName::Db,
            session_first_visit: FirstVisit::Stored,
            ..self.clone()
        };
        cookie.apply(Sessions::builder(Memory::new())).build()?;
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
    fn cookie_settings_browsers_refuse_fail_at_start() {
        for (args, named) in [
            (&["--session-cookie-name="][..], "SESSION_COOKIE_NAME"),
            (&["--session-cookie-name=a b"], "SESSION_COOKIE_NAME"),
            (&["--session-cookie-domain=com"], "SESSION_COOKIE_DOMAIN"),
            (&["--session-cookie-name=__host-id"], "SESSION_COOKIE_NAME"),
            (&["--session-cookie-name=__Secure-id"], "SESSION_COOKIE_NAME"),
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
