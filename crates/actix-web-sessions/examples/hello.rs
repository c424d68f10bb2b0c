//! Counts the visits of each browser: `cargo run --example hello`

use actix_web::{App, HttpServer, Result, get};
use actix_web_sessions::{Session, Sessions, stores::Memory};

#[get("/")]
async fn index(session: Session) -> Result<String> {
    Ok(format!("Visit {}", session.increment("visits", 1).await?))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let sessions = Sessions::new(Memory::new());
    HttpServer::new(move || App::new().wrap(sessions.clone()).service(index))
        .bind(("127.0.0.1", 8080))?
        .run()
        .await
}
