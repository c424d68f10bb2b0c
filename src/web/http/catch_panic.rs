//! Converts panics of handlers into 500 responses, and keeps the connection open.

use std::panic::AssertUnwindSafe;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use futures_util::FutureExt;

use crate::web::error::Error;

pub(crate) async fn catch_panic(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(response) => response,
        // The panic hook in `crate::logging` has logged message and location.
        Err(_) => Err(Error::Internal(anyhow::anyhow!("panicked")).into()),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::{App, HttpResponse, HttpServer, web};

    use super::*;

    /// With one worker and one connection, so that both must survive.
    #[actix_web::test]
    async fn panic_is_a_500_and_keeps_worker_and_connection() {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let defect = || async { "1,2".split(',').nth(2).map(str::to_owned).expect("a defect") };
        let server = HttpServer::new(move || {
            let app = App::new().route("/defect", web::get().to(defect));
            app.wrap(from_fn(catch_panic)).default_service(web::to(HttpResponse::Ok))
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap();
        actix_web::rt::spawn(server.run());
        let answers = actix_web::rt::task::spawn_blocking(move || {
            let ask = |path| {
                let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
                stream.write_all(request.as_bytes()).unwrap();
                let mut answer = vec![0; 4096];
                let length = stream.read(&mut answer).unwrap();
                String::from_utf8_lossy(&answer[..length]).into_owned()
            };
            ["/defect", "/", "/defect", "/"].map(ask)
        });
        let statuses = answers.await.unwrap().map(|answer| answer[9..12].to_owned());
        assert_eq!(statuses, ["500", "200", "500", "200"]);
    }
}
