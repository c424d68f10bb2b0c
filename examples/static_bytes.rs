//! The limit that `bench/run` compares with: one answer from memory for every request, by the same
//! server with the same number of threads.
//!
//! `static_bytes PORT FILE`

use actix_web::{App, HttpResponse, HttpServer, web};

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(port), Some(file)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: static_bytes PORT FILE");
    };
    let page = web::Bytes::from(std::fs::read(file)?);
    let server = HttpServer::new(move || {
        let page = page.clone();
        App::new().default_service(web::to(move || {
            let page = page.clone();
            async { HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page) }
        }))
    });
    Ok(server.bind(("127.0.0.1", port.parse()?))?.run().await?)
}
