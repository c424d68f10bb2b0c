//! `marquee serve`: the site until Ctrl-C or SIGTERM.

use std::net::TcpListener;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::Context;
use marquee::catalog::demo;
use marquee::catalog::index::Catalog;
use marquee::config::Settings;
use marquee::db::{self, Pool};
use marquee::web::{self, Site};
use nix::sys::socket::Backlog;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Database, open_engine, open_files};

/// Maximum number of connections that wait to be accepted.
const BACKLOG: i32 = 1024;

pub async fn run(settings: Settings) -> anyhow::Result<()> {
    let mut stop = Stop::new()?;
    // First, as it fails at once when the site runs already.
    let settings =
        Settings { max_connections: open_files::prepare(settings.max_connections), ..settings };
    let address = (settings.host, settings.port);
    let listener = TcpListener::bind(address).with_context(|| {
        format!("HOST={} PORT={}: cannot listen there", settings.host, settings.port)
    })?;
    // The standard library asks for 128 connections that wait to be accepted: a burst brings more.
    nix::sys::socket::listen(&listener, Backlog::new(BACKLOG)?)?;
    let ops = settings.metrics_address.map(|address| {
        TcpListener::bind(address)
            .with_context(|| format!("METRICS_ADDRESS={address}: cannot listen there"))
    });
    let listeners = (listener, ops.transpose()?);
    let database = Database::open(&settings).await?;
    let served = serve(&settings, listeners, &database, &mut stop).await;
    let closed = database.close().await;
    served.and(closed)
}

async fn serve(
    settings: &Settings,
    (listener, ops): (TcpListener, Option<TcpListener>),
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
    let catalog = Catalog::open(database.url()).await?;
    let site = Site::new(pool, catalog, engine, settings)?;
    let cores = || available_parallelism().map_or(2, Into::into);
    let workers = settings.workers.map_or_else(cores, usize::from);
    let address = listener.local_addr()?;
    if let Some(ops) = ops {
        log::info!("metrics are at http://{}/metrics", ops.local_addr()?);
        // Ends with the program, after the site.
        actix_web::rt::spawn(web::serve_ops(ops, site.clone())?);
    }
    let server = web::serve(listener, site.clone(), workers)?;
    let handle = server.handle();
    let server = actix_web::rt::spawn(server);
    log::info!("Marquee is open at http://{address} (Ctrl-C ends it)");

    stop.wait().await;
    site.stop();
    if settings.stop_delay > 0 {
        log::info!("stopping in {} seconds: not ready any more", settings.stop_delay);
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(settings.stop_delay.into())) => {}
            () = stop.wait() => {}
        }
    }
    log::info!("stopping: open requests are being finished");
    tokio::select! {
        () = handle.stop(true) => {}
        // Somebody presses Ctrl-C again.
        () = stop.wait() => handle.stop(false).await,
    }
    Ok(server.await??)
}

/// The two ways to ask the program to end.
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
