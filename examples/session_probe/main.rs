//! The session framework over HTTP, one route an operation: a tour, and a bench for tests.
//!
//! `cargo run --example session_probe` with the settings of the site; `routes.rs` lists the routes.

mod routes;

use actix_web::{App, HttpServer};
use anyhow::Context;
use clap::Parser;
use marquee::config::Cli;
use marquee::db::{self, Pool};
use marquee::sessions::Engine;

fn main() -> anyhow::Result<()> {
    env_logger::init();
    dotenvy::dotenv().ok();
    let settings = Cli::parse().settings.validate()?;
    actix_web::rt::System::new().block_on(async {
        let url = settings.database_url.as_deref().context("set DATABASE_URL")?;
        db::migrate(url).await?;
        let pool = Pool::new(url, settings.database_pool_size.into())?;
        let sessions = Engine::open(&settings.sessions, &pool)?.sessions().clone();
        let server = HttpServer::new(move || {
            App::new().configure(routes::probe).wrap(routes::panics()).wrap(sessions.clone())
        });
        Ok(server.bind((settings.host, settings.port))?.run().await?)
    })
}
