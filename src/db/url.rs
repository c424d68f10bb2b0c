//! A parsed database URL, and connections to the servers that it names.

use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use futures_util::future::join_all;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Config, NoTls};

use super::timeline;
use super::tls::{self, TlsMode};

/// Time for one of several servers to accept a connection before the next one is tried.
const FAILOVER_TIMEOUT: Duration = Duration::from_millis(1300);

/// The same if there is only one server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection counts as lost after this time without an answer from the other host.
const DEAD_PEER_TIMEOUT: Duration = Duration::from_secs(10);

/// A reason why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No server answers, or none is ready. Retrying may help.
    #[error("cannot reach the database: {0}")]
    Unreachable(String),
    /// A server refuses: the password, the name of the role or of the database is wrong.
    #[error("the database refuses the connection: {0}")]
    Refused(String),
}

impl From<ConnectError> for ConnectionError {
    fn from(error: ConnectError) -> Self {
        Self::BadConnection(error.to_string())
    }
}

/// The primary that the latest connection was made to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Primary {
    /// `host:port`, or the path of a socket.
    pub host: String,
    /// The server's timeline, which each fail-over raises; `None` where the server does not tell it.
    pub timeline: Option<u32>,
}

/// One server, or several of which one accepts writes. Cloning is cheap.
#[derive(Clone)]
pub struct DatabaseUrl(Arc<Servers>);

struct Servers {
    configs: Vec<Config>,
    tls: TlsMode,
    /// The index in `configs` that is tried first.
    first: AtomicUsize,
    /// Whether each connection starts with the next server.
    round_robin: bool,
    surveyed: OnceCell<()>,
    primary: Mutex<Option<Primary>>,
}

impl FromStr for DatabaseUrl {
    type Err = anyhow::Error;

    /// Parses a URL as libpq does, with all values of `sslmode` but `allow`. Of several hosts, the one
    /// that accepts writes is used unless `target_session_attrs` says otherwise.
    fn from_str(url: &str) -> anyhow::Result<Self> {
        let (mut mode, mut root) = (None, None);
        let (base, parameters) = url.split_once('?').unwrap_or((url, ""));
        let others = parameters.split('&').filter(|pair| {
            let value = |name| pair.strip_prefix(name).map(decode);
            let (is_mode, is_root) = (value("sslmode="), value("sslrootcert="));
            let other = is_mode.is_none() && is_root.is_none();
            mode = is_mode.or(mode.take());
            root = is_root.or(root.take());
            other && !pair.is_empty()
        });
        let others = others.collect::<Vec<_>>().join("&");
        let config: Config = format!("{base}?{others}").parse()?;
        let tls = tls::mode(mode.as_deref(), root.as_deref())?;
        let hosts = config.get_hosts().len();
        anyhow::ensure!(hosts > 0, "it must name a host");
        let configs = (0..hosts).map(|index| for_host(&config, index, &tls)).collect();
        Ok(Self::new(configs, tls, false))
    }
}

fn decode(value: &str) -> String {
    percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned()
}

/// Returns the settings for one of the hosts, so that each can have a timeout of its own.
fn for_host(all: &Config, index: usize, tls: &TlsMode) -> Config {
    let mut one = Config::new();
    match &all.get_hosts()[index] {
        Host::Tcp(name) => one.host(name),
        Host::Unix(path) => one.host_path(path),
    };
    if let Some(address) = all.get_hostaddrs().get(index) {
        one.hostaddr(*address);
    }
    let ports = all.get_ports();
    one.port(ports.get(index).or(ports.first()).copied().unwrap_or(5432));
    all.get_user().map(|user| one.user(user));
    all.get_password().map(|password| one.password(password));
    all.get_dbname().map(|name| one.dbname(name));
    all.get_options().map(|options| one.options(options));
    all.get_application_name().map(|name| one.application_name(name));
    one.connect_timeout(all.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT));
    one.tcp_user_timeout(all.get_tcp_user_timeout().copied().unwrap_or(DEAD_PEER_TIMEOUT));
    one.keepalives(all.get_keepalives());
    // The default of two hours would not notice in time that a host is gone.
    let idle = all.get_keepalives_idle();
    one.keepalives_idle(if idle > Duration::from_secs(3600) { DEAD_PEER_TIMEOUT } else { idle });
    one.channel_binding(all.get_channel_binding());
    one.ssl_negotiation(all.get_ssl_negotiation());
    // Like libpq, no TLS over a Unix socket.
    let is_socket = matches!(all.get_hosts()[index], Host::Unix(_));
    one.ssl_mode(match tls {
        _ if is_socket => SslMode::Disable,
        TlsMode::Disabled => SslMode::Disable,
        TlsMode::Preferred => SslMode::Prefer,
        _ => SslMode::Require,
    });
    let target = match all.get_target_session_attrs() {
        TargetSessionAttrs::Any if all.get_hosts().len() > 1 => TargetSessionAttrs::ReadWrite,
        target => target,
    };
    one.target_session_attrs(target);
    one
}

