//! `marquee check`: the settings in force, and what is unsafe about them in production.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use marquee::config::{Check, Cli, Settings};
use marquee::db::{Server, is_near};
use marquee::sessions::{EngineName, SameSite, Secret};
use redis::{ConnectionAddr, IntoConnectionInfo};

/// Settings whose values are nobody's business.
const SECRET: [&str; 5] = [
    "DATABASE_URL",
    "DATABASE_REPLICA_URL",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SESSION_CACHE_URL",
];

pub fn run(settings: &Settings, options: &Check) -> anyhow::Result<()> {
    let matches = Cli::command().get_matches();
    // Proves that these are the settings that were checked.
    Cli::from_arg_matches(&matches)?;
    for (name, value, source) in in_force(&matches) {
        println!("{name}={value}{source}");
    }
    if options.deploy {
        let warnings = warnings(settings);
        println!();
        for warning in &warnings {
            println!("WARNING: {warning}");
        }
        println!(
            "{} found for production.",
            match warnings.len() {
                0 => "Nothing".to_owned(),
                1 => "1 warning".to_owned(),
                many => format!("{many} warnings"),
            }
        );
    }
    Ok(())
}

/// Name, value, and where it is from unless it is the default.
fn in_force(matches: &ArgMatches) -> Vec<(String, String, &'static str)> {
    let command = Cli::command();
    let settings = command.get_arguments().filter_map(|arg| {
        let name = arg.get_env()?.to_str()?.to_owned();
        let id = arg.get_id().as_str();
        let values = matches.get_raw(id).into_iter().flatten();
        let value = values.map(|value| value.to_string_lossy()).collect::<Vec<_>>().join(",");
        let source = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => "    # command line",
            Some(ValueSource::EnvVariable) => "    # environment",
            _ => "",
        };
        let hidden = SECRET.contains(&name.as_str()) && !value.is_empty();
        Some((name, if hidden { "…".to_owned() } else { value }, source))
    });
    settings.collect()
}

/// As Django's `check --deploy`, with the same reasons.
fn warnings(settings: &Settings) -> Vec<&'static str> {
    let sessions = &settings.sessions;
    if sessions.session_engine == EngineName::None {
        return Vec::new();
    }
    let key = sessions.secret_key.as_ref().map_or(&[][..], Secret::as_bytes);
    let checks = [
        (
            !sessions.session_cookie_secure,
            "SESSION_COOKIE_SECURE is off: whoever listens to a plain connection can take over \
             a visitor's session.",
        ),
        (
            !sessions.session_cookie_httponly,
            "SESSION_COOKIE_HTTPONLY is off: a script that gets into a page can read the cookie.",
        ),
        (
            matches!(sessions.session_cookie_samesite, SameSite::None | SameSite::False),
            "SESSION_COOKIE_SAMESITE lets other sites make requests with the visitor's cookie.",
        ),
        (
            sessions.session_cookie_secure && !sessions.session_cookie_name.starts_with("__Host-"),
            "SESSION_COOKIE_NAME does not begin with __Host-: a neighbouring host can plant a \
             cookie of that name.",
        ),
        (
            sessions.needs_secret() && is_weak(key),
            "SECRET_KEY is unset, has under 50 characters or few different ones: who guesses it \
             makes sessions.",
        ),
        (
            sessions.session_engine == EngineName::Cache
                && sessions.session_cache_url.starts_with("memory:"),
            "SESSION_CACHE_URL=memory:// with SESSION_ENGINE=cache forgets every visitor at each \
             restart.",
        ),
        (
            sessions.session_engine == EngineName::File
                && sessions.session_file_path.as_deref().is_none_or(is_shared),
            "SESSION_FILE_PATH is unset, or other users can write there: use a directory of its \
             own, with mode 700.",
        ),
        (
            settings.allowed_hosts.is_empty() || settings.allowed_hosts.iter().any(|h| h == "*"),
            "ALLOWED_HOSTS is open: the site answers under any name that somebody points at it.",
        ),
        (
            settings.public_url.is_none(),
            "PUBLIC_URL is unset: feeds, site map and link previews name the site as each request \
             does.",
        ),
        (
            settings.host.is_loopback() && settings.trusted_proxies.is_empty(),
            "TRUSTED_PROXIES is unset: a proxy in front speaks for everybody, so RATE_LIMIT holds \
             for nobody.",
        ),
        (
            settings.trusted_proxies.trusts_everybody(),
            "TRUSTED_PROXIES names every address: each client says for itself who it is, so \
             RATE_LIMIT holds for nobody.",
        ),
        (
            settings.database_url.as_ref().is_some_and(|url| is_unverified(url)),
            "DATABASE_URL goes over a network without sslmode=verify-full: somebody in between can \
             read and change everything.",
        ),
        (
            settings.database_replica_url.as_ref().is_some_and(|url| is_unverified(url)),
            "DATABASE_REPLICA_URL goes over a network without sslmode=verify-full: somebody in \
             between can read and change the films.",
        ),
        (
            is_overheard(&sessions.session_cache_url),
            "SESSION_CACHE_URL goes over a network without TLS (rediss://): somebody in between can \
             read and change sessions.",
        ),
        (
            settings.database_url.is_none(),
            "DATABASE_URL is unset: the private database has no backup and no second machine.",
        ),
    ];
    checks.into_iter().filter(|(unsafe_now, _)| *unsafe_now).map(|(_, text)| text).collect()
}

