//! Many requests at once.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::process::{self, Role};
use super::*;

/// Each request stores a key of its own and counts one more visit.
async fn visits(engine: &FileEngine, key: &Key, numbers: std::ops::Range<usize>) {
    let mut tasks = JoinSet::new();
    for n in numbers {
        let (engine, key) = (engine.clone(), key.clone());
        tasks.spawn(async move {
            let changes = change(json!({ format!("key_{n}"): n }));
            let merged = engine.merge(&key, &changes, in_an_hour()).await.unwrap();
            assert!(merged != Merged::Gone);
            let (Added::Now(now) | Added::Followed(now)) =
                engine.add(&key, "visits", 1, in_an_hour()).await.unwrap()
            else {
                panic!("the session is gone")
            };
            assert_eq!(now[&format!("key_{n}")], json!(n));
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

fn assert_all(session: &Data, count: usize) {
    assert_eq!(session["visits"], json!(count));
    for n in 0..count {
        assert_eq!(session[&format!("key_{n}")], json!(n));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_requests_lose_nothing() {
    let site = Site::new();
    let key = site.insert(json!({})).await;
    visits(&site.engine, &key, 0..100).await;
    assert_all(&site.found(&key).await, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_requests_of_two_processes_lose_nothing() {
    let site = Site::new();
    let key = site.insert(json!({})).await;
    let mut other = process::spawn(Role::Visits, site.folder.path(), key.as_str());
    wait_for(&site.engine, &key, "ready", || other.is_running()).await;
    site.engine.merge(&key, &change(json!({ "go": true })), in_an_hour()).await.unwrap();
    visits(&site.engine, &key, 0..50).await;
    other.assert_success();
    assert_all(&site.found(&key).await, 100);
}

/// What the second process does.
pub async fn visit_as_second_process(engine: &FileEngine, key: &Key) {
    engine.merge(key, &change(json!({ "ready": true })), in_an_hour()).await.unwrap();
    wait_for(engine, key, "go", || true).await;
    visits(engine, key, 50..100).await;
}

async fn wait_for(engine: &FileEngine, key: &Key, name: &str, mut worth_it: impl FnMut() -> bool) {
    while worth_it() {
        match engine.load(key).await.unwrap() {
            Loaded::Found(session) if session.contains_key(name) => break,
            _ => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reader_sees_a_part_of_a_write() {
    let site = Arc::new(Site::new());
    let page = |n: usize| json!({ "n": n, "text": "é".repeat(n * 37 % 20_000), "end": n });
    let key = site.insert(page(0)).await;
    let done = Arc::new(AtomicBool::new(false));
    let mut readers = JoinSet::new();
    for _ in 0..4 {
        let (site, key, done) = (Arc::clone(&site), key.clone(), Arc::clone(&done));
        readers.spawn(async move {
            let mut seen = 0;
            while !done.load(Ordering::Relaxed) {
                let session = site.found(&key).await;
                let n = usize::try_from(session["n"].as_u64().unwrap()).unwrap();
                assert_eq!(Value::Object(session), page(n));
                seen += 1;
            }
            seen
        });
    }
    for n in 1..=1000 {
        let merged = site.engine.merge(&key, &change(page(n)), in_an_hour()).await.unwrap();
        assert!(merged == Merged::Stored(key.clone()));
    }
    done.store(true, Ordering::Relaxed);
    let seen: Vec<i32> = readers.join_all().await;
    assert!(seen.iter().sum::<i32>() > 100, "{seen:?}");
    assert_eq!(site.names().len(), 1, "no temporary file is left");
}

#[tokio::test]
async fn a_killed_server_loses_nothing_that_it_acknowledged() {
    for until in [1, 20, 77] {
        let site = Site::new();
        let key = site.insert(json!({ "n": 0 })).await;
        let mut other = process::spawn(Role::Endless, site.folder.path(), key.as_str());
        let mut lines = other.lines();
        let mut last = || lines.find_map(|line| line.strip_prefix("stored ")?.parse::<u64>().ok());
        let mut acknowledged = 0;
        while acknowledged < until {
            acknowledged = last().unwrap();
        }
        other.kill();
        acknowledged = std::iter::from_fn(last).last().unwrap_or(acknowledged);
        let session = site.found(&key).await;
        let n = session["n"].as_u64().unwrap();
        assert!(n == acknowledged || n == acknowledged + 1, "{n}, {acknowledged}");
        assert_eq!(session["text"].as_str().unwrap().len(), 50_000);
        // What was locked at the end is free again.
        site.engine.merge(&key, &change(json!({ "n": 0 })), in_an_hour()).await.unwrap();
    }
}

pub async fn write_without_end(engine: &FileEngine, key: &Key) {
    for n in 1_u64.. {
        let changes = change(json!({ "n": n, "text": "x".repeat(50_000) }));
        assert!(engine.merge(key, &changes, in_an_hour()).await.unwrap() != Merged::Gone);
        writeln!(std::io::stdout(), "stored {n}").unwrap();
    }
}

#[tokio::test]
async fn a_reader_waits_for_no_lock() {
    let site = Site::new();
    let key = site.insert(json!({ "a": 1 })).await;
    let lock = site.engine.store.folder.lock(key.hash()).unwrap();
    let loaded = tokio::time::timeout(Duration::from_secs(20), site.found(&key)).await;
    assert_eq!(loaded.expect("no waiting"), data(json!({ "a": 1 })));
    drop(lock);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_late_writer_brings_a_deleted_session_back() {
    for _ in 0..50 {
        let site = Site::new();
        let key = site.insert(json!({ "a": 1 })).await;
        let mut writers = JoinSet::new();
        for n in 0..8 {
            let (engine, key) = (site.engine.clone(), key.clone());
            writers.spawn(async move {
                let changes = change(json!({ format!("key_{n}"): n }));
                engine.merge(&key, &changes, in_an_hour()).await.unwrap();
                engine.add(&key, "n", 1, in_an_hour()).await.unwrap();
                engine.rotate(&key, &changes, a_second_ago()).await.unwrap();
            });
        }
        site.engine.delete(&key).await.unwrap();
        writers.join_all().await;
        assert!(!matches!(site.load(&key).await, Loaded::Found(_)));
        let merged = site.engine.merge(&key, &Changes::default(), in_an_hour()).await.unwrap();
        assert!(merged == Merged::Gone);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rotations_under_load_lose_nothing() {
    let site = Site::new();
    let first = site.insert(json!({})).await;
    let (engine, old) = (site.engine.clone(), first.clone());
    let load = tokio::spawn(async move { visits(&engine, &old, 0..100).await });
    let mut last = first.clone();
    let mut rotations = 0;
    while !load.is_finished() && rotations < 200 {
        rotations += 1;
        let rotated = site.engine.rotate(&last, &Changes::default(), in_an_hour()).await.unwrap();
        last = rotated.expect("no one else rotates");
    }
    load.await.unwrap();
    assert!(last != first);
    assert_eq!(site.load(&first).await, Loaded::Retired);
    assert_all(&site.found(&last).await, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_rotations_at_once_one_makes_the_key() {
    for _ in 0..50 {
        let site = Site::new();
        let key = site.insert(json!({})).await;
        let mut tasks = JoinSet::new();
        for n in 0..4 {
            let (engine, key) = (site.engine.clone(), key.clone());
            tasks.spawn(async move {
                let changes = change(json!({ "winner": n }));
                let new = engine.rotate(&key, &changes, in_an_hour()).await.unwrap();
                new.map(|new| (n, new))
            });
        }
        let made: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        let [(n, new)] = &made[..] else { panic!("{} keys", made.len()) };
        assert_eq!(site.found(new).await["winner"], json!(n));
        assert_eq!(site.names().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_never_takes_a_session_that_is_being_prolonged() {
    let site = Site::new();
    let mut prolonged = 0;
    for round in 0..300_u32 {
        // Now and then the sweep, now and then the request comes first.
        let end = Utc::now() + TimeDelta::microseconds(i64::from(round % 20) * 100);
        let key = site.engine.insert(&data(json!({ "a": 1 })), end).await.unwrap();
        let engine = site.engine.clone();
        let sweep = tokio::spawn(async move {
            let mut swept = 0;
            while Utc::now() < end || swept == 0 {
                engine.clear_expired(10, false).await.unwrap();
                swept += 1;
            }
        });
        let merged = site.engine.merge(&key, &Changes::default(), in_an_hour()).await.unwrap();
        sweep.await.unwrap();
        match merged {
            Merged::Stored(_) => {
                assert_eq!(site.found(&key).await, data(json!({ "a": 1 })));
                site.engine.delete(&key).await.unwrap();
                prolonged += 1;
            }
            _ => assert_eq!(site.load(&key).await, Loaded::Missing),
        }
    }
    assert!(prolonged > 0, "{prolonged}");
}
