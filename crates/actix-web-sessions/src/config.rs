//! The settings, with Django's names, defaults and effects.

use std::env;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::cookie::SameSite;
use actix_web::dev::RequestHead;

use crate::cookie::{self, MAX_COOKIE};
use crate::error::ConfigError;
use crate::expiry::Policy;
use crate::import::{DynImporter, Importer};
use crate::observer::Observer;
use crate::sealed::{MIN_SECRET, Sealer};
use crate::sessions::{Backend, Sessions};

/// Ten years. Browsers limit a cookie's age anyway, as a rule to 400 days.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(315_360_000);

/// Where the first visit of a client is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FirstVisit {
    /// In the store, as Django does.
    #[default]
    Stored,
    /// Encrypted in the cookie until the client has returned it and writes again: clients that
    /// return no cookie cost no store call.
    Sealed,
}

/// Tells requests that get no session.
pub(crate) type Exclude = Arc<dyn Fn(&RequestHead) -> bool + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Config {
    pub cookie_name: String,
    pub cookie_age: Duration,
    pub cookie_domain: Option<String>,
    pub cookie_path: String,
    pub cookie_secure: bool,
    pub cookie_http_only: bool,
    pub cookie_same_site: Option<SameSite>,
    pub expire_at_browser_close: bool,
    pub save_every_request: bool,
    pub touch_threshold: Duration,
    pub absolute_age: Option<Duration>,
    pub first_visit: FirstVisit,
    pub exclude: Option<Exclude>,
    pub importer: Option<Arc<dyn DynImporter>>,
    pub observer: Option<Arc<dyn Observer>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            cookie_name: "sessionid".to_owned(),
            cookie_age: Duration::from_secs(14 * 86_400),
            cookie_domain: None,
            cookie_path: "/".to_owned(),
            cookie_secure: false,
            cookie_http_only: true,
            cookie_same_site: Some(SameSite::Lax),
            expire_at_browser_close: false,
            save_every_request: false,
            touch_threshold: Duration::ZERO,
            absolute_age: None,
            first_visit: FirstVisit::Stored,
            exclude: None,
            importer: None,
            observer: None,
        }
    }
}

impl Config {
    pub fn policy(&self) -> Policy {
        Policy { age: self.cookie_age, touch_threshold: self.touch_threshold }
    }
}

/// Makes [`Sessions`]. Settings that are not mentioned have Django's defaults.
#[derive(Clone)]
pub struct Builder {
    backend: Backend,
    config: Config,
    secrets: Vec<String>,
}

impl fmt::Debug for Builder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Builder")
            .field("cookie_name", &self.config.cookie_name)
            .finish_non_exhaustive()
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])+ $name:ident: $type:ty;)*) => { $(
        $(#[$doc])+
        #[must_use]
        pub fn $name(mut self, value: $type) -> Self {
            self.config.$name = value;
            self
        }
    )* };
}

impl Builder {
    pub(crate) fn new(backend: Backend) -> Self {
        Self { backend, config: Config::default(), secrets: Vec::new() }
    }

    setters! {
        /// How long a session lives after its last write (`SESSION_COOKIE_AGE`, two weeks).
        cookie_age: Duration;
        /// The domain that the cookie is sent to (`SESSION_COOKIE_DOMAIN`); `None`: this host only.
        cookie_domain: Option<String>;
        /// Sends the cookie over HTTPS only (`SESSION_COOKIE_SECURE`, off).
        cookie_secure: bool;
        /// Keeps the cookie from scripts (`SESSION_COOKIE_HTTPONLY`, on).
        cookie_http_only: bool;
        /// The `SameSite` attribute (`SESSION_COOKIE_SAMESITE`, `Lax`); `None` leaves it out.
        cookie_same_site: Option<SameSite>;
        /// Lets the cookie end with the browser (`SESSION_EXPIRE_AT_BROWSER_CLOSE`, off).
        expire_at_browser_close: bool;
        /// Extends every live session with each request (`SESSION_SAVE_EVERY_REQUEST`, off).
        save_every_request: bool;
        /// How much a session must gain for a request that changes nothing to extend it
        /// (`SESSION_TOUCH_THRESHOLD`, zero).
        touch_threshold: Duration;
        /// Where the first visit of a client is kept (`SESSION_FIRST_VISIT`, stored). Sealed first
        /// visits need [`Builder::secret_keys`].
        first_visit: FirstVisit;
    }