impl DatabaseUrl {
    fn new(configs: Vec<Config>, tls: TlsMode, round_robin: bool) -> Self {
        Self(Arc::new(Servers {
            configs,
            tls,
            first: AtomicUsize::new(0),
            round_robin,
            surveyed: OnceCell::new(),
            primary: Mutex::default(),
        }))
    }

    /// Returns the same servers for reading: any of them will do, and each new connection goes to the
    /// next one.
    pub fn for_reading(self) -> Self {
        let mut configs = self.0.configs.clone();
        for config in &mut configs {
            config.target_session_attrs(TargetSessionAttrs::Any);
        }
        Self::new(configs, self.0.tls.clone(), true)
    }

    /// Reports whether connections cross a network without TLS that verifies the server's name.
    pub fn is_unverified(&self) -> bool {
        let is_remote = |host: &Host| matches!(host, Host::Tcp(name) if !is_local_host(name));
        let is_remote = |config: &Config| config.get_hosts().iter().any(is_remote);
        !matches!(self.0.tls, TlsMode::Verified { name: true, .. })
            && self.0.configs.iter().any(is_remote)
    }

    /// Describes the target without the password, for messages: `films at one:5432, two:5432 as marquee`.
    pub fn describe(&self) -> String {
        let hosts: Vec<String> = self.0.configs.iter().map(host_and_port).collect();
        let first = &self.0.configs[0];
        let user = first.get_user().unwrap_or("the current user");
        let name = first.get_dbname().unwrap_or(user);
        format!("{name} at {} as {user}", hosts.join(", "))
    }

