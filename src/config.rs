//! The program's commands and settings: flags, environment and `.env` are one definition.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use crate::catalog::import::Format;
use crate::db::Server;
use crate::logging::LogFormat;
use crate::sessions::SessionConfig;
use crate::web::http::client::Proxies;
use crate::web::http::host;
use crate::web::http::origin::Origin;

/// A movie site that remembers each visitor without an account
#[derive(Debug, Parser)]
#[command(name = "marquee", version, args_override_self = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the site (what happens without a command)
    Serve,
    /// Bring the database schema up to date
    Migrate,
    /// Import films from files of many forms
    Import(Import),
    /// Write the whole catalogue in the form that `import` reads best
    Export(Export),
    /// Show, set and remove the notices at the head of every page
    Notices(Notices),
    /// Remove expired sessions
    #[command(alias = "clearsessions")]
    ClearSessions(ClearSessions),
    /// Show the settings in force, and stop at wrong ones
    Check(Check),
}

#[derive(Debug, Clone, Copy, Args)]
pub struct ClearSessions {
    /// Count them only
    #[arg(long)]
    pub dry_run: bool,

    /// Sessions removed in one transaction
    #[arg(long, value_name = "N", default_value_t = 1000,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub batch: u16,

    /// Begin no batch after so many seconds
    #[arg(long, value_name = "N")]
    pub max_seconds: Option<u64>,
}

#[derive(Debug, Args)]
pub struct Notices {
    /// Without one, all notices are listed
    #[command(subcommand)]
    pub change: Option<ChangeNotice>,
}

#[derive(Debug, Subcommand)]
pub enum ChangeNotice {
    /// Add a notice, or change the one of that name; everybody sees it anew
    Set {
        /// Letters a to z, digits and hyphens
        slug: String,
        text: String,
        /// More urgent than a piece of information
        #[arg(long)]
        warning: bool,
        /// Keep it, but show it to nobody
        #[arg(long)]
        inactive: bool,
    },
    /// Remove a notice
    Remove { slug: String },
}

#[derive(Debug, Clone, Copy, Args)]
pub struct Check {
    /// Warn of what is unsafe in production
    #[arg(long)]
    pub deploy: bool,
}

#[derive(Debug, Args)]
pub struct Import {
    /// Files, folders of .nfo files, or - for standard input; all are imported, or none
    #[arg(required_unless_present = "demo")]
    pub files: Vec<PathBuf>,

    /// Import the demonstration catalogue that the program carries
    #[arg(long, conflicts_with_all = ["files", "replace", "dry_run"])]
    pub demo: bool,

    /// Show what the import would do, without storing anything
    #[arg(long)]
    pub dry_run: bool,

    /// Format of the files; default: detected for each
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Columns of CSV, JSON or XML and the fields they hold, as `title=Name,year=Jahr`
    #[arg(long, value_name = "FIELD=COLUMN", value_delimiter = ',')]
    pub map: Vec<String>,

    /// Import only records with that value, as "Type=Movie" or "Type!=Series"; may be repeated
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    pub r#where: Vec<String>,

    /// Delimiters of several values in one cell, as ";" or "/,"; default: found in each cell
    #[arg(long, value_name = "CHARACTERS")]
    pub separators: Option<String>,

    /// Delimiter of the columns of a table; default: found in its header
    #[arg(long, value_name = "CHARACTER")]
    pub delimiter: Option<char>,

    /// Format of dates, as "%d/%m/%Y"; default: ISO 8601 and other common forms
    #[arg(long, value_name = "FORMAT")]
    pub date_format: Option<String>,

    /// Encoding of the files, as windows-1252; default: UTF-8, or what a file declares
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,

    /// Types of IMDb's titles that count as films
    #[arg(long, value_name = "TYPE", value_delimiter = ',', default_value = "movie,tvMovie")]
    pub title_types: Vec<String>,

    /// Exclude IMDb's films with fewer votes (needs title.ratings)
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub min_votes: u32,

    /// Let blank values remove facts that are stored
    #[arg(long)]
    pub clear_blank: bool,

    /// Remove every film that the files do not hold
    #[arg(long)]
    pub replace: bool,

    /// Let --replace leave fewer than half as many films
    #[arg(long, requires = "replace")]
    pub remove_most: bool,

    /// Name of the list: the source of its texts, and the owner of its `id` values
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,

    /// Licence of texts that do not name one
    #[arg(long, value_name = "LICENCE", default_value = "not stated")]
    pub licence: String,

    /// List every problem, not only the first of each kind
    #[arg(long)]
    pub all_problems: bool,
}

#[derive(Debug, Args)]
pub struct Export {
    /// File to write, compressed if its name ends in .gz; unset: standard output
    pub file: Option<PathBuf>,
}

