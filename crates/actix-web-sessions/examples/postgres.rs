//! Sessions in Postgres with Django's settings, and no rows for clients that return no cookie:
//! `DATABASE_URL=… SECRET_KEY=… cargo run --example postgres --features diesel-postgres,sealed`

use std::env;
use std::time::Duration;

use actix_web::{App, HttpServer, Result, get};
use actix_web_sessions::stores::DieselPostgres;
use actix_web_sessions::{FirstVisit, Session, Sessions};

#[get("/")]
async fn index(session: Session) -> Result<String> {
    Ok(format!("Visit {}", session.increment("visits", 1).await?))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = DieselPostgres::connect(&env::var("DATABASE_URL")?)?;
    store.ensure_schema().await?;
    let sessions = Sessions::builder(store)
        .env()?
        .first_visit(FirstVisit::Sealed)
        .absolute_age(Duration::from_secs(30 * 86_400))
        .build()?;
    let _sweeper = sessions.spawn_sweeper(Duration::from_secs(3600));
    HttpServer::new(move || App::new().service(index).wrap(sessions.clone()))
        .bind(("127.0.0.1", 8080))?
        .run()
        .await?;
    Ok(())
}
