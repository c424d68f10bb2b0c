//! Attacks that once worked, and their variants: each is refused at little cost.

mod bodies;
mod hosts;
mod multiplied;
mod proxies;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::support::TestApp;

/// An open connection to the site, for requests that no client library would send.
struct Raw(TcpStream);

impl Raw {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    /// Returns whether the site still took all of it.
    fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).is_ok()
    }

    /// Everything until the site closes the connection or falls silent.
    fn response(mut self) -> String {
        let mut bytes = Vec::new();
        _ = self.0.read_to_end(&mut bytes);
        _ = self.0.shutdown(Shutdown::Both);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Runs blocking code beside the test's site.
async fn blocking<T: Send + 'static>(attack: impl FnOnce() -> T + Send + 'static) -> T {
    actix_web::rt::task::spawn_blocking(attack).await.unwrap()
}

/// The response to these bytes.
async fn raw(app: &TestApp, bytes: impl Into<Vec<u8>>) -> String {
    let (address, bytes) = (app.address.clone(), bytes.into());
    blocking(move || {
        let mut connection = Raw::open(&address);
        connection.send(&bytes);
        connection.response()
    })
    .await
}

fn status(response: &str) -> &str {
    response.split(' ').nth(1).unwrap_or_default()
}
