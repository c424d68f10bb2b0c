//! The part of the Postgres protocol that probes a server and creates a database.
//!
//! Message formats: <https://www.postgresql.org/docs/current/protocol-message-formats.html>

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

/// A server that does not answer in time is probed again.
const IO_TIMEOUT: Duration = Duration::from_secs(1);

/// Bytes of one message. Error messages are much shorter; a longer message is not from Postgres.
const MAX_MESSAGE_LENGTH: usize = 1 << 20;

/// The state of a server as a client sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Probe {
    Ready,
    NoSuchDatabase,
    /// Starting, stopping, or too busy to answer.
    NotReady,
    NotListening,
}

/// Connects to `database` as the user of the same name.
///
/// # Errors
/// When the server rejects the connection for another reason than [`Probe`] covers.
pub(crate) fn probe(socket: &Path, name: &str) -> anyhow::Result<Probe> {
    let error = match Session::open(socket, name, name) {
        Ok(Connected::Ready(_)) => return Ok(Probe::Ready),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                return Ok(Probe::NotListening);
            }
            _ => return Ok(Probe::NotReady),
        },
        Ok(Connected::Rejected(error)) => error,
    };
    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    match error.code.as_str() {
        "3D000" => Ok(Probe::NoSuchDatabase),
        "57P03" => Ok(Probe::NotReady),
        // All connections are in use, so the server is running.
        "53300" => Ok(Probe::Ready),
        _ => bail!("Postgres at {} rejects the connection: {}", socket.display(), error.message),
    }
}

pub(crate) fn create_database(socket: &Path, name: &str) -> anyhow::Result<()> {
    let opened = Session::open(socket, name, "postgres").context("cannot connect to Postgres")?;
    let mut session = match opened {
        Connected::Ready(session) => session,
        Connected::Rejected(error) => bail!("Postgres rejects the connection: {}", error.message),
    };
    session.stream.set_read_timeout(None)?;
    let quoted = name.replace('"', "\"\"");
    session.send(b"Q", format!("CREATE DATABASE \"{quoted}\"\0").as_bytes())?;
    let error = session.read_until_ready()?;
    let message = error.map_or_else(String::new, |error| error.message);
    ensure!(message.is_empty(), "cannot create the database {name}: {message}");
    Ok(())
}

enum Connected {
    Ready(Session),
    Rejected(ServerError),
}

#[derive(Debug, Default, PartialEq)]
struct ServerError {
    code: String,
    message: String,
}

struct Session {
    stream: UnixStream,
}

impl Session {
    fn open(socket: &Path, user: &str, database: &str) -> io::Result<Connected> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(IO_TIMEOUT))?;
        stream.set_write_timeout(Some(IO_TIMEOUT))?;
        let mut session = Self { stream };
        let version = 3_u32 << 16;
        let mut startup = version.to_be_bytes().to_vec();
        startup.extend(format!("user\0{user}\0database\0{database}\0\0").bytes());
        session.send(b"", &startup)?;
        let error = session.read_until_ready()?;
        Ok(error.map_or(Connected::Ready(session), Connected::Rejected))
    }

    /// Sends a message. The type byte of the first one is empty.
    fn send(&mut self, kind: &[u8], body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(4 + body.len()).map_err(io::Error::other)?;
        self.stream.write_all(&[kind, &length.to_be_bytes(), body].concat())
    }

    fn receive(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let [mut kind, mut length] = [[0; 1].to_vec(), [0; 4].to_vec()];
        self.stream.read_exact(&mut kind)?;
        self.stream.read_exact(&mut length)?;
        let length = length.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        if !(4..MAX_MESSAGE_LENGTH).contains(&length) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut body = vec![0; length - 4];
        self.stream.read_exact(&mut body)?;
        Ok((kind[0], body))
    }

    /// Reads until the server is ready for a query or closes the session. Returns its last error.
    fn read_until_ready(&mut self) -> io::Result<Option<ServerError>> {
        let mut reported = None;
        loop {
            match self.receive() {
                Ok((b'Z', _)) => return Ok(reported),
                Ok((b'E', body)) => reported = Some(ServerError::parse(&body)),
                Ok(_) => {}
                Err(_) if reported.is_some() => return Ok(reported),
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Without a Terminate message, Postgres logs an unexpected end of the connection.
        let _ = self.send(b"X", b"");
    }
}

impl ServerError {
    /// Parses the fields of an error message: a letter and a zero-terminated text each.
    fn parse(body: &[u8]) -> Self {
        let mut error = Self::default();
        for field in body.split(|&byte| byte == 0) {
            let text = || String::from_utf8_lossy(&field[1..]).into_owned();
            match field.first() {
                Some(b'C') => error.code = text(),
                Some(b'M') => error.message = text(),
                _ => {}
            }
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn server_error_has_code_and_message() {
        let body = b"SFATAL\0VFATAL\0C3D000\0Mdatabase \"x\" does not exist\0Fpostinit.c\0\0";
        let message = "database \"x\" does not exist".to_owned();
        assert_eq!(ServerError::parse(body), ServerError { code: "3D000".to_owned(), message });
    }

    #[test]
    fn probe_distinguishes_a_dead_socket_from_a_silent_server() {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("socket");
        assert_eq!(probe(&socket, "films").unwrap(), Probe::NotListening);
        let silent = UnixListener::bind(&socket).unwrap();
        assert_eq!(probe(&socket, "films").unwrap(), Probe::NotReady);
        drop(silent);
        assert_eq!(probe(&socket, "films").unwrap(), Probe::NotListening);
    }
}
