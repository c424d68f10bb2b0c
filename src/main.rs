//! The command line: reads the settings and calls the library.

mod commands;

use std::process::ExitCode;

use clap::Parser;
use marquee::catalog::import::OptionError;
use marquee::config::{Cli, Command};
use marquee::logging;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("marquee: {error:#}");
            // As for options that cannot be parsed.
            let is_option = error.chain().any(|cause| cause.is::<OptionError>());
            if is_option { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

fn run() -> anyhow::Result<()> {
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => anyhow::bail!(".env: {error}"),
        _ => {}
    }
    let cli = Cli::parse();
    logging::start(cli.settings.log_format);
    let settings = cli.settings.validate()?;
    actix_web::rt::System::new().block_on(async {
        match cli.command.unwrap_or(Command::Serve) {
            Command::Serve => commands::serve::run(settings).await,
            Command::Migrate => commands::migrate::run(&settings).await,
            Command::Import(import) => commands::import::run(&settings, import).await,
            Command::Notices(notices) => commands::notices::run(&settings, notices).await,
            Command::Export(export) => commands::export::run(&settings, export).await,
            Command::ClearSessions(options) => {
                commands::clear_sessions::run(&settings, options).await
            }
            Command::Check(options) => commands::check::run(&settings, &options),
        }
    })
}
