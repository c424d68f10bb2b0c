//! Open connections, and the end of those that keep a place without using it.
//!
//! The server gives the head of a connection's first request five seconds. This is for what else can
//! hold one: the head of a later request that only trickles in, and an answer that nobody reads.

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

/// For a request to be answered and the next one to arrive whole: longer than an idle connection is
/// kept, and than the longest deadline.
pub const LONGEST: Duration = Duration::from_secs(120);

/// All connections of a server. Cloning is cheap.
#[derive(Clone)]
pub struct Connections(Arc<Open>);

struct Open {
    /// The second handles take no more of the process's files than this.
    most: RawFd,
    since: Instant,
    connections: Mutex<Vec<Weak<Connection>>>,
}

/// Stands by a connection's requests, and is gone with it.
struct Connection {
    /// A second handle: closing is the server's, this one can only break it off.
    socket: TcpStream,
    /// Milliseconds of the server's life at which a request began.
    used: AtomicU64,
    open: Arc<Open>,
}

impl Connections {
    /// For a server of up to `most` connections: beside so many files no second handles are kept, so
    /// that watching takes nobody's place.
    pub fn new(most: u32) -> Self {
        let most = RawFd::try_from(most).unwrap_or(RawFd::MAX);
        Self(Arc::new(Open { most, since: Instant::now(), connections: Mutex::default() }))
    }

    /// To be called with every new one.
    pub fn add(&self, stream: &dyn Any, data: &mut Extensions) {
        let Some(stream) = stream.downcast_ref::<net::TcpStream>() else { return };
        match self.watched(stream) {
            Ok(connection) => _ = connection.map(|connection| data.insert(connection)),
            Err(error) => log::debug!("a connection cannot be watched: {error}"),
        }
    }

    fn watched(&self, stream: &net::TcpStream) -> io::Result<Option<Arc<Connection>>> {
        let socket = TcpStream::from(stream.as_fd().try_clone_to_owned()?);
        // The system gives out the lowest number that is free.
        if socket.as_raw_fd() > self.0.most {
            return Ok(None);
        }
        let used = AtomicU64::new(self.0.now());
        let connection = Arc::new(Connection { socket, used, open: Arc::clone(&self.0) });
        let mut connections = self.0.connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.push(Arc::downgrade(&connection));
        Ok(Some(connection))
    }

    /// Breaks off every connection on which no request began for so long, until the server is gone.
    pub async fn watch(self, longest: Duration) {
        let mut turns = interval((longest / 8).min(Duration::from_secs(5)));
        let open = Arc::downgrade(&self.0);
        drop(self);
        loop {
            turns.tick().await;
            let Some(open) = open.upgrade() else { return };
            open.sweep(longest);
        }
    }
}

impl Open {
    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn sweep(&self, longest: Duration) {
        let now = self.now();
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.retain(|connection| {
            let Some(connection) = connection.upgrade() else { return false };
            let idle = now.saturating_sub(connection.used.load(Ordering::Relaxed));
            if u128::from(idle) > longest.as_millis() {
                // It may be closed already.
                _ = connection.socket.shutdown(Shutdown::Both);
            }
            true
        });
    }
}

/// Notes that a request has arrived on its connection.
pub fn used(request: &HttpRequest) {
    if let Some(connection) = request.conn_data::<Arc<Connection>>() {
        connection.used.store(connection.open.now(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use actix_web::dev::{Service, ServiceRequest};
    use actix_web::{App, HttpResponse, HttpServer, web};

    use super::*;

    const LONGEST: Duration = Duration::from_secs(1);
    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    /// A server whose only page is more than the system's buffers hold.
    fn serve() -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Connections::new(1 << 16);
        actix_web::rt::spawn(connections.clone().watch(LONGEST));
        let page = || async { HttpResponse::Ok().body(vec![b'x'; 32 << 20]) };
        let server = HttpServer::new(move || {
            App::new().default_service(web::to(page)).wrap_fn(|request: ServiceRequest, next| {
                used(request.request());
                next.call(request)
            })
        });
        let server = server.on_connect(move |io, data| connections.add(io, data)).workers(1);
        actix_web::rt::spawn(server.disable_signals().listen(listener).unwrap().run());
        TcpStream::connect(address).unwrap()
    }

    /// How long it takes until the other side ends the connection, once everything is read.
    async fn ended(mut stream: TcpStream) -> Duration {
        let start = Instant::now();
        let read = move || io::copy(&mut stream, &mut io::sink());
        // Broken off in the middle is ended, too.
        _ = actix_web::rt::task::spawn_blocking(read).await.unwrap();
        start.elapsed()
    }

    async fn answered(mut stream: TcpStream) -> TcpStream {
        let read = move || {
            stream.write_all(GET).unwrap();
            let (mut answer, mut part) = (0, vec![0; 1 << 20]);
            while answer < 32 << 20 {
                answer += stream.read(&mut part).unwrap();
            }
            stream
        };
        actix_web::rt::task::spawn_blocking(read).await.unwrap()
    }

    #[actix_web::test]
    async fn a_later_head_that_only_trickles_in_is_given_up() {
        let mut stream = answered(serve()).await;
        stream.write_all(&GET[..10]).unwrap();
        let time = ended(stream).await;
        assert!(time < LONGEST * 4, "{time:?}: the server alone would wait for ever");
    }

    #[actix_web::test]
    async fn an_answer_that_nobody_reads_is_given_up() {
        let mut stream = serve();
        stream.write_all(GET).unwrap();
        let mut probe = stream.try_clone().unwrap();
        // The other side's end shows when nothing more can be sent.
        let write = move || while probe.write_all(b"x").is_ok() {};
        let start = Instant::now();
        actix_web::rt::task::spawn_blocking(write).await.unwrap();
        assert!(start.elapsed() < LONGEST * 20, "{:?}", start.elapsed());
        assert!(ended(stream).await < LONGEST);
    }
}
