//! The settings, with Django's names, defaults and effects.

mod validation;

use std::env;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::cookie::SameSite;
use actix_web::dev::RequestHead;

use self::validation::{check_cookie, ensure};
use crate::error::ConfigError;
use crate::expiry::Policy;
use crate::import::{DynImporter, Importer};
use crate::observer::Observer;
use crate::sealed::{MIN_SECRET, Sealer};
use crate::sessions::{Backend, Sessions};

/// Ten years. Browsers limit a cookie's age anyway, as a rule to 400 days.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(315_360_000);

/// The place where the session of a new client is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FirstVisit {
    /// In the store, as Django does.
    #[default]
    Stored,
    /// Encrypted in the cookie, until the client has returned it and writes again: clients that
    /// return no cookie cause no store call.
    Sealed,
}

/// Selects requests that get no session.
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

/// Builds [`Sessions`]. All settings default to those of Django.
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
        /// The lifetime of a session after its last write (`SESSION_COOKIE_AGE`, two weeks).
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
        /// The minimum gain for which a request without changes extends the session
        /// (`SESSION_TOUCH_THRESHOLD`, zero).
        touch_threshold: Duration;
        /// The place where the session of a new client is stored (`SESSION_FIRST_VISIT`, stored).
        /// [`FirstVisit::Sealed`] needs [`Builder::secret_keys`].
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

    /// Ends each session after this time, even if it is used (`SESSION_ABSOLUTE_AGE`).
    #[must_use]
    pub fn absolute_age(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.config.absolute_age = age.into();
        self
    }

    /// The secrets for sessions in cookies: the first one encrypts, all of them decrypt
    /// (`SECRET_KEY`, `SECRET_KEY_FALLBACKS`). White space around them is ignored.
    #[must_use]
    pub fn secret_keys(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.secrets = keys.into_iter().map(|key| key.into().trim().to_owned()).collect();
        self
    }

    /// Gives no session, no cookie and no `Vary` to requests without a session cookie for which
    /// `exclude` returns true, such as [`declared_crawler`](crate::declared_crawler).
    #[must_use]
    pub fn exclude(
        mut self,
        exclude: impl Fn(&RequestHead) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.config.exclude = Some(Arc::new(exclude));
        self
    }

    /// Imports sessions of another framework when a client sends their cookies.
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

    /// Checks the settings and returns the middleware.
    ///
    /// # Errors
    /// When a setting is invalid; the error has its name, its value and the allowed values.
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
