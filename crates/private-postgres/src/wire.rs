//! As much of Postgres' protocol as it takes to ask "are you ready?" and to make a database.
//!
//! Message formats: <https://www.postgresql.org/docs/current/protocol-message-formats.html>

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::NAME;

/// A server that takes longer is asked again.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Longer than any error message; a longer answer is not one of Postgres.
const LONGEST: usize = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    Ready,
    NoSuchDatabase,
    /// It is starting, stopping or very busy.
    NotYet,
    Nobody,
}

/// # Errors
/// What listens there is not our server.
pub fn ask(socket: &Path, database: &str) -> anyhow::Result<Answer> {
    let refusal = match Session::open(socket, database) {
        Ok(Reply::Ready(_)) => return Ok(Answer::Ready),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                return Ok(Answer::Nobody);
            }
            _ => return Ok(Answer::NotYet),
        },
        Ok(Reply::Refused(refusal)) => refusal,
    };
    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    match refusal.code.as_str() {
        "3D000" => Ok(Answer::NoSuchDatabase),
        "57P03" => Ok(Answer::NotYet),
        // All connections are taken: it serves.
        "53300" => Ok(Answer::Ready),
        _ => bail!("Postgres at {} refuses us: {}", socket.display(), refusal.message),
    }
}

pub fn make_database(socket: &Path, name: &str) -> anyhow::Result<()> {
    let mut session = match Session::open(socket, "postgres").context("cannot reach Postgres")? {
        Reply::Ready(session) => session,
        Reply::Refused(refusal) => bail!("Postgres refuses us: {}", refusal.message),
    };
    session.stream.set_read_timeout(None)?;
    let quoted = name.replace('"', "\"\"");
    session.send(b"Q", format!("CREATE DATABASE \"{quoted}\"\0").as_bytes())?;
    let refusal = session.until_ready()?;
    let message = refusal.map_or_else(String::new, |refusal| refusal.message);
    ensure!(message.is_empty(), "cannot make the database {name}: {message}");
    Ok(())
}

enum Reply {
    Ready(Session),
    Refused(Refusal),
}

#[derive(Debug, Default, PartialEq)]
struct Refusal {
    code: String,
    message: String,
}

struct Session {
    stream: UnixStream,
}

impl Session {
    fn open(socket: &Path, database: &str) -> io::Result<Reply> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        let mut session = Self { stream };
        let version = 3_u32 << 16;
        let mut startup = version.to_be_bytes().to_vec();
        startup.extend(format!("user\0{NAME}\0database\0{database}\0\0").bytes());
        session.send(b"", &startup)?;
        let refusal = session.until_ready()?;
        Ok(refusal.map_or(Reply::Ready(session), Reply::Refused))
    }

    /// The first message has no kind.
    fn send(&mut self, kind: &[u8], body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(4 + body.len()).map_err(io::Error::other)?;
        self.stream.write_all(&[kind, &length.to_be_bytes(), body].concat())
    }

    fn receive(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let [mut kind, mut length] = [[0; 1].to_vec(), [0; 4].to_vec()];
        self.stream.read_exact(&mut kind)?;
        self.stream.read_exact(&mut length)?;
        let length = length.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        if !(4..LONGEST).contains(&length) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut body = vec![0; length - 4];
        self.stream.read_exact(&mut body)?;
        Ok((kind[0], body))
    }

    /// Reads until the server waits for us, or ends the session with an error.
    fn until_ready(&mut self) -> io::Result<Option<Refusal>> {
        let mut refusal = None;
        loop {
            match self.receive() {
                Ok((b'Z', _)) => return Ok(refusal),
                Ok((b'E', body)) => refusal = Some(Refusal::read(&body)),
                Ok(_) => {}
                Err(_) if refusal.is_some() => return Ok(refusal),
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A courtesy: without it Postgres sees the end of the stream.
        let _ = self.send(b"X", b"");
    }
}

impl Refusal {
    /// Fields, each a letter and a text that ends with a zero.
    fn read(body: &[u8]) -> Self {
        let mut refusal = Self::default();
        for field in body.split(|&byte| byte == 0) {
            let text = || String::from_utf8_lossy(&field[1..]).into_owned();
            match field.first() {
                Some(b'C') => refusal.code = text(),
                Some(b'M') => refusal.message = text(),
                _ => {}
            }
        }
        refusal
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_refusal_has_a_code_and_a_message() {
        let body = b"SFATAL\0VFATAL\0C3D000\0Mdatabase \"x\" does not exist\0Fpostinit.c\0\0";
        let message = "database \"x\" does not exist".to_owned();
        assert_eq!(Refusal::read(body), Refusal { code: "3D000".to_owned(), message });
    }

    #[test]
    fn a_socket_that_nobody_listens_to_is_told_from_a_silent_server() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        assert_eq!(ask(&socket, NAME).unwrap(), Answer::Nobody);
        let silent = UnixListener::bind(&socket).unwrap();
        assert_eq!(ask(&socket, NAME).unwrap(), Answer::NotYet);
        drop(silent);
        assert_eq!(ask(&socket, NAME).unwrap(), Answer::Nobody);
    }
}
