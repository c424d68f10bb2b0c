//! The command line: reads the settings and runs a command.

mod commands;
mod env_file;

use std::process::ExitCode;

use clap::Parser;
use marquee::catalog::import::OptionError;
use marquee::config::{Cli, Command};
use marquee::{db, logging};

use crate::env_file::EnvFile;

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
    let env_file = EnvFile::load()?;
    let cli = Cli::parse();
    logging::init(cli.settings.log_format);
    let settings = cli.settings.validate()?;
    db::start_runtime()?;
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
            Command::Operators(operators) => commands::operators::run(&settings, operators).await,
            command @ (Command::Show(_)
            | Command::Edit(_)
            | Command::Remove(_)
            | Command::Restore(_)
            | Command::Merge(_)
            | Command::History(_)
            | Command::Undo(_)) => commands::records::run(&settings, command).await,
            Command::Check(options) => commands::check::run(&settings, &options, &env_file).await,
        }
    })
}
