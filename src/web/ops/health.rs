//! `/healthz` and `/readyz`, the liveness and readiness probes.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use crate::catalog::index::Catalog;
use crate::catalog::read_pool::{ReadPool, ReplicaState};
use crate::db::{self, Pool, Primary};
use crate::sessions::Engine;
use crate::web::http::cache_policy::CachePolicy;
use crate::web::http::shutdown::Shutdown;

/// The parts that the readiness probe examines.
pub(crate) struct Readiness {
    pub(crate) reads: ReadPool,
    pub(crate) engine: Engine,
    pub(crate) catalog: Catalog,
    pub(crate) shutdown: Shutdown,
    /// Whether the report names hosts: not where the public can read it.
    pub(crate) shows_hosts: bool,
}

/// Responds as long as the process runs.
pub(crate) async fn alive() -> HttpResponse {
    respond(StatusCode::OK, "alive\n".to_owned())
}

/// Reports whether the site can serve pages, and the state of each part. A session cache that is
/// down does not make the site unready: pages are slower, or anonymous.
pub(crate) async fn ready(readiness: web::Data<Readiness>) -> HttpResponse {
    let Readiness { reads, engine, catalog, shutdown, shows_hosts } = &**readiness;
    let database = database(reads.primary()).await;
    let stopping = shutdown.has_begun();
    let ready = database == "ready" && !stopping;
    let state = match (ready, stopping) {
        (_, true) => "stopping",
        (true, _) => "ready",
        (false, _) => "not ready",
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let cache = cache(engine).await;
    let replica = replica(reads.replica_state().await);
    let films = catalog.current().len();
    let primary = if *shows_hosts { primary(reads.primary()) } else { String::new() };
    let parts = format!(
        "database: {database}\n{primary}{replica}cache: {cache}\ncatalogue: {films} films\n"
    );
    respond(status, format!("{state}\n{parts}"))
}

async fn database(pool: &Pool) -> &'static str {
    let pending = async {
        let conn = &mut pool.get().await?;
        anyhow::Ok(db::pending_migrations(conn).await?)
    };
    match pending.await {
        Ok(0) => "ready",
        Ok(_) => "the schema is older than the program: run marquee migrate",
        Err(error) => {
            log::warn!("not ready: {error:#}");
            "does not answer"
        }
    }
}

/// Returns a line of the report; empty before the first connection.
fn primary(pool: &Pool) -> String {
    match pool.primary() {
        Some(Primary { host, timeline: Some(timeline) }) => {
            format!("primary: {host}, timeline {timeline}\n")
        }
        Some(Primary { host, timeline: None }) => format!("primary: {host}\n"),
        None => String::new(),
    }
}

/// Returns a line of the report; empty without a replica.
fn replica(state: Option<ReplicaState>) -> &'static str {
    match state {
        None => "",
        Some(ReplicaState::UpToDate) => "replica: ready\n",
        Some(ReplicaState::Behind) => "replica: behind\n",
        Some(ReplicaState::Unreachable) => "replica: does not answer\n",
    }
}

async fn cache(engine: &Engine) -> &'static str {
    match engine.cache_answers().await {
        None => "none",
        Some(true) => "ready",
        Some(false) => "does not answer",
    }
}

fn respond(status: StatusCode, text: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .insert_header(CachePolicy::NoStore)
        .body(text)
}
