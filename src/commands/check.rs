//! `marquee check`: the settings in force, and what is unsafe about them in production.

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use marquee::config::{Check, Cli, Settings};
use marquee::sessions::{EngineName, SameSite};

/// Settings whose values are nobody's business.
const SECRET: [&str; 4] =
    ["DATABASE_URL", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "SESSION_CACHE_URL"];

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
            settings.allowed_hosts.is_empty() || settings.allowed_hosts.iter().any(|h| h == "*"),
            "ALLOWED_HOSTS is open: the site answers under any name that somebody points at it.",
        ),
        (
            settings.public_url.is_none(),
            "PUBLIC_URL is unset: feeds, site map and link previews name the site as each request \
             does.",
        ),
        (
            settings.database_url.is_none(),
            "DATABASE_URL is unset: the private database has no backup and no second machine.",
        ),
    ];
    checks.into_iter().filter(|(unsafe_now, _)| *unsafe_now).map(|(_, text)| text).collect()
}
