//! The contract of stores, for every store of this crate and for one that uses only the public API.
//! Stores that need a server are tested if `TEST_DATABASE_URL` or `TEST_REDIS_URL` is set.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use actix_web_sessions::{RecordStore, Result, StoreKey, Versioned};

mod memory {
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex};

    use actix_web_sessions::stores::Memory;

    static OPEN: LazyLock<Mutex<HashMap<String, Memory>>> = LazyLock::new(Mutex::default);

    actix_web_sessions::conformance_tests!(|namespace: String| async move {
        OPEN.lock().unwrap().entry(namespace).or_default().clone()
    });

    #[actix_web::test]
    async fn serves_requests() {
        actix_web_sessions::conformance::app(async |_| Memory::new()).await.assert();
    }
}

#[cfg(feature = "file")]
mod file {
    use std::fs;
    use std::sync::LazyLock;

    use actix_web_sessions::conformance::{app, damaged_record, held_key};
    use actix_web_sessions::stores::File;
    use tempfile::TempDir;

    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().unwrap());

    actix_web_sessions::conformance_tests!(|namespace: String| async move {
        File::open(FOLDER.path(), &namespace).unwrap()
    });

    #[actix_web::test]
    async fn serves_requests() {
        let open = async |namespace: String| File::open(FOLDER.path(), &namespace).unwrap();
        app(open).await.assert();
    }

    #[tokio::test]
    async fn sc_34() {
        let folder = TempDir::new().unwrap();
        for damage in [&b""[..], b"garbage", b"\xff\xfe\x00", b"{}", b"[]", &[0; 5000]] {
            damaged_record(File::open(folder.path(), "s").unwrap(), async |key| {
                fs::write(folder.path().join(format!("s{}", key.to_hex())), damage).unwrap();
            })
            .await;
        }
    }

    #[tokio::test]
    async fn sc_35() {
        let folder = TempDir::new().unwrap();
        held_key(File::open(folder.path(), "s").unwrap(), async |key| {
            let stripe = key.as_bytes()[0] % 64;
            let path = folder.path().join(format!("s.lock-{stripe:02x}"));
            let lock = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
            lock.lock().unwrap();
            lock
        })
        .await;
    }
}

#[cfg(feature = "redis")]
#[actix_web::test]
async fn redis() {
    use actix_web_sessions::conformance;
    use actix_web_sessions::stores::Redis;

    let Ok(url) = std::env::var("TEST_REDIS_URL") else { return };
    conformance::run(|namespace| {
        let store = Redis::connect(&url).unwrap().prefix(namespace);
        async move { store }
    })
    .await
    .assert();
    conformance::outage(Redis::connect("redis://127.0.0.1:1").unwrap()).await;
    let connect = || Redis::connect(&url).unwrap().prefix("damaged");
    for damage in ["SET", "HSET"] {
        conformance::damaged_record(connect(), async |key| {
            let mut connection =
                ::redis::Client::open(url.as_str()).unwrap().get_connection().unwrap();
            let name = format!("damaged{}", key.to_hex());
            let mut command = ::redis::cmd(damage);
            command.arg(&name);
            match damage {
                "SET" => command.arg("text"),
                _ => command.arg("color").arg("no JSON"),
            };
            command.exec(&mut connection).unwrap();
        })
        .await;
    }
    conformance::app(async |namespace| Redis::connect(&url).unwrap().prefix(namespace))
        .await
        .assert();
}

#[cfg(feature = "diesel-postgres")]
#[actix_web::test]
async fn diesel_postgres() {
    use actix_web_sessions::conformance;
    use actix_web_sessions::stores::DieselPostgres;
    use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

    let Ok(url) = std::env::var("TEST_DATABASE_URL") else { return };
    DieselPostgres::connect(&url).unwrap().ensure_schema().await.unwrap();
    conformance::run(|_| {
        let store = DieselPostgres::connect(&url).unwrap();
        async move { store }
    })
    .await
    .assert();
    let dead = DieselPostgres::connect("postgres://localhost:1/nowhere").unwrap();
    conformance::outage(dead).await;
    conformance::held_key(DieselPostgres::connect(&url).unwrap(), async |key| {
        let mut connection = AsyncPgConnection::establish(&url).await.unwrap();
        let key = key.to_hex();
        let lock = format!("BEGIN; SELECT 1 FROM sessions WHERE key_hash = '\\x{key}' FOR UPDATE");
        connection.batch_execute(&lock).await.unwrap();
        connection
    })
    .await;
    conformance::app(async |_| DieselPostgres::connect(&url).unwrap()).await.assert();
    // Not beside the others, whose sweeps share the table.
    #[cfg(feature = "redis")]
    cached(&url).await;
}

#[cfg(all(feature = "diesel-postgres", feature = "redis"))]
async fn cached(url: &str) {
    use actix_web_sessions::conformance;
    use actix_web_sessions::stores::{Cached, DieselPostgres, Redis};

    let Ok(redis) = std::env::var("TEST_REDIS_URL") else { return };
    conformance::run(|namespace| {
        let redis = Redis::connect(&redis).unwrap().prefix(namespace);
        let store = Cached::new(DieselPostgres::connect(url).unwrap(), redis);
        async move { store }
    })
    .await
    .assert();
    conformance::app(async |namespace: String| {
        let redis = Redis::connect(&redis).unwrap().prefix(namespace);
        Cached::new(DieselPostgres::connect(url).unwrap(), redis)
    })
    .await
    .assert();
}

/// The smallest store: a map with versions.
mod own {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, LazyLock, Mutex};
    use std::time::Duration;

    use super::{RecordStore, Result, StoreKey, Versioned};

    #[derive(Clone, Default)]
    struct Map(Arc<Mutex<HashMap<StoreKey, Entry>>>);

    /// A record and its version.
    type Entry = (Vec<u8>, u64);

    /// No two states of a record share a version, also if it is removed in between.
    fn next_version() -> u64 {
        static VERSIONS: AtomicU64 = AtomicU64::new(0);
        VERSIONS.fetch_add(1, Ordering::Relaxed)
    }

    impl RecordStore for Map {
        type Version = u64;

        async fn get(&self, key: &StoreKey) -> Result<Option<(Vec<u8>, u64)>> {
            Ok(self.0.lock().unwrap().get(key).cloned())
        }

        async fn insert(&self, key: &StoreKey, record: &[u8], _: Duration) -> Result<bool> {
            let mut map = self.0.lock().unwrap();
            let free = !map.contains_key(key);
            if free {
                map.insert(*key, (record.to_owned(), next_version()));
            }
            Ok(free)
        }

        async fn replace(
            &self,
            key: &StoreKey,
            expected: &u64,
            record: &[u8],
            _: Duration,
        ) -> Result<bool> {
            let mut map = self.0.lock().unwrap();
            let Some(entry) = map.get_mut(key).filter(|(_, version)| version == expected) else {
                return Ok(false);
            };
            *entry = (record.to_owned(), next_version());
            Ok(true)
        }

        async fn remove(&self, key: &StoreKey, expected: &u64) -> Result<bool> {
            let mut map = self.0.lock().unwrap();
            let same = map.get(key).is_some_and(|(_, version)| version == expected);
            if same {
                map.remove(key);
            }
            Ok(same)
        }
    }

    static OPEN: LazyLock<Mutex<HashMap<String, Map>>> = LazyLock::new(Mutex::default);

    actix_web_sessions::conformance_tests!(|namespace: String| async move {
        Versioned::new(OPEN.lock().unwrap().entry(namespace).or_default().clone())
    });
}
