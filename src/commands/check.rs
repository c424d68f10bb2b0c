//! `marquee check`: prints the effective settings; with `--deploy`, also what is unsafe in production.

mod connections;
mod names;
mod settings;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use marquee::config::{Check, Cli, Settings};

use crate::env_file::EnvFile;

/// Settings whose values are not printed.
const SECRET: [&str; 5] = [
    "DATABASE_URL",
    "DATABASE_REPLICA_URL",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SESSION_CACHE_URL",
];

pub async fn run(settings: &Settings, options: &Check, file: &EnvFile) -> anyhow::Result<()> {
    if options.routes {
        for row in marquee::web::admin_routes() {
            println!("{row}");
        }
        return Ok(());
    }
    let matches = Cli::command().get_matches();
    // Fails unless these are the settings that were validated.
    Cli::from_arg_matches(&matches)?;
    for (name, value, source) in effective_settings(&matches) {
        println!("{name}={value}{source}");
    }
    if !options.deploy {
        return Ok(());
    }
    let mut warnings = names::warnings(&file.names);
    warnings.extend(settings::warnings(settings).into_iter().map(str::to_owned));
    let (more, errors) = connections::check(settings).await;
    warnings.extend(more);
    println!();
    for error in &errors {
        println!("ERROR: {error}");
    }
    for warning in &warnings {
        println!("WARNING: {warning}");
    }
    println!("errors: {}, warnings: {}", errors.len(), warnings.len());
    anyhow::ensure!(errors.is_empty(), "the site would not work with these settings");
    Ok(())
}

/// Returns the name and value of each setting, and where the value comes from unless it is the default.
fn effective_settings(matches: &ArgMatches) -> Vec<(String, String, &'static str)> {
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
