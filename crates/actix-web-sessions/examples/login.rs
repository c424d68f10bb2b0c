//! Logs in, lists the user's devices and ends the others: `cargo run --example login`

use actix_web::web::{Data, Form, Json};
use actix_web::{App, HttpResponse, HttpServer, Result, get, post};
use actix_web_sessions::stores::Memory;
use actix_web_sessions::{Session, SessionInfo, Sessions};
use serde::Deserialize;

#[derive(Deserialize)]
struct Login {
    name: String,
    password: String,
}

#[post("/login")]
async fn login(session: Session, form: Form<Login>) -> Result<HttpResponse> {
    if form.password != "open sesame" {
        return Ok(HttpResponse::Unauthorized().finish());
    }
    // A new id with the response; the old one cannot write into the session any more.
    session.login(&form.name)?;
    Ok(HttpResponse::Ok().body("Welcome"))
}

#[post("/logout")]
async fn logout(session: Session) -> HttpResponse {
    session.logout();
    HttpResponse::Ok().finish()
}

#[get("/devices")]
async fn devices(session: Session, sessions: Data<Sessions>) -> Result<Json<Vec<SessionInfo>>> {
    Ok(Json(sessions.of(&session.require_principal()?).await?))
}

#[post("/devices/others/end")]
async fn end_others(session: Session, sessions: Data<Sessions>) -> Result<String> {
    Ok(format!("{} ended", sessions.end_others(&session).await?))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let sessions = Sessions::new(Memory::new());
    HttpServer::new(move || {
        App::new()
            .app_data(Data::new(sessions.clone()))
            .service(login)
            .service(logout)
            .service(devices)
            .service(end_others)
            .wrap(sessions.clone())
    })
    .bind(("127.0.0.1", 8080))?
    .run()
    .await
}
