//! Closes idle and slow connections (slowloris protection).
//!
//! The server limits the time for the head of a connection's first request. This limits what else
//! can occupy a connection: a later request that arrives slowly, and a response that is not read.

use std::any::Any;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use actix_web::rt::net;
use actix_web::rt::time::interval;

/// Maximum time between two requests of a connection. Longer than the keep-alive time and than every
/// request timeout.
pub(crate) const MAX_IDLE: Duration = Duration::from_secs(120);

/// All connections of a server. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Connections(Arc<Open>);

struct Open {
    /// Highest file descriptor that a second handle may have.
    max_descriptor: RawFd,
    started: Instant,
    connections: Mutex<Vec<Weak<Connection>>>,
}

/// Belongs to the requests of a connection, and is dropped with it.
pub(crate) struct Connection {
    /// A second handle, to shut the connection down; the server closes its own.
    socket: TcpStream,
    /// When the last request began, in milliseconds after the server's start.
    last_used: AtomicU64,
    open: Arc<Open>,
}

impl Connections {
    /// `max` is the server's maximum number of connections. Beyond that number of open files, new
    /// connections are not watched, so that second handles do not exhaust the file limit.
    pub(crate) fn new(max: u32) -> Self {
        let max_descriptor = RawFd::try_from(max).unwrap_or(RawFd::MAX);
        let started = Instant::now();
        Self(Arc::new(Open { max_descriptor, started, connections: Mutex::default() }))
    }

    /// Watches a new connection.
    pub(crate) fn add(&self, stream: &dyn Any, data: &mut Extensions) {
        let Some(stream) = stream.downcast_ref::<net::TcpStream>() else { return };
        match self.watched(stream) {
            Ok(connection) => _ = connection.map(|connection| data.insert(connection)),
            Err(error) => log::debug!("cannot watch a connection: {error}"),
        }
    }

    fn watched(&self, stream: &net::TcpStream) -> io::Result<Option<Arc<Connection>>> {
        let socket = TcpStream::from(stream.as_fd().try_clone_to_owned()?);
        // The operating system assigns the lowest free descriptor.
        if socket.as_raw_fd() > self.0.max_descriptor {
            return Ok(None);
        }
        let last_used = AtomicU64::new(self.0.now());
        let connection = Arc::new(Connection { socket, last_used, open: Arc::clone(&self.0) });
        let mut connections = self.0.connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.push(Arc::downgrade(&connection));
        Ok(Some(connection))
    }

    /// Closes connections without a new request for `max_idle`, until the server is dropped.
    pub(crate) async fn watch(self, max_idle: Duration) {
        let mut turns = interval((max_idle / 8).min(Duration::from_secs(5)));
        let open = Arc::downgrade(&self.0);
        drop(self);
        loop {
            turns.tick().await;
            let Some(open) = open.upgrade() else { return };
            open.sweep(max_idle);
        }
    }
}

impl Open {
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn sweep(&self, max_idle: Duration) {
        let now = self.now();
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.retain(|connection| {
            let Some(connection) = connection.upgrade() else { return false };
            let idle = now.saturating_sub(connection.last_used.load(Ordering::Relaxed));
            if u128::from(idle) > max_idle.as_millis() {
                // It may be closed already.
                _ = connection.socket.shutdown(Shutdown::Both);
            }
            true
        });
    }
}

/// Records that a request has arrived on its connection.
pub(crate) fn touch(request: &HttpRequest) {
    if let Some(connection) = of(request) {
        connection.last_used.store(connection.open.now(), Ordering::Relaxed);
    }
}

/// Returns the connection of a request, if it is watched.
pub(crate) fn of(request: &HttpRequest) -> Option<&Arc<Connection>> {
    request.conn_data()
}

impl Connection {
    /// Ends the input. Without this, the server would read the rest of a refused body of unknown length
    /// before it closes the connection.
    pub(crate) fn stop_reading(&self) {
        // The client may have closed it already.
        _ = self.socket.shutdown(Shutdown::Read);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use actix_web::dev::{Service, ServiceRequest};
    use actix_web::{App, HttpResponse, HttpServer, web};

    use super::*;

    const MAX_IDLE: Duration = Duration::from_secs(1);
    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    /// Starts a server whose only page exceeds the operating system's buffers.
    fn serve() -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Connections::new(1 << 16);
        actix_web::rt::spawn(connections.clone().watch(MAX_IDLE));
        let page = || async { HttpResponse::Ok().body(vec![b'x'; 32 << 20]) };
        let server = HttpServer::new(move || {
            App::new().default_service(web::to(page)).wrap_fn(|request: ServiceRequest, next| {
                touch(request.request());
                next.call(request)
            })
        });
        let server = server.on_connect(move |io, data| connections.add(io, data)).workers(1);
        actix_web::rt::spawn(server.disable_signals().listen(listener).unwrap().run());
        TcpStream::connect(address).unwrap()
    }

    /// Reads to the end, and returns how long it took the server to close the connection.
    async fn ended(mut stream: TcpStream) -> Duration {
        let start = Instant::now();
        let read = move || io::copy(&mut stream, &mut io::sink());
        // A reset is an end, too.
        _ = actix_web::rt::task::spawn_blocking(read).await.unwrap();
        start.elapsed()
    }

    async fn read_response(mut stream: TcpStream) -> TcpStream {
        let read = move || {
            stream.write_all(GET).unwrap();
            let (mut size, mut chunk) = (0, vec![0; 1 << 20]);
            while size < 32 << 20 {
                size += stream.read(&mut chunk).unwrap();
            }
            stream
        };
        actix_web::rt::task::spawn_blocking(read).await.unwrap()
    }

    #[actix_web::test]
    async fn slow_later_request_is_closed() {
        let mut stream = read_response(serve()).await;
        stream.write_all(&GET[..10]).unwrap();
        let time = ended(stream).await;
        assert!(time < MAX_IDLE * 4, "{time:?}: the server alone would wait forever");
    }

    #[actix_web::test]
    async fn unread_response_is_closed() {
        let mut stream = serve();
        stream.write_all(GET).unwrap();
        let mut probe = stream.try_clone().unwrap();
        // Writing fails once the server has closed.
        let write = move || while probe.write_all(b"x").is_ok() {};
        let start = Instant::now();
        actix_web::rt::task::spawn_blocking(write).await.unwrap();
        assert!(start.elapsed() < MAX_IDLE * 20, "{:?}", start.elapsed());
        assert!(ended(stream).await < MAX_IDLE);
    }
}
