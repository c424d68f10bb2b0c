//! The server, and the middleware around every route.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};

use crate::web::http::connections::{self, Connections};
use crate::web::http::{catch_panic, guard, request_log, timeout};
use crate::web::render::error_page;
use crate::web::routes::{admin, files, pages};
use crate::web::state::Site;

/// Bytes of an answer that go to the operating system in one call: most pages as a whole.
const WRITTEN_AT_ONCE: usize = 128 << 10;

/// For the head of a connection's first request.
const HEAD_WITHIN: Duration = Duration::from_secs(5);

/// An idle connection's time. A proxy's is usually shorter: better that the side which sends ends it.
const KEPT_ALIVE: Duration = Duration::from_secs(75);

/// Starts answering on `listener`. `wrap` reads bottom up. The error pages stand twice: inside
/// the sessions, where they know the visitor's theme, and outside for what fails there.
///
/// # Errors
/// When the operating system refuses the listener.
pub fn serve(listener: TcpListener, site: Site, workers: usize) -> io::Result<Server> {
    let max_connections = site.max_connections;
    let server = HttpServer::new(move || {
        let pages = web::scope("")
            .configure(pages)
            .wrap(from_fn(error_page::pages))
            .wrap(from_fn(guard::same_origin))
            .wrap(site.sessions());
        App::new()
            .app_data(web::Data::new(site.clone()))
            .configure(files)
            .configure(|config| {
                if !site.admin_apart {
                    admin(config);
                }
            })
            .service(pages)
            .wrap(Compress::default())
            .wrap(from_fn(guard::admit))
            .wrap(from_fn(timeout::limit))
            .wrap(from_fn(catch_panic::panics))
            .wrap(from_fn(error_page::pages))
            .wrap(from_fn(request_log::log))
    });
    let connections = Connections::new(max_connections);
    actix_web::rt::spawn(connections.clone().watch(connections::LONGEST));
    let server = server
        .on_connect(move |stream, data| connections.add(stream, data))
        .workers(workers)
        .max_connections((max_connections as usize / workers).max(1))
        .client_request_timeout(HEAD_WITHIN)
        // The end of a page does not wait until the client has confirmed its beginning.
        .tcp_nodelay(true)
        .h1_write_buffer_size(WRITTEN_AT_ONCE)
        .keep_alive(KEPT_ALIVE);
    // Signals are the program's: it stops the server, then the database.
    let server = server.shutdown_timeout(8).disable_signals();
    Ok(server.listen(listener)?.run())
}

/// Starts answering the operator's monitoring on a `listener` of its own.
///
/// # Errors
/// When the operating system refuses the listener.
pub fn serve_admin(listener: TcpListener, site: Site) -> io::Result<Server> {
    let server =
        HttpServer::new(move || App::new().app_data(web::Data::new(site.clone())).configure(admin));
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}
