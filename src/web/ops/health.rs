//! For the operator's monitoring: no request here touches a session.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use crate::catalog::read_pool::ReplicaState;
use crate::db::{self, Pool};
use crate::sessions::AnyEngine;
use crate::web::state::Site;

/// The program runs.
pub async fn alive() -> HttpResponse {
    answer(StatusCode::OK, "alive\n".to_owned())
}

/// Whether the program can serve pages, and the state of each part. A cache that is away costs
/// time, or visitors their memory, but no page: it does not count.
pub async fn ready(site: web::Data<Site>) -> HttpResponse {
    let database = database(site.pool.primary()).await;
    let ready = database == "ready" && !site.is_stopping();
    let state = match (ready, site.is_stopping()) {
        (_, true) => "stopping",
        (true, _) => "ready",
        (false, _) => "not ready",
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let cache = cache(&site.engine).await;
    let replica = replica(site.pool.replica_state().await);
    let films = site.catalog.current().len();
    let parts =
        format!("database: {database}\n{replica}cache: {cache}\ncatalogue: {films} films\n");
    answer(status, format!("{state}\n{parts}"))
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

/// A line only where there is one; without it the primary does its work.
fn replica(state: Option<ReplicaState>) -> &'static str {
    match state {
        None => "",
        Some(ReplicaState::UpToDate) => "replica: ready\n",
        Some(ReplicaState::Behind) => "replica: behind\n",
        Some(ReplicaState::Unreachable) => "replica: does not answer\n",
    }
}

async fn cache(engine: &AnyEngine) -> &'static str {
    match engine.cache_answers().await {
        None => "none",
        Some(true) => "ready",
        Some(false) => "does not answer",
    }
}

fn answer(status: StatusCode, text: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(text)
}