/// Every general setting. Each field's documentation is its `--help` text.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Address to listen on
    #[arg(long, env, default_value = "127.0.0.1", global = true)]
    pub host: IpAddr,

    /// Port to listen on
    #[arg(long, env, default_value_t = 8080, global = true)]
    pub port: u16,

    /// Threads that answer requests; unset: one for each core
    #[arg(long, env, global = true, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub workers: Option<u16>,

    /// Postgres to use; unset: a private one in `DATA_DIR`
    #[arg(long, env, global = true, hide_env_values = true)]
    pub database_url: Option<String>,

    /// Postgres servers that follow the one of `DATABASE_URL`, to read films from
    #[arg(long, env, global = true, hide_env_values = true)]
    pub database_replica_url: Option<String>,

    /// Connections to Postgres; sessions have five more of their own
    #[arg(long, env, default_value_t = 8, global = true,
          value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub database_pool_size: u16,

    /// Folder of the private Postgres
    #[arg(long, env, default_value = ".marquee", global = true)]
    pub data_dir: PathBuf,

    /// Names the site answers to, with commas between; unset: any
    #[arg(long, env, value_delimiter = ',', global = true)]
    pub allowed_hosts: Vec<String>,

    /// Scheme and host under which visitors find the site; unset: those of each request
    #[arg(long, env, global = true)]
    pub public_url: Option<Origin>,

    /// Proxies in front, as addresses and networks with commas between, whose `X-Forwarded-For`,
    /// `X-Forwarded-Proto` and `Forwarded` count
    #[arg(long, env, global = true, default_value = "")]
    pub trusted_proxies: Proxies,

    /// Forms and searches that one client may send in a minute; 0: any number
    #[arg(long, env, global = true, default_value_t = 600)]
    pub rate_limit: u32,

    /// Requests under way at once, of those that read and of those that send, above which further
    /// ones are answered with 503
    #[arg(long, env, global = true, default_value_t = 512,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub max_requests: u32,

    /// Connections open at once; further ones wait
    #[arg(long, env, global = true, default_value_t = 16_384,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: u32,

    /// Memory for pages that stay as they are until the catalogue changes, in MiB
    #[arg(long, env, global = true, default_value_t = 16,
          value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    pub page_cache_size: u32,

    /// Seconds between the order to stop, from which on `/readyz` fails, and the end of taking
    /// requests
    #[arg(long, env, global = true, default_value_t = 0)]
    pub stop_delay: u16,

    /// Address and port of `/healthz`, `/readyz` and `/metrics`; unset: the site's own
    #[arg(long, env, global = true, value_name = "ADDRESS:PORT")]
    pub metrics_address: Option<SocketAddr>,

    /// Deprecated name of `METRICS_ADDRESS`
    #[arg(long, env, global = true, hide = true)]
    pub admin_address: Option<SocketAddr>,

    /// How lines of the log are written
    #[arg(long, env, global = true, value_enum, default_value = "text")]
    pub log_format: LogFormat,

    #[command(flatten)]
    pub sessions: SessionConfig,
}

impl Settings {
    /// Checks what no single value shows.
    ///
    /// # Errors
    /// Names the setting, the value and what is allowed.
    pub fn validate(mut self) -> anyhow::Result<Self> {
        for (name, url) in [
            ("DATABASE_URL", &mut self.database_url),
            ("DATABASE_REPLICA_URL", &mut self.database_replica_url),
        ] {
            // `DATABASE_URL=` in `.env` means unset.
            *url = url.take().filter(|url| !url.trim().is_empty());
            let Some(url) = url else { continue };
            anyhow::ensure!(
                url.starts_with("postgres://") || url.starts_with("postgresql://"),
                "{name}: it must begin with postgres:// or postgresql://"
            );
            url.parse::<Server>().context(name)?;
        }
        if let Some(address) = self.admin_address.take() {
            log::warn!("ADMIN_ADDRESS is deprecated, use METRICS_ADDRESS instead");
            self.metrics_address.get_or_insert(address);
        }
        self.public_url = self.public_url.filter(Origin::is_known);
        let hosts = self.allowed_hosts.iter().map(|host| host.trim().to_owned());
        self.allowed_hosts = hosts.filter(|host| !host.is_empty()).collect();
        for host in &self.allowed_hosts {
            let name = host.strip_prefix('.').unwrap_or(host);
            let is_name = host::is_valid(name) && host::split(name).1.is_none();
            anyhow::ensure!(
                host == "*" || is_name,
                "ALLOWED_HOSTS: {host:?} is no host; give names without scheme and port, such as \
                 films.example, or .films.example for all below it"
            );
        }
        self.sessions.validate()?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn admin_address_is_an_old_name_of_metrics_address() {
        let metrics_address = |flags: &[&str]| {
            let settings = Cli::parse_from([&["marquee"], flags].concat()).settings;
            settings.validate().unwrap().metrics_address.map(|address| address.port())
        };
        assert_eq!(metrics_address(&[]), None);
        assert_eq!(metrics_address(&["--admin-address=127.0.0.1:1"]), Some(1));
        let both = ["--metrics-address=127.0.0.1:2", "--admin-address=127.0.0.1:1"];
        assert_eq!(metrics_address(&both), Some(2));
    }

    #[test]
    fn an_empty_database_url_is_an_unset_one() {
        let settings = Cli::parse_from(["marquee", "--database-url="]).settings;
        assert_eq!(settings.validate().unwrap().database_url, None);
        let settings = Cli::parse_from(["marquee", "--database-url=mysql://x"]).settings;
        assert!(settings.validate().unwrap_err().to_string().contains("DATABASE_URL"));
    }

    #[test]
    fn allowed_hosts_are_names_without_scheme_and_port() {
        let validate = |host: &str| {
            Cli::parse_from(["marquee", &format!("--allowed-hosts={host}")]).settings.validate()
        };
        for host in
            ["films.example", ".films.example", "*", "127.0.0.1", "[::1]", "a.example,b", ""]
        {
            assert!(validate(host).is_ok(), "{host}");
        }
        for host in [
            "https://films.example",
            "films.example:8080",
            "*.films.example",
            "films.example/",
            "films example",
            "..",
        ] {
            let error = validate(host).unwrap_err().to_string();
            assert!(error.contains("ALLOWED_HOSTS") && error.contains(host), "{error}");
        }
    }
}
