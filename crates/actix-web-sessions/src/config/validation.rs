//! Checks of cookie settings that browsers would refuse.

use actix_web::cookie::SameSite;

use super::Config;
use crate::cookie::{self, MAX_COOKIE};
use crate::error::ConfigError;

/// Returns an error about a setting unless its value is allowed.
pub fn ensure(
    allowed: bool,
    setting: &'static str,
    value: &str,
    rule: &str,
) -> Result<(), ConfigError> {
    if allowed { Ok(()) } else { Err(ConfigError::new(setting, value, rule)) }
}

/// Refuses what browsers would refuse.
pub fn check_cookie(config: &Config) -> Result<(), ConfigError> {
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
    use std::time::Duration;

    use super::super::{Builder, FirstVisit, MAX_AGE};
    use super::*;
    use crate::sessions::Sessions;
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
    fn build_refuses_cookie_settings_browsers_refuse() {
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
