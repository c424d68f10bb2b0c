//! The server, and the middleware around every route.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};

use crate::web::admin;
use crate::web::http::connections::{self, Connections};
use crate::web::http::{catch_panic, guard, request_log, timeout};
use crate::web::render::error_page;
use crate::web::routes;
use crate::web::state::Site;

/// Size of the write buffer of a connection, in bytes: most pages fit in one write.
const WRITE_BUFFER_SIZE: usize = 128 << 10;

/// For the head of a connection's first request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// For an idle connection. Longer than those of common proxies: the side that sends requests should
/// be the one that closes.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// For open requests at shutdown, in seconds.
const SHUTDOWN_TIMEOUT: u64 = 8;

/// Starts the site on `listener`. Middleware added later runs earlier. Errors become pages twice:
/// inside of the sessions, where the visitor's theme is known, and outside, for errors of the
/// outer middleware.
///
/// # Errors
/// When the operating system refuses the listener.
pub fn serve(listener: TcpListener, site: Site, workers: usize) -> io::Result<Server> {
    let max_connections = site.max_connections;
    let server = HttpServer::new(move || {
        let pages = web::scope("")
            .configure(routes::pages)
            .wrap(from_fn(error_page::render_errors))
            .wrap(from_fn(guard::same_origin))
            .wrap(site.sessions());
        App::new()
            .configure(|config| site.configure(config))
            .configure(routes::files)
            .configure(|config| {
                if !site.has_ops_address {
                    routes::ops(config);
                }
            })
            .configure(|config| admin::routes::configure(config, &site.admin))
            .service(pages)
            .wrap(Compress::default())
            .wrap(from_fn(guard::admit))
            .wrap(from_fn(timeout::limit))
            .wrap(from_fn(catch_panic::catch_panic))
            .wrap(from_fn(error_page::render_errors))
            .wrap(from_fn(request_log::log))
    });
    let connections = Connections::new(max_connections);
    actix_web::rt::spawn(connections.clone().watch(connections::MAX_IDLE));
    let server = server
        .on_connect(move |stream, data| connections.add(stream, data))
        .workers(workers)
        .max_connections((max_connections as usize / workers).max(1))
        .client_request_timeout(HEAD_TIMEOUT)
        // Without it the end of a page waits until the client has acknowledged its beginning.
        .tcp_nodelay(true)
        .h1_write_buffer_size(WRITE_BUFFER_SIZE)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_TIMEOUT)
        // The program handles signals: it stops the server first, then the database.
        .disable_signals();
    Ok(server.listen(listener)?.run())
}

/// Starts the ops endpoints on a `listener` of their own.
///
/// # Errors
/// When the operating system refuses the listener.
pub fn serve_ops(listener: TcpListener, site: Site) -> io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new().configure(|config| site.configure(config)).configure(routes::ops)
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}
