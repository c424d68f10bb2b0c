//! The store in Redis while its server is demoted.

#![cfg(feature = "redis")]
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use actix_web_sessions::stores::Redis;
use actix_web_sessions::{
    Changes, Inserted, Loaded, Merged, NewSession, Policy, SessionId, Store, StoreErrorKind,
};
use tempfile::TempDir;

const POLICY: Policy = Policy { age: Duration::from_secs(60), touch_threshold: Duration::ZERO };

/// A Redis server that stops when it is dropped.
struct Server {
    process: Child,
    socket: PathBuf,
}

impl Server {
    fn start(folder: &Path, name: &str) -> Self {
        let socket = folder.join(name);
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--unixsocket"]).arg(&socket);
        let process = command.stdout(Stdio::null()).spawn().unwrap();
        let server = Self { process, socket };
        while server.connect().is_err() {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        server
    }

    fn connect(&self) -> redis::RedisResult<redis::Connection> {
        redis::Client::open(format!("redis+unix://{}", self.socket.display()))?.get_connection()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

#[tokio::test]
async fn demoted_primary_is_unavailable_and_given_up() {
    if std::env::var("TEST_REDIS_URL").is_err() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let (old, new) = (Server::start(folder.path(), "old"), Server::start(folder.path(), "new"));
    let address = folder.path().join("primary");
    symlink(&old.socket, &address).unwrap();
    let store = Redis::connect(&format!("redis+unix://{}", address.display())).unwrap();
    let session = NewSession::default();
    let insert = async || {
        let key = SessionId::generate().unwrap().key();
        store.insert(&key, &session, &POLICY).await.map(|inserted| (key, inserted))
    };
    let (key, _) = insert().await.unwrap();

    let mut demote = redis::cmd("REPLICAOF");
    demote.arg("127.0.0.1").arg(1).exec(&mut old.connect().unwrap()).unwrap();
    assert_eq!(insert().await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    let changes =
        Changes { set: [("a".to_owned(), 1.into())].into_iter().collect(), ..Changes::default() };
    let merged = store.merge(&key, &changes, &POLICY).await;
    assert_eq!(merged.unwrap_err().kind(), StoreErrorKind::Unavailable, "and not gone");

    std::fs::remove_file(&address).unwrap();
    symlink(&new.socket, &address).unwrap();
    let (key, inserted) = insert().await.unwrap();
    assert!(matches!(inserted, Inserted::Created(_)));
    assert!(matches!(store.load(&key).await.unwrap(), Loaded::Found(_)));
    let merged = store.merge(&key, &changes, &POLICY).await.unwrap();
    assert!(matches!(merged, Merged::Applied(_)));
}
