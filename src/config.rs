//! Commands and settings: one definition for flags, environment variables and files of settings.

mod commands;
pub mod records;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::{Args, Parser};

pub use self::commands::{
    Author, ChangeNotice, Check, ClearSessions, Command, Export, Import, Notices, OperatorAction,
    Operators,
};
use crate::db::DatabaseUrl;
use crate::logging::LogFormat;
use crate::sessions::SessionConfig;
use crate::web::http::client::{Networks, Proxies};
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

    /// Addresses and networks of operators, comma-separated; other clients get 404 for the admin;
    /// default: any
    #[arg(long, env, global = true, default_value = "")]
    pub admin_networks: Networks,

    /// Seconds without a request after which an operator's session ends
    #[arg(long, env, global = true, default_value_t = 1800,
          value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub admin_idle_timeout: u32,

    /// Seconds after which an operator's session ends however often it is used
    #[arg(long, env, global = true, default_value_t = 43_200,
          value_parser = clap::value_parser!(u32).range(1..=2_592_000))]
    pub admin_session_age: u32,

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
