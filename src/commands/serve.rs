//! `marquee serve`: runs the site until Ctrl-C or SIGTERM.

use std::net::TcpListener;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::Context;
use marquee::catalog::demo;
use marquee::catalog::editing::trash;
use marquee::catalog::index::Catalog;
use marquee::config::Settings;
use marquee::db::{self, ConnectError, Pool};
use marquee::web::{self, Site};
use nix::sys::socket::{self, Backlog};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

use super::{Database, open_engine, open_files, secret};

/// Maximum number of connections that wait to be accepted; the standard library asks for 128, which a
/// burst exceeds.
const BACKLOG: i32 = 1024;

/// The pause between attempts to reach the database at start doubles from the first to the second.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
const MAX_RETRY_INTERVAL: Duration = Duration::from_secs(10);

/// How often records whose time in the trash is over are deleted.
const PURGE_INTERVAL: Duration = Duration::from_secs(3600);

pub async fn run(mut settings: Settings) -> anyhow::Result<()> {
    settings.max_connections = open_files::prepare(settings.max_connections);
    let mut stop = Stop::new()?;
    // First of all, to fail at once when another process uses the port.
    let mut listeners = Listeners::bind(&settings)?;
    let database = match Database::open(&settings).await {
        Err(error) if is_unreachable(&error) => {
            // Proxies must not wait for a process that cannot answer yet.
            drop(listeners);
            let opened = wait_for_database(&settings, error, &mut stop).await?;
            let Some(database) = opened else { return Ok(()) };
            listeners = Listeners::bind(&settings)?;
            database
        }
        opened => opened?,
    };
    let served = serve(&settings, listeners, &database, &mut stop).await;
    let closed = database.close().await;
    served.and(closed)
}

struct Listeners {
    site: TcpListener,
    ops: Option<TcpListener>,
}

impl Listeners {
    fn bind(settings: &Settings) -> anyhow::Result<Self> {
        let (host, port) = (settings.host, settings.port);
        let site = TcpListener::bind((host, port))
            .with_context(|| format!("HOST={host} PORT={port}: cannot listen there"))?;
        socket::listen(&site, Backlog::new(BACKLOG)?)?;
        let ops = settings.metrics_address.map(|address| {
            TcpListener::bind(address)
                .with_context(|| format!("METRICS_ADDRESS={address}: cannot listen there"))
        });
        Ok(Self { site, ops: ops.transpose()? })
    }
}

fn is_unreachable(error: &anyhow::Error) -> bool {
    let mut causes = error.chain();
    causes.any(|cause| matches!(cause.downcast_ref(), Some(ConnectError::Unreachable(_))))
}

/// Retries until the database is reachable; returns `None` when the program is told to stop.
///
/// # Errors
/// When the database refuses the connection, or a migration fails.
async fn wait_for_database(
    settings: &Settings,
    mut error: anyhow::Error,
    stop: &mut Stop,
) -> anyhow::Result<Option<Database>> {
    let mut pause = RETRY_INTERVAL;
    loop {
        log::warn!("{error:#}; retrying in {} s", pause.as_secs());
        tokio::select! {
            () = sleep(pause) => {}
            () = stop.wait() => return Ok(None),
        }
        pause = (pause * 2).min(MAX_RETRY_INTERVAL);
        match Database::open(settings).await {
            Err(next) if is_unreachable(&next) => error = next,
            opened => return opened.map(Some),
        }
    }
}

async fn serve(
    settings: &Settings,
    Listeners { site: listener, ops }: Listeners,
    database: &Database,
    stop: &mut Stop,
) -> anyhow::Result<()> {
    if database.is_private() {
        let conn = &mut db::connect(database.url()).await?;
        if let Some(summary) = demo::load_into_empty(conn).await? {
            log::info!("loaded the demonstration catalogue: films: {}", summary.movies);
        }
    }
    let pool = Pool::new(database.url(), settings.database_pool_size.into())?;
    let engine = open_engine(settings, database, &pool)?;
    let interval = settings.sessions.session_sweep_interval;
    let interval = Duration::from_secs(interval.into());
    let _sweeper = (!interval.is_zero()).then(|| engine.sessions().spawn_sweeper(interval));
    actix_web::rt::spawn(web::watch_session_cache(engine.clone()));
    actix_web::rt::spawn(purge_trash(pool.clone()));
    let catalog = Catalog::open(database.url()).await?;
    let settings = &with_secret_key(settings, database)?;
    let site = Site::new(pool, catalog, engine, settings)?;
    let cores = || available_parallelism().map_or(2, Into::into);
    let workers = settings.workers.map_or_else(cores, usize::from);
    let address = listener.local_addr()?;
    if let Some(ops) = ops {
        log::info!("metrics are at http://{}/metrics", ops.local_addr()?);
        // Runs until the program exits, longer than the site.
        actix_web::rt::spawn(web::serve_ops(ops, site.clone())?);
    }
    let server = web::serve(listener, site.clone(), workers)?;
    let handle = server.handle();
    let server = actix_web::rt::spawn(server);
    log::info!("Marquee is open at http://{address} (press Ctrl-C to stop)");

    stop.wait().await;
    site.stop();
    if settings.stop_delay > 0 {
        log::info!("stopping in {} s; /readyz fails from now on", settings.stop_delay);
        tokio::select! {
            () = sleep(Duration::from_secs(settings.stop_delay.into())) => {}
            () = stop.wait() => {}
        }
    }
    log::info!("stopping: draining in-flight requests");
    tokio::select! {
        () = handle.stop(true) => {}
        // A second signal ends the draining.
        () = stop.wait() => handle.stop(false).await,
    }
    Ok(server.await??)
}

/// Returns the settings with a secret key: with a private Postgres a missing one is generated once and
/// stored beside it.
fn with_secret_key(settings: &Settings, database: &Database) -> anyhow::Result<Settings> {
    let mut settings = settings.clone();
    if settings.sessions.secret_key.is_none() && database.is_private() {
        settings.sessions.secret_key = Some(secret::load_or_generate(&settings.data_dir)?);
    }
    Ok(settings)
}

/// Deletes records whose time in the trash is over, until the program exits.
async fn purge_trash(pool: Pool) {
    let mut interval = tokio::time::interval(PURGE_INTERVAL);
    loop {
        interval.tick().await;
        let purged = async { anyhow::Ok(trash::purge_expired(&mut *pool.get().await?).await?) };
        match purged.await {
            Ok(0) => {}
            Ok(count) => log::info!("purged {count} records from the trash"),
            Err(error) => log::warn!("cannot purge the trash: {error:#}"),
        }
    }
}

/// The signals that stop the program.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn new() -> anyhow::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
