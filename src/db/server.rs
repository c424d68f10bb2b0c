//! Where a database is, and the way there.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Config, NoTls};

use super::tls::{self, Mode};

/// For one of several servers to be reached and to let us in; then the next is tried.
const ONE_OF_MANY: Duration = Duration::from_millis(1300);

/// The same for the only one.
const ALONE: Duration = Duration::from_secs(10);

/// After so long without an answer of the other machine a connection counts as lost.
const SILENT: Duration = Duration::from_secs(10);

/// One server, or several of which any will do, or the one that takes writes. Cloning is cheap.
#[derive(Clone)]
pub struct Server(Arc<Hosts>);

struct Hosts {
    each: Vec<Config>,
    tls: Mode,
    /// The place in `each` that is tried first.
    first: AtomicUsize,
    /// Each connection begins with another one.
    in_turn: bool,
}

impl FromStr for Server {
    type Err = anyhow::Error;

    /// Reads a URL as libpq does, `sslmode` with all its values but `allow`. Of several hosts the one
    /// that takes writes is meant, unless `target_session_attrs` says otherwise.
    fn from_str(url: &str) -> anyhow::Result<Self> {
        let (mut mode, mut root) = (None, None);
        let (place, parameters) = url.split_once('?').unwrap_or((url, ""));
        let others = parameters.split('&').filter(|pair| {
            let value = |name| pair.strip_prefix(name).map(decoded);
            let (is_mode, is_root) = (value("sslmode="), value("sslrootcert="));
            let other = is_mode.is_none() && is_root.is_none();
            mode = is_mode.or(mode.take());
            root = is_root.or(root.take());
            other && !pair.is_empty()
        });
        let others = others.collect::<Vec<_>>().join("&");
        let config: Config = format!("{place}?{others}").parse()?;
        let tls = tls::mode(mode.as_deref(), root.as_deref())?;
        let hosts = config.get_hosts().len();
        anyhow::ensure!(hosts > 0, "it must name a host");
        let each = (0..hosts).map(|at| only(&config, at, &tls)).collect();
        Ok(Self(Arc::new(Hosts { each, tls, first: AtomicUsize::new(0), in_turn: false })))
    }
}

fn decoded(value: &str) -> String {
    percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned()
}

/// The settings for one of the hosts: each then has a time of its own.
fn only(all: &Config, at: usize, tls: &Mode) -> Config {
    let mut one = Config::new();
    match &all.get_hosts()[at] {
        Host::Tcp(name) => one.host(name),
        Host::Unix(path) => one.host_path(path),
    };
    if let Some(address) = all.get_hostaddrs().get(at) {
        one.hostaddr(*address);
    }
    let ports = all.get_ports();
    one.port(ports.get(at).or(ports.first()).copied().unwrap_or(5432));
    all.get_user().map(|user| one.user(user));
    all.get_password().map(|password| one.password(password));
    all.get_dbname().map(|name| one.dbname(name));
    all.get_options().map(|options| one.options(options));
    all.get_application_name().map(|name| one.application_name(name));
    one.connect_timeout(all.get_connect_timeout().copied().unwrap_or(ALONE));
    one.tcp_user_timeout(all.get_tcp_user_timeout().copied().unwrap_or(SILENT));
    one.keepalives(all.get_keepalives());
    // Two hours unless the URL says otherwise: far too long to notice that a machine is gone.
    let idle = all.get_keepalives_idle();
    one.keepalives_idle(if idle > Duration::from_secs(3600) { SILENT } else { idle });
    one.channel_binding(all.get_channel_binding());
    one.ssl_negotiation(all.get_ssl_negotiation());
    // As in libpq there is no TLS to a socket of this machine.
    let near = matches!(all.get_hosts()[at], Host::Unix(_));
    one.ssl_mode(match tls {
        _ if near => SslMode::Disable,
        Mode::Off => SslMode::Disable,
        Mode::IfOffered => SslMode::Prefer,
        _ => SslMode::Require,
    });
    let wanted = match all.get_target_session_attrs() {
        TargetSessionAttrs::Any if all.get_hosts().len() > 1 => TargetSessionAttrs::ReadWrite,
        wanted => wanted,
    };
    one.target_session_attrs(wanted);
    one
}

impl Server {
    /// The same servers for reading: which of them does not matter, and each new connection goes to
    /// the next one.
    pub fn for_reading(self) -> Self {
        let mut each = self.0.each.clone();
        for config in &mut each {
            config.target_session_attrs(TargetSessionAttrs::Any);
        }
        let tls = self.0.tls.clone();
        Self(Arc::new(Hosts { each, tls, first: AtomicUsize::new(0), in_turn: true }))
    }