    /// The name of the cookie (`SESSION_COOKIE_NAME`, `sessionid`).
    #[must_use]
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.config.cookie_name = name.into();
        self
    }

    /// The path that the cookie is sent to (`SESSION_COOKIE_PATH`, `/`).
    #[must_use]
    pub fn cookie_path(mut self, path: impl Into<String>) -> Self {
        self.config.cookie_path = path.into();
        self
    }

    /// Ends each session after this time, however often it is used (`SESSION_ABSOLUTE_AGE`).
    #[must_use]
    pub fn absolute_age(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.config.absolute_age = age.into();
        self
    }

    /// The secrets for what is kept in cookies: the first one encrypts, all of them decrypt
    /// (`SECRET_KEY`, `SECRET_KEY_FALLBACKS`). White space around them is ignored.
    #[must_use]
    pub fn secret_keys(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.secrets = keys.into_iter().map(|key| key.into().trim().to_owned()).collect();
        self
    }

    /// Requests without a session cookie for which `exclude` returns true get no session, no cookie
    /// and no `Vary`. [`declared_crawler`](crate::declared_crawler) is one such function.
    #[must_use]
    pub fn exclude(
        mut self,
        exclude: impl Fn(&RequestHead) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.config.exclude = Some(Arc::new(exclude));
        self
    }

    /// Takes over sessions of another framework when their cookies are presented.
    #[must_use]
    pub fn import_from(mut self, importer: impl Importer) -> Self {
        self.config.importer = Some(Arc::new(importer));
        self
    }

    /// Reports each store call, for metrics.
    #[must_use]
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.config.observer = Some(Arc::new(observer));
        self
    }

    /// Reads the settings that are present in the environment, under Django's names.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn env(mut self) -> Result<Self, ConfigError> {
        let config = &mut self.config;
        let text = |text: &str| Some(text.to_owned());
        let optional = |age: Duration| Some(age).filter(|age| !age.is_zero());
        read(&mut config.cookie_name, "SESSION_COOKIE_NAME", "", text)?;
        read(&mut config.cookie_age, "SESSION_COOKIE_AGE", SECONDS, seconds)?;
        read(&mut config.cookie_domain, "SESSION_COOKIE_DOMAIN", "", |domain| {
            Some(text(domain).filter(|domain| !domain.is_empty()))
        })?;
        read(&mut config.cookie_path, "SESSION_COOKIE_PATH", "", text)?;
        read(&mut config.cookie_secure, "SESSION_COOKIE_SECURE", BOOLEAN, boolean)?;
        read(&mut config.cookie_http_only, "SESSION_COOKIE_HTTPONLY", BOOLEAN, boolean)?;
        read(&mut config.cookie_same_site, "SESSION_COOKIE_SAMESITE", SAME_SITE, same_site)?;
        let closes = &mut config.expire_at_browser_close;
        read(closes, "SESSION_EXPIRE_AT_BROWSER_CLOSE", BOOLEAN, boolean)?;
        read(&mut config.save_every_request, "SESSION_SAVE_EVERY_REQUEST", BOOLEAN, boolean)?;
        read(&mut config.touch_threshold, "SESSION_TOUCH_THRESHOLD", SECONDS, seconds)?;
        read(&mut config.absolute_age, "SESSION_ABSOLUTE_AGE", SECONDS, |age| {
            seconds(age).map(optional)
        })?;
        read(&mut config.first_visit, "SESSION_FIRST_VISIT", "use stored or sealed", |visit| {
            match visit {
                "stored" => Some(FirstVisit::Stored),
                "sealed" => Some(FirstVisit::Sealed),
                _ => None,
            }
        })?;
        if let Ok(key) = env::var("SECRET_KEY") {
            let fallbacks = env::var("SECRET_KEY_FALLBACKS").unwrap_or_default();
            let fallbacks = fallbacks.split(',').filter(|_| !fallbacks.trim().is_empty());
            return Ok(self.secret_keys([key.as_str()].into_iter().chain(fallbacks)));
        }
        Ok(self)
    }

    /// Checks the settings, and makes the middleware.
    ///
    /// # Errors
    /// Names the setting, its value, and what is allowed.
    pub fn build(self) -> Result<Sessions, ConfigError> {
        let Self { backend, config, secrets } = self;
        check_cookie(&config)?;
        for (setting, age) in [
            ("SESSION_COOKIE_AGE", config.cookie_age),
            ("SESSION_ABSOLUTE_AGE", config.absolute_age.unwrap_or_default()),
        ] {
            ensure(
                age <= MAX_AGE,
                setting,
                &age.as_secs().to_string(),
                "use at most 315360000 (ten years)",
            )?;
        }
        ensure(
            config.touch_threshold <= config.cookie_age,
            "SESSION_TOUCH_THRESHOLD",
            &config.touch_threshold.as_secs().to_string(),
            "use at most SESSION_COOKIE_AGE",
        )?;
        for (position, secret) in secrets.iter().enumerate() {
            let setting = if position == 0 { "SECRET_KEY" } else { "SECRET_KEY_FALLBACKS" };
            let rule = format!("use at least {MIN_SECRET} bytes, not {}", secret.len());
            ensure(secret.len() >= MIN_SECRET, setting, "", &rule)?;
        }
        let client_side = matches!(backend, Backend::ClientSide);
        let sealer = if client_side || config.first_visit == FirstVisit::Sealed {
            ensure(!secrets.is_empty(), "SECRET_KEY", "", "sessions in cookies need a secret")?;
            Some(Sealer::new(&secrets, &config.cookie_name)?)
        } else {
            None
        };
        Ok(Sessions::assemble(backend, config, sealer))
    }
}

