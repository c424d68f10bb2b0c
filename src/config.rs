//! Commands and settings: one definition for flags, environment variables and files of settings.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand};

use crate::catalog::import::Format;
use crate::db::DatabaseUrl;
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

    /// File of settings to load instead of `.env`, such as the `EnvironmentFile` of a systemd unit
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,

    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the site (the default)
    Serve,
    /// Apply pending database migrations
    Migrate,
    /// Import films from JSON, CSV, XML or the files of film databases
    Import(Import),
    /// Export the whole catalogue as JSON lines
    Export(Export),
    /// List, set and remove the notices on top of every page
    Notices(Notices),
    /// Delete expired sessions
    #[command(alias = "clearsessions")]
    ClearSessions(ClearSessions),
    /// Print the effective settings and validate them
    Check(Check),
}

#[derive(Debug, Clone, Copy, Args)]
pub struct ClearSessions {
    /// Only count them
    #[arg(long)]
    pub dry_run: bool,

    /// Number of sessions to delete in one transaction
    #[arg(long, value_name = "N", default_value_t = 1000,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub batch: u16,

    /// Start no transaction after this time
    #[arg(long, value_name = "SECONDS")]
    pub max_seconds: Option<u64>,
}

#[derive(Debug, Args)]
pub struct Notices {
    /// List all notices if there is no subcommand
    #[command(subcommand)]
    pub change: Option<ChangeNotice>,
}

#[derive(Debug, Subcommand)]
pub enum ChangeNotice {
    /// Add or replace a notice; resets dismissals
    Set {
        /// Name of the notice: a to z, digits and hyphens
        slug: String,
        /// Text that visitors see
        text: String,
        /// Show it as a warning instead of as information
        #[arg(long)]
        warning: bool,
        /// Store it without showing it
        #[arg(long)]
        inactive: bool,
    },
    /// Remove a notice
    Remove {
        /// Name of the notice
        slug: String,
    },
}

#[derive(Debug, Clone, Copy, Args)]
pub struct Check {
    /// Connect to every server and warn about what is unsafe in production
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

/// All settings but those of sessions. The documentation of a field is its `--help` text.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Address to listen on
    #[arg(long, env, default_value = "127.0.0.1", global = true)]
    pub host: IpAddr,

    /// Port to listen on
    #[arg(long, env, default_value_t = 8080, global = true)]
    pub port: u16,

    /// Number of worker threads; default: one per core
    #[arg(long, env, global = true, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub workers: Option<u16>,

    /// URL of the Postgres database; default: a private Postgres in `DATA_DIR`
    #[arg(long, env, global = true, hide_env_values = true)]
    pub database_url: Option<String>,

    /// URL of read replicas of the database; films are read from them
    #[arg(long, env, global = true, hide_env_values = true)]
    pub database_replica_url: Option<String>,

    /// Maximum number of database connections; sessions use up to eight more
    #[arg(long, env, default_value_t = 8, global = true,
          value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub database_pool_size: u16,

    /// Directory of the private Postgres
    #[arg(long, env, default_value = ".marquee", global = true)]
    pub data_dir: PathBuf,

    /// Host names that the site answers to, comma-separated; default: any
    #[arg(long, env, value_delimiter = ',', global = true)]
    pub allowed_hosts: Vec<String>,

    /// Public origin of the site, such as `https://films.example`; default: that of each request
    #[arg(long, env, global = true)]
    pub public_url: Option<Origin>,

    /// Addresses and networks of reverse proxies, comma-separated; only their `X-Forwarded-For`,
    /// `X-Forwarded-Proto` and `Forwarded` headers are believed
    #[arg(long, env, global = true, default_value = "")]
    pub trusted_proxies: Proxies,

    /// Maximum number of forms and searches per client and minute; 0: unlimited
    #[arg(long, env, global = true, default_value_t = 600)]
    pub rate_limit: u32,

    /// Maximum number of concurrent requests that read, and of those that send; beyond it the
    /// server answers 503
    #[arg(long, env, global = true, default_value_t = 512,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub max_requests: u32,

    /// Maximum number of open client connections; further ones wait
    #[arg(long, env, global = true, default_value_t = 16_384,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: u32,

    /// Page cache size in MiB
    #[arg(long, env, global = true, default_value_t = 16,
          value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    pub page_cache_size: u32,

    /// Shutdown delay: seconds to keep serving after SIGTERM while `/readyz` already fails
    #[arg(long, env, global = true, default_value_t = 0)]
    pub stop_delay: u16,

    /// Contact for reporting vulnerabilities, published as `/.well-known/security.txt`: a `mailto:`,
    /// `tel:` or `https:` URI
    #[arg(long, env, global = true, value_name = "URI")]
    pub security_contact: Option<String>,

    /// Address and port that serve `/healthz`, `/readyz` and `/metrics`; default: the site serves
    /// them itself
    #[arg(long, env, global = true, value_name = "ADDRESS:PORT")]
    pub metrics_address: Option<SocketAddr>,

    /// Deprecated name of `METRICS_ADDRESS`
    #[arg(long, env, global = true, hide = true)]
    pub admin_address: Option<SocketAddr>,

    /// Format of the log
    #[arg(long, env, global = true, value_enum, default_value = "text")]
    pub log_format: LogFormat,

    #[command(flatten)]
    pub sessions: SessionConfig,
}

impl Settings {
    /// Validates what the parsers of single values cannot.
    ///
    /// # Errors
    /// When a value is invalid. The message names the setting, the value and what is allowed.
    pub fn validate(mut self) -> anyhow::Result<Self> {
        for (name, url) in [
            ("DATABASE_URL", &mut self.database_url),
            ("DATABASE_REPLICA_URL", &mut self.database_replica_url),
        ] {
            // An empty value counts as unset.
            *url = url.take().filter(|url| !url.trim().is_empty());
            let Some(url) = url else { continue };
            ensure!(
                url.starts_with("postgres://") || url.starts_with("postgresql://"),
                "{name} must start with postgres:// or postgresql://"
            );
            // The value is not shown, as it may hold a password.
            url.parse::<DatabaseUrl>().with_context(|| format!("{name} is invalid"))?;
        }
        if let Some(address) = self.admin_address.take() {
            log::warn!("ADMIN_ADDRESS is deprecated, use METRICS_ADDRESS instead");
            self.metrics_address.get_or_insert(address);
        }
        self.security_contact = self.security_contact.filter(|contact| !contact.trim().is_empty());
        if let Some(contact) = &self.security_contact {
            let is_uri = ["mailto:", "tel:", "https://"].iter().any(|s| contact.starts_with(s));
            ensure!(
                is_uri && contact.bytes().all(|byte| byte.is_ascii_graphic()),
                "SECURITY_CONTACT: {contact:?} must be a mailto:, tel: or https:// URI"
            );
        }
        self.public_url = self.public_url.filter(Origin::is_known);
        let hosts = self.allowed_hosts.iter().map(|host| host.trim().to_owned());
        self.allowed_hosts = hosts.filter(|host| !host.is_empty()).collect();
        for host in &self.allowed_hosts {
            let name = host.strip_prefix('.').unwrap_or(host);
            let is_name = host::is_valid(name) && host::split(name).1.is_none();
            ensure!(
                host == "*" || is_name,
                "ALLOWED_HOSTS: {host:?} is not a host name; write films.example, .films.example to \
                 include its subdomains, or * for any name; no scheme, no port"
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
    fn command_line_is_consistent() {
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
    fn empty_database_url_counts_as_unset() {
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
