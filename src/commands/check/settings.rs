//! Checks of the settings' values alone, as of Django's `check --deploy`.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use marquee::config::Settings;
use marquee::db::{DatabaseUrl, is_local_host};
use marquee::sessions::{EngineName, SameSite, Secret};
use redis::{ConnectionAddr, IntoConnectionInfo};

pub fn warnings(settings: &Settings) -> Vec<&'static str> {
    let mut checks = site(settings).to_vec();
    if settings.sessions.session_engine != EngineName::None {
        checks.extend(sessions(settings));
    }
    checks.into_iter().filter(|(unsafe_now, _)| *unsafe_now).map(|(_, text)| text).collect()
}

fn site(settings: &Settings) -> [(bool, &'static str); 11] {
    let public_url = settings.public_url.as_ref().map(ToString::to_string);
    let public_host = public_url.as_ref().map(|url| host_of(url));
    let is_unverified = |url: &Option<String>| url.as_ref().is_some_and(|url| is_unverified(url));
    [
        (
            settings.database_url.is_none(),
            "DATABASE_URL is unset: the private Postgres has no backup and no second server.",
        ),
        (
            is_unverified(&settings.database_url),
            "DATABASE_URL crosses a network without sslmode=verify-full: others on the network can \
             read and change all data.",
        ),
        (
            is_unverified(&settings.database_replica_url),
            "DATABASE_REPLICA_URL crosses a network without sslmode=verify-full: others on the \
             network can read and change the films.",
        ),
        (
            settings.allowed_hosts.is_empty() || settings.allowed_hosts.iter().any(|h| h == "*"),
            "ALLOWED_HOSTS allows any name: feeds and links name the site as a request does.",
        ),
        (
            public_host.is_some_and(|host| !is_allowed(host, &settings.allowed_hosts)),
            "PUBLIC_URL names a host that ALLOWED_HOSTS does not allow: links to the site end in an \
             error page.",
        ),
        (
            settings.public_url.is_none(),
            "PUBLIC_URL is unset: feeds, site map and link previews name the site as each request \
             does.",
        ),
        (
            settings.public_url.as_ref().is_some_and(|url| !url.is_https()),
            "PUBLIC_URL is not https: sessions and forms can be read and changed on the way.",
        ),
        (
            settings.host.is_loopback() && settings.trusted_proxies.is_empty(),
            "TRUSTED_PROXIES is unset: all visitors behind a proxy count as one local client, which \
             RATE_LIMIT exempts.",
        ),
        (
            settings.trusted_proxies.trusts_everybody(),
            "TRUSTED_PROXIES contains all addresses: any client can claim any address and evade \
             RATE_LIMIT.",
        ),
        (settings.rate_limit == 0, "RATE_LIMIT is 0: one client can occupy the site."),
        (
            settings.metrics_address.is_none(),
            "METRICS_ADDRESS is unset: /metrics and /readyz are public unless the proxy blocks them.",
        ),
    ]
}

fn sessions(settings: &Settings) -> [(bool, &'static str); 8] {
    let sessions = &settings.sessions;
    let engine = sessions.session_engine;
    let in_memory = sessions.session_cache_url.starts_with("memory:");
    let key = sessions.secret_key.as_ref().map_or(&[][..], Secret::as_bytes);
    [
        (
            !sessions.session_cookie_secure,
            "SESSION_COOKIE_SECURE is off: over plain HTTP others can take over a visitor's session.",
        ),
        (
            !sessions.session_cookie_httponly,
            "SESSION_COOKIE_HTTPONLY is off: a script injected into a page can read the cookie.",
        ),
        (
            matches!(sessions.session_cookie_samesite, SameSite::None | SameSite::False),
            "SESSION_COOKIE_SAMESITE lets other sites send requests with the visitor's cookie.",
        ),
        (
            sessions.session_cookie_secure && !sessions.session_cookie_name.starts_with("__Host-"),
            "SESSION_COOKIE_NAME does not start with __Host-: other hosts of the domain can plant a \
             cookie of that name.",
        ),
        (
            sessions.needs_secret() && is_weak(key),
            "SECRET_KEY is unset, shorter than 50 characters, or has fewer than 5 distinct ones: \
             whoever guesses it can forge sessions.",
        ),
        (
            engine == EngineName::Cache && in_memory,
            "SESSION_CACHE_URL=memory:// with SESSION_ENGINE=cache loses all sessions at each \
             restart, and processes do not share them.",
        ),
        (
            matches!(engine, EngineName::Cache | EngineName::CachedDb)
                && is_unencrypted(&sessions.session_cache_url),
            "SESSION_CACHE_URL crosses a network without TLS (rediss://): others on the network can \
             read and change sessions.",
        ),
        (
            engine == EngineName::File
                && sessions.session_file_path.as_deref().is_none_or(is_shared),
            "SESSION_FILE_PATH is unset, or other users can write there: use a directory of its own, \
             with mode 700.",
        ),
    ]
}

/// Returns the host in `scheme://host:port`.
fn host_of(url: &str) -> &str {
    let host = url.split_once("://").map_or(url, |(_, host)| host);
    match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    }
}

/// Matches as Django does: `.example.com` allows the domain and its subdomains.
fn is_allowed(host: &str, allowed: &[String]) -> bool {
    allowed.is_empty()
        || allowed.iter().any(|allowed| match allowed.strip_prefix('.') {
            Some(domain) => host == domain || host.ends_with(allowed.as_str()),
            None => allowed == "*" || allowed == host,
        })
}

fn is_unverified(url: &str) -> bool {
    url.parse::<DatabaseUrl>().is_ok_and(|url| url.is_unverified())
}

/// Parses the address with the client's own parser.
fn is_unencrypted(cache: &str) -> bool {
    let info = cache.into_connection_info();
    info.is_ok_and(
        |info| matches!(info.addr, ConnectionAddr::Tcp(host, _) if !is_local_host(&host)),
    )
}

/// Reports whether other users can write to a directory.
fn is_shared(directory: &Path) -> bool {
    fs::metadata(directory).is_ok_and(|metadata| metadata.permissions().mode() & 0o022 != 0)
}

/// Applies Django's rule for weak secrets.
fn is_weak(key: &[u8]) -> bool {
    let distinct: BTreeSet<&u8> = key.iter().collect();
    key.len() < 50 || distinct.len() < 5
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use marquee::config::Cli;

    use super::*;

    #[test]
    fn unsafe_settings_are_named() {
        let safe = [
            "marquee",
            "--session-cookie-secure=true",
            "--session-cookie-name=__Host-sessionid",
            "--allowed-hosts=films.example,.more.example",
            "--database-url=postgres://host/films?sslmode=verify-full",
            "--public-url=https://films.example",
            "--trusted-proxies=127.0.0.1",
            "--metrics-address=127.0.0.1:9080",
        ];
        let warnings = |flags: &[&str]| {
            warnings(&Cli::parse_from(safe.iter().chain(flags).copied()).settings).join("\n")
        };
        assert_eq!(warnings(&[]), "");
        assert_eq!(warnings(&["--public-url=https://a.more.example:8443"]), "");
        let strong = format!("--secret-key={}", "0123456789".repeat(5));
        assert_eq!(warnings(&["--session-engine=signed_cookies", &strong]), "");
        for near in ["redis://:x@localhost:6379", "redis://127.0.0.1/2", "redis://[::1]:6379"] {
            let url = format!("--session-cache-url={near}");
            assert_eq!(warnings(&["--session-engine=cache", &url]), "", "{near}");
        }
        for (flags, named) in [
            (&["--session-cookie-secure=false"][..], "SESSION_COOKIE_SECURE"),
            (&["--session-cookie-httponly=false"], "SESSION_COOKIE_HTTPONLY"),
            (&["--session-cookie-samesite=none"], "SESSION_COOKIE_SAMESITE"),
            (&["--session-cookie-name=sessionid"], "SESSION_COOKIE_NAME"),
            (&["--session-engine=signed_cookies"], "SECRET_KEY"),
            (&["--session-engine=cache"], "SESSION_CACHE_URL"),
            (&["--session-engine=file"], "SESSION_FILE_PATH"),
            (&["--session-engine=file", "--session-file-path=/tmp"], "SESSION_FILE_PATH"),
            (&["--allowed-hosts=*"], "ALLOWED_HOSTS"),
            (&["--public-url=https://other.example"], "PUBLIC_URL names a host"),
            (&["--public-url=http://films.example"], "PUBLIC_URL is not https"),
            (&["--trusted-proxies="], "TRUSTED_PROXIES is unset"),
            (&["--trusted-proxies=10.0.0.1,::/0"], "TRUSTED_PROXIES contains"),
            (&["--trusted-proxies=0.0.0.0/0"], "TRUSTED_PROXIES contains"),
            (&["--rate-limit=0"], "RATE_LIMIT"),
            (&["--database-url=postgres://host/films?sslmode=require"], "DATABASE_URL"),
            (&["--database-replica-url=postgres://host/films"], "DATABASE_REPLICA_URL"),
            (
                &["--session-engine=cache", "--session-cache-url=redis://:x@cache"],
                "SESSION_CACHE_URL",
            ),
            (
                &["--session-engine=cached_db", "--session-cache-url=redis://localhost.example"],
                "SESSION_CACHE_URL",
            ),
        ] {
            assert!(warnings(flags).starts_with(named), "{flags:?}: {}", warnings(flags));
        }
        let unset = ["marquee", "--database-url=postgres://localhost/films"];
        let unset = super::warnings(&Cli::parse_from(unset).settings).join("\n");
        for named in ["ALLOWED_HOSTS", "PUBLIC_URL is unset", "METRICS_ADDRESS"] {
            assert!(unset.contains(named), "{named}: {unset}");
        }
    }
}
