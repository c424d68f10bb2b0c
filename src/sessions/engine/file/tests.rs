//! The engine with real folders, and with other processes where those make a difference.

mod basics;
mod crowd;
mod damage;
mod process;
mod trouble;

use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::FileEngine;
use super::record::{Content, Life, Record};
use crate::sessions::data::{Changes, Data};
use crate::sessions::engine::{Added, Engine, Loaded, Merged};
use crate::sessions::key::Key;

const PREFIX: &str = "sessionid";

/// An engine with a folder of its own.
struct Site {
    folder: TempDir,
    engine: FileEngine,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = FileEngine::open(folder.path(), PREFIX, None).unwrap();
        Self { folder, engine }
    }

    async fn insert(&self, value: Value) -> Key {
        self.engine.insert(&data(value), in_an_hour()).await.unwrap()
    }

    async fn load(&self, key: &Key) -> Loaded {
        self.engine.load(key).await.unwrap()
    }

    /// The data of a session that must be there.
    async fn found(&self, key: &Key) -> Data {
        match self.load(key).await {
            Loaded::Found(data) => data,
            other => panic!("{other:?}"),
        }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.path().join(format!("{PREFIX}{}", hex(&key.hash())))
    }

    fn aside(&self, key: &Key) -> PathBuf {
        self.folder.path().join(format!("{PREFIX}{}.damaged", hex(&key.hash())))
    }

    /// A session's file as another time would have left it.
    fn plant(&self, life: Life, content: Content) -> Key {
        let key = Key::generate();
        let bytes = Record { life, content }.encode(&key.hash()).unwrap();
        fs::write(self.path(&key), bytes).unwrap();
        key
    }

    /// All file names but those of locks, sorted.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| !name.contains(".lock-")).collect();
        names.sort();
        names
    }
}

fn data(value: Value) -> Data {
    serde_json::from_value(value).unwrap()
}

fn change(value: Value) -> Changes {
    Changes { changed: data(value), removed: Vec::new() }
}

fn in_an_hour() -> DateTime<Utc> {
    Utc::now() + TimeDelta::hours(1)
}

fn a_second_ago() -> DateTime<Utc> {
    Utc::now() - TimeDelta::seconds(1)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every way to write to a session that is not there leaves nothing.
async fn assert_gone(engine: &FileEngine, key: &Key) {
    let changes = change(json!({ "late": true }));
    assert!(engine.merge(key, &changes, in_an_hour()).await.unwrap() == Merged::Gone);
    assert_eq!(engine.add(key, "late", 1, in_an_hour()).await.unwrap(), Added::Missing);
    assert!(engine.rotate(key, &changes, in_an_hour()).await.unwrap().is_none());
    assert_eq!(engine.load(key).await.unwrap(), Loaded::Missing);
}
