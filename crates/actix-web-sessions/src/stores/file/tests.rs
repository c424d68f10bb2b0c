use std::fs::{self, OpenOptions};

use tempfile::TempDir;

use super::*;
use crate::data::Data;
use crate::expiry::{Expiry, Policy};
use crate::store::{Inserted, Loaded, NewSession, Store};

const POLICY: Policy = Policy { age: Duration::from_secs(60), touch_threshold: Duration::ZERO };

fn key(name: u8) -> StoreKey {
    StoreKey::from_bytes([name; 32])
}

fn session(seconds: u64) -> NewSession {
    let data: Data = [("color".to_owned(), "blue".into())].into_iter().collect();
    NewSession {
        data,
        expiry: Expiry::After(Duration::from_secs(seconds)),
        ..NewSession::default()
    }
}

fn open() -> (TempDir, File) {
    let folder = TempDir::new().unwrap();
    let store = File::open(folder.path(), "s").unwrap();
    (folder, store)
}

async fn insert(store: &File, name: u8, seconds: u64) {
    let inserted = store.insert(&key(name), &session(seconds), &POLICY).await.unwrap();
    assert!(matches!(inserted, Inserted::Created(_)));
}

#[tokio::test]
async fn damaged_files_are_missing_and_set_aside() {
    let (folder, store) = open();
    for damage in [&b""[..], b"garbage", b"\xff\xfe\x00", b"{}", b"[]", &[0; 5000]] {
        insert(&store, 1, 60).await;
        let path = folder.path().join(format!("s{}", key(1).to_hex()));
        fs::write(&path, damage).unwrap();
        assert_eq!(store.load(&key(1)).await.unwrap(), Loaded::Missing);
        assert!(!path.exists());
    }
}

#[tokio::test]
async fn links_and_copies_are_no_sessions() {
    let (folder, store) = open();
    insert(&store, 1, 60).await;
    let path = |name| folder.path().join(format!("s{}", key(name).to_hex()));
    fs::copy(path(1), path(2)).unwrap();
    std::os::unix::fs::symlink(path(1), path(3)).unwrap();
    assert_eq!(store.load(&key(2)).await.unwrap(), Loaded::Missing);
    assert_eq!(store.load(&key(3)).await.unwrap(), Loaded::Missing);
    assert!(matches!(store.load(&key(1)).await.unwrap(), Loaded::Found(_)));
}

#[tokio::test]
async fn lock_of_another_process_delays_its_stripe_only() {
    let (folder, store) = open();
    for name in [1, 2] {
        insert(&store, name, 60).await;
    }
    let lock = folder.path().join("s.lock-01");
    let held = OpenOptions::new().read(true).write(true).open(lock).unwrap();
    held.lock().unwrap();
    let first = key(1);
    let waiting = store.add(&first, "n", 1, &POLICY);
    let other = async {
        let begin = Instant::now();
        for _ in 0..20 {
            store.add(&key(2), "n", 1, &POLICY).await.unwrap();
        }
        let elapsed = begin.elapsed();
        held.unlock().unwrap();
        elapsed
    };
    let (waited, elapsed) = tokio::join!(waiting, other);
    assert!(waited.is_ok());
    assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
}

#[tokio::test]
async fn sweep_removes_expired_files_in_one_directory_read() {
    let (folder, store) = open();
    for name in 0..6 {
        insert(&store, name, if name % 2 == 0 { 0 } else { 60 }).await;
    }
    assert_eq!(store.count_expired().await.unwrap(), 3);
    assert_eq!(store.delete_expired(2).await.unwrap(), 2);
    // A file that comes after the sweep began need not be seen, but the rest is.
    assert_eq!(store.delete_expired(2).await.unwrap(), 1);
    assert_eq!(store.delete_expired(2).await.unwrap(), 0);
    let names = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name());
    let files = names.filter(|name| name.len() == 65).count();
    assert_eq!(files, 3);
}

#[test]
fn directory_that_cannot_be_used_is_an_error() {
    for (path, prefix) in [("/no/such/folder", "s"), ("/etc/passwd", "s"), ("/tmp", "a/b")] {
        assert!(File::open(path, prefix).is_err(), "{path} {prefix}");
    }
}