    /// Returns the server of the latest connection, for monitoring.
    pub fn primary(&self) -> Option<Primary> {
        self.0.primary.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Connects to the first server that can be reached and meets `target_session_attrs`. Starts with
    /// the server of the latest connection, or, for reading, with the next one.
    ///
    /// # Errors
    /// The error of the last server that was tried.
    pub async fn connect(&self) -> Result<AsyncPgConnection, ConnectError> {
        let Servers { configs, first, round_robin, surveyed, .. } = &*self.0;
        let count = configs.len();
        let limit = if count == 1 { CONNECT_TIMEOUT } else { FAILOVER_TIMEOUT };
        let open = |index| async move {
            let elapsed = |_| {
                ConnectError::Unreachable(format!(
                    "{}: no answer within {limit:?}",
                    host_and_port(&configs[index])
                ))
            };
            timeout(limit, self.open(index)).await.unwrap_or_else(|error| Err(elapsed(error)))
        };
        if count > 1 && !round_robin {
            // Before a server is chosen, look whether another one has a newer timeline.
            surveyed.get_or_init(|| async { drop(join_all((0..count).map(open)).await) }).await;
        }
        let start = if *round_robin {
            // Advanced before connecting, so that an unresponsive server delays only one caller.
            first.fetch_add(1, Ordering::Relaxed) % count
        } else {
            first.load(Ordering::Relaxed)
        };
        let mut failure = None;
        for index in (start..start + count).map(|index| index % count) {
            match open(index).await {
                Ok(connection) => {
                    if !round_robin {
                        first.store(index, Ordering::Relaxed);
                    }
                    return Ok(connection);
                }
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.expect("there is at least one host"))
    }

    async fn open(&self, index: usize) -> Result<AsyncPgConnection, ConnectError> {
        let config = &self.0.configs[index];
        let host = host_and_port(config);
        let unreachable =
            |error: anyhow::Error| ConnectError::Unreachable(format!("{host}: {error:#}"));
        let rejected = |error: tokio_postgres::Error| match is_permanent(&error) {
            true => ConnectError::Refused(format!("{host}: {}", chain(&error))),
            false => ConnectError::Unreachable(format!("{host}: {}", chain(&error))),
        };
        let disabled = config.get_ssl_mode() == SslMode::Disable;
        let tls = if disabled { &TlsMode::Disabled } else { &self.0.tls };
        let opened = match tls.connector().map_err(unreachable)? {
            None => {
                let (client, connection) = config.connect(NoTls).await.map_err(rejected)?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await
            }
            Some(connector) => {
                let (client, connection) = config.connect(connector).await.map_err(rejected)?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await
            }
        };
        let mut connection = opened.map_err(|error| unreachable(error.into()))?;
        if !self.0.round_robin {
            let timeline = timeline::check(&mut connection).await;
            let timeline = timeline.map_err(|error| {
                log::error!("{host}: {error}");
                unreachable(error.into())
            })?;
            *self.0.primary.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(Primary { host, timeline });
        }
        Ok(connection)
    }
}

/// Reports whether the server answered that it does not know the role or the database, or that the
/// password is wrong.
fn is_permanent(error: &tokio_postgres::Error) -> bool {
    let code = error.code().map_or("", |code| code.code());
    code.starts_with("28") || code == "3D000"
}

fn chain(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn host_and_port(config: &Config) -> String {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match &config.get_hosts()[0] {
        Host::Tcp(name) => format!("{name}:{port}"),
        Host::Unix(path) => path.display().to_string(),
    }
}

/// Reports whether a host name or address is this machine, so that no network lies in between.
pub fn is_local_host(name: &str) -> bool {
    let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    name == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> anyhow::Result<DatabaseUrl> {
        url.parse()
    }

    #[test]
    fn url_is_parsed_like_libpq() {
        let server = parse(
            "postgres://films:p%40ss@one.example:6000,two.example:6001/films\
             ?sslmode=verify-full&options=-c%20geqo%3Doff&application_name=x",
        )
        .unwrap();
        let [one, two] = &server.0.configs[..] else { panic!("two hosts") };
        assert_eq!(two.get_hosts(), [Host::Tcp("two.example".to_owned())]);
        assert_eq!((one.get_ports(), two.get_ports()), (&[6000][..], &[6001][..]));
        assert_eq!((one.get_user(), one.get_dbname()), (Some("films"), Some("films")));
        assert_eq!(one.get_password(), Some(&b"p@ss"[..]));
        assert_eq!(one.get_options(), Some("-c geqo=off"));
        assert_eq!(one.get_ssl_mode(), SslMode::Require);
        assert_eq!(one.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        assert_eq!(
            server.for_reading().0.configs[1].get_target_session_attrs(),
            TargetSessionAttrs::Any
        );
    }

    #[test]
    fn invalid_url_is_rejected_without_showing_the_password() {
        for url in [
            "postgres://u:secret@host/db?sslmode=allow",
            "postgres://u:secret@host/db?sslmode=on",
            "postgres://u:secret@host/db?sslrootcert=/no/such/file&sslmode=verify-full",
            "postgres://u:secret@host/db?target_session_attrs=write",
            "postgres://u:secret@host/db?nonsense=1",
            "postgres://u:secret@host:port/db",
            "postgres:///db",
        ] {
            let error = parse(url).err().map(|error| format!("{error:#}"));
            let error = error.unwrap_or_else(|| panic!("{url} was accepted"));
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn remote_host_is_unverified_without_verify_full() {
        for (url, unverified) in [
            ("postgres://host/db", true),
            ("postgres://host/db?sslmode=require", true),
            ("postgres://host/db?sslmode=verify-full", false),
            ("postgres://localhost/db", false),
            ("postgres://127.0.0.1/db", false),
            ("postgres://%2Frun%2Fpostgresql/db", false),
        ] {
            assert_eq!(parse(url).unwrap().is_unverified(), unverified, "{url}");
        }
    }

    #[test]
    fn description_names_hosts_but_no_password() {
        let url = parse("postgres://films:secret@one,two:6000/catalog").unwrap();
        assert_eq!(url.describe(), "catalog at one:5432, two:6000 as films");
    }
}