const SECONDS: &str = "use a whole number of seconds";
const BOOLEAN: &str = "use true or false";
const SAME_SITE: &str = "use Lax, Strict, None or False";

/// Reads a setting, if it is present.
fn read<T>(
    target: &mut T,
    setting: &'static str,
    rule: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<(), ConfigError> {
    match env::var(setting) {
        Ok(text) => match parse(text.trim()) {
            Some(value) => *target = value,
            None => return Err(ConfigError::new(setting, text, rule)),
        },
        Err(env::VarError::NotPresent) => {}
        Err(env::VarError::NotUnicode(_)) => {
            return Err(ConfigError::new(setting, "", "use UTF-8"));
        }
    }
    Ok(())
}

fn same_site(text: &str) -> Option<Option<SameSite>> {
    match text.to_ascii_lowercase().as_str() {
        "lax" => Some(Some(SameSite::Lax)),
        "strict" => Some(Some(SameSite::Strict)),
        "none" => Some(Some(SameSite::None)),
        "false" => Some(None),
        _ => None,
    }
}

fn seconds(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_secs)
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn ensure(
    allowed: bool,
    setting: &'static str,
    value: &str,
    rule: &str,
) -> Result<(), ConfigError> {
    if allowed { Ok(()) } else { Err(ConfigError::new(setting, value, rule)) }
}

/// Refuses what browsers would refuse.
fn check_cookie(config: &Config) -> Result<(), ConfigError> {
    let name = &config.cookie_name;
    // RFC 6265 §4.1.1: a cookie's name is a token.
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    ensure(
        !name.is_empty() && name.bytes().all(token),
        "SESSION_COOKIE_NAME",
        name,
        "use letters, digits, - and _",
    )?;
    let path = &config.cookie_path;
    ensure(
        path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';'),
        "SESSION_COOKIE_PATH",
        path,
        "begin with /, and use printable ASCII without spaces and semicolons",
    )?;
    if let Some(domain) = &config.cookie_domain {
        ensure(
            is_domain(domain),
            "SESSION_COOKIE_DOMAIN",
            domain,
            "use a host name with a dot in it, such as example.com, without scheme and port",
        )?;
    }
    let secure = config.cookie_secure;
    ensure(
        secure || config.cookie_same_site != Some(SameSite::None),
        "SESSION_COOKIE_SAMESITE",
        "None",
        "browsers require SESSION_COOKIE_SECURE=true with it",
    )?;
    // Browsers compare prefixes without regard to case.
    let lower = name.to_ascii_lowercase();
    let host = lower.starts_with("__host-");
    let http = lower.starts_with("__http-") || lower.starts_with("__host-http-");
    ensure(
        secure || !(host || http || lower.starts_with("__secure-")),
        "SESSION_COOKIE_NAME",
        name,
        "this prefix requires SESSION_COOKIE_SECURE=true",
    )?;
    ensure(
        !host || (path == "/" && config.cookie_domain.is_none()),
        "SESSION_COOKIE_NAME",
        name,
        "__Host- requires SESSION_COOKIE_PATH=/ and no SESSION_COOKIE_DOMAIN",
    )?;
    ensure(
        !http || config.cookie_http_only,
        "SESSION_COOKIE_NAME",
        name,
        "this prefix requires SESSION_COOKIE_HTTPONLY=true",
    )?;
    let around = cookie::length_around(config);
    ensure(
        around + 256 <= MAX_COOKIE,
        "SESSION_COOKIE_NAME",
        name,
        "name, domain and path leave no room for a value: browsers keep 4096 bytes",
    )
}