    /// Whether the way there may be listened to, or lead to somebody else.
    pub fn is_unverified(&self) -> bool {
        let by_network = |config: &Config| config.get_hosts().iter().any(is_elsewhere);
        !matches!(self.0.tls, Mode::Verified { name: true, .. })
            && self.0.each.iter().any(by_network)
    }

    /// A connection to the first server that can be reached and will do, beginning with the one that
    /// did last; or, for reading, with the next.
    ///
    /// # Errors
    /// Why the last of them will not.
    pub async fn connect(&self) -> Result<AsyncPgConnection, ConnectionError> {
        let Hosts { each, tls, first, in_turn } = &*self.0;
        let start = match in_turn {
            // At once, so that one which keeps this caller waiting is not the next one's first, too.
            true => first.fetch_add(1, Ordering::Relaxed) % each.len(),
            false => first.load(Ordering::Relaxed),
        };
        let patience = if each.len() == 1 { ALONE } else { ONE_OF_MANY };
        let mut failure = None;
        for at in (start..start + each.len()).map(|at| at % each.len()) {
            match timeout(patience, open(&each[at], tls)).await {
                Ok(Ok(connection)) => {
                    if !in_turn {
                        first.store(at, Ordering::Relaxed);
                    }
                    return Ok(connection);
                }
                Ok(Err(error)) => failure = Some(error),
                Err(_) => {
                    let text = format!("no answer within {patience:?}");
                    failure = Some(ConnectionError::BadConnection(text));
                }
            }
        }
        Err(failure.expect("there is at least one host"))
    }
}

fn is_elsewhere(host: &Host) -> bool {
    match host {
        Host::Unix(_) => false,
        Host::Tcp(name) => !is_near(name),
    }
}

/// Whether a host, as addresses name it, is this machine, so that nobody stands in between.
pub fn is_near(name: &str) -> bool {
    let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    name == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

async fn open(config: &Config, tls: &Mode) -> Result<AsyncPgConnection, ConnectionError> {
    let bad = |error: anyhow::Error| ConnectionError::BadConnection(format!("{error:#}"));
    let tls = if config.get_ssl_mode() == SslMode::Disable { &Mode::Off } else { tls };
    match tls.connector().map_err(bad)? {
        None => {
            let opened = config.connect(NoTls).await.context("connecting").map_err(bad)?;
            AsyncPgConnection::try_from_client_and_connection(opened.0, opened.1).await
        }
        Some(connector) => {
            let opened = config.connect(connector).await.context("connecting").map_err(bad)?;
            AsyncPgConnection::try_from_client_and_connection(opened.0, opened.1).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> anyhow::Result<Server> {
        url.parse()
    }

    #[test]
    fn urls_are_read_as_libpq_reads_them() {
        let server = read(
            "postgres://films:p%40ss@one.example:6000,two.example:6001/films\
             ?sslmode=verify-full&options=-c%20geqo%3Doff&application_name=x",
        )
        .unwrap();
        let [one, two] = &server.0.each[..] else { panic!("two hosts") };
        assert_eq!(two.get_hosts(), [Host::Tcp("two.example".to_owned())]);
        assert_eq!((one.get_ports(), two.get_ports()), (&[6000][..], &[6001][..]));
        assert_eq!((one.get_user(), one.get_dbname()), (Some("films"), Some("films")));
        assert_eq!(one.get_password(), Some(&b"p@ss"[..]));
        assert_eq!(one.get_options(), Some("-c geqo=off"));
        assert_eq!(one.get_ssl_mode(), SslMode::Require);
        assert_eq!(one.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        assert_eq!(
            server.for_reading().0.each[1].get_target_session_attrs(),
            TargetSessionAttrs::Any
        );
    }

    #[test]
    fn what_no_server_has_is_refused_without_showing_the_password() {
        for url in [
            "postgres://u:secret@host/db?sslmode=allow",
            "postgres://u:secret@host/db?sslmode=on",
            "postgres://u:secret@host/db?sslrootcert=/no/such/file&sslmode=verify-full",
            "postgres://u:secret@host/db?target_session_attrs=write",
            "postgres://u:secret@host/db?nonsense=1",
            "postgres://u:secret@host:port/db",
            "postgres:///db",
        ] {
            let error = read(url).err().map(|error| format!("{error:#}"));
            let error = error.unwrap_or_else(|| panic!("{url} was taken"));
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn only_a_verified_name_is_safe_over_a_network() {
        for (url, unverified) in [
            ("postgres://host/db", true),
            ("postgres://host/db?sslmode=require", true),
            ("postgres://host/db?sslmode=verify-full", false),
            ("postgres://localhost/db", false),
            ("postgres://127.0.0.1/db", false),
            ("postgres://%2Frun%2Fpostgresql/db", false),
        ] {
            assert_eq!(read(url).unwrap().is_unverified(), unverified, "{url}");
        }
    }
}