fn is_unverified(url: &str) -> bool {
    url.parse::<Server>().is_ok_and(|server| server.is_unverified())
}

/// By the client's own reading of the address.
fn is_overheard(cache: &str) -> bool {
    let info = cache.into_connection_info();
    info.is_ok_and(|info| matches!(info.addr, ConnectionAddr::Tcp(host, _) if !is_near(&host)))
}

/// Whether other users can write to a directory.
fn is_shared(directory: &Path) -> bool {
    fs::metadata(directory).is_ok_and(|metadata| metadata.permissions().mode() & 0o022 != 0)
}

/// Django's measure of a secret.
fn is_weak(key: &[u8]) -> bool {
    let different: BTreeSet<&u8> = key.iter().collect();
    key.len() < 50 || different.len() < 5
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn each_unsafe_setting_is_named() {
        let safe = [
            "marquee",
            "--session-cookie-secure=true",
            "--session-cookie-name=__Host-sessionid",
            "--allowed-hosts=films.example",
            "--database-url=postgres://host/films?sslmode=verify-full",
            "--public-url=https://films.example",
            "--trusted-proxies=127.0.0.1",
        ];
        let warnings = |flags: &[&str]| {
            warnings(&Cli::parse_from(safe.iter().chain(flags).copied()).settings).join("\n")
        };
        assert_eq!(warnings(&[]), "");
        let strong = format!("--secret-key={}", "0123456789".repeat(5));
        assert_eq!(warnings(&["--session-engine=signed_cookies", &strong]), "");
        for near in ["redis://:x@localhost:6379", "redis://127.0.0.1/2", "redis://[::1]:6379"] {
            assert_eq!(warnings(&[&format!("--session-cache-url={near}")]), "", "{near}");
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
            (&["--trusted-proxies="], "TRUSTED_PROXIES"),
            (&["--trusted-proxies=0.0.0.0/0"], "TRUSTED_PROXIES names"),
            (&["--trusted-proxies=10.0.0.1,::/0"], "TRUSTED_PROXIES names"),
            (&["--database-url=postgres://host/films?sslmode=require"], "DATABASE_URL"),
            (&["--database-replica-url=postgres://host/films"], "DATABASE_REPLICA_URL"),
            (&["--session-cache-url=redis://:x@cache"], "SESSION_CACHE_URL"),
            (&["--session-cache-url=redis://localhost.example"], "SESSION_CACHE_URL"),
        ] {
            assert!(warnings(flags).starts_with(named), "{flags:?}: {}", warnings(flags));
        }
    }
}