/// RFC 1034 §3.5, with at least one dot, as browsers keep no cookie for a top-level domain.
fn is_domain(text: &str) -> bool {
    let name = text.strip_prefix('.').unwrap_or(text);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.contains('.') && name.len() <= 253 && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stores::Memory;

    fn refused(configure: impl FnOnce(Builder) -> Builder) -> String {
        let built = configure(Sessions::builder(Memory::new())).build();
        built.map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn defaults_are_djangos() {
        let config = Config::default();
        assert_eq!(config.cookie_name, "sessionid");
        assert_eq!(config.cookie_age.as_secs(), 14 * 24 * 3600);
        assert_eq!(config.cookie_same_site, Some(SameSite::Lax));
        assert!(config.cookie_http_only && !config.cookie_secure);
    }

    #[test]
    fn build_refuses_what_browsers_refuse() {
        let long = "n".repeat(4090);
        for name in ["", "a b", "__Host-id", "__host-id", "__Secure-id", "__Http-id", &long] {
            let message = refused(|builder| builder.cookie_name(name));
            assert!(message.starts_with("SESSION_COOKIE_NAME="), "{name}: {message}");
        }
        let secure = |name: &'static str| {
            move |builder: Builder| builder.cookie_name(name).cookie_secure(true)
        };
        for name in ["__Host-id", "__Secure-id", "__Http-id", "__Host-Http-id"] {
            assert_eq!(refused(secure(name)), "");
        }
        assert_ne!(refused(|builder| secure("__http-id")(builder).cookie_http_only(false)), "");
        assert_ne!(refused(|builder| secure("__HOST-id")(builder).cookie_path("/app")), "");
        for domain in [
            "https://example.com",
            "example.com:8301",
            "*.example.com",
            "com",
            "..example.com",
            "a;b",
            "",
        ] {
            let message = refused(|builder| builder.cookie_domain(Some(domain.to_owned())));
            assert!(message.starts_with("SESSION_COOKIE_DOMAIN="), "{domain}: {message}");
        }
        for domain in [".example.com", "example.com", "127.0.0.1"] {
            assert_eq!(refused(|builder| builder.cookie_domain(Some(domain.to_owned()))), "");
        }
        assert!(refused(|builder| builder.cookie_path("app")).starts_with("SESSION_COOKIE_PATH="));
        let none = |builder: Builder| builder.cookie_same_site(Some(SameSite::None));
        assert!(refused(none).starts_with("SESSION_COOKIE_SAMESITE="));
        let day = Duration::from_secs(86_400);
        let threshold = |builder: Builder| builder.cookie_age(day).touch_threshold(day * 2);
        assert!(refused(threshold).starts_with("SESSION_TOUCH_THRESHOLD="));
        assert!(
            refused(|builder| builder.cookie_age(MAX_AGE * 2)).starts_with("SESSION_COOKIE_AGE=")
        );
    }

    #[test]
    fn build_refuses_weak_secrets() {
        let good = "0123456789abcdef0123456789abcdef";
        let sealed = |keys: &'static [&'static str]| {
            refused(|builder| {
                builder.first_visit(FirstVisit::Sealed).secret_keys(keys.iter().copied())
            })
        };
        assert!(sealed(&[]).starts_with("SECRET_KEY="));
        assert!(sealed(&[""]).starts_with("SECRET_KEY="));
        assert!(sealed(&["  short  "]).starts_with("SECRET_KEY="));
        let empty = refused(|builder| builder.secret_keys(["", good]));
        assert!(empty.starts_with("SECRET_KEY="), "{empty}");
        let fallback = refused(|builder| builder.secret_keys([good, " "]));
        assert!(fallback.starts_with("SECRET_KEY_FALLBACKS="), "{fallback}");
    }
}
