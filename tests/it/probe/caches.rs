//! Engines with a cache: the statements E-CACHE and E-CDB.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Probe;
use super::running::engines::{cache_redis, cached_db, cached_db_redis};
use super::stored::{copy, entry};

const DARK: &str = "UPDATE sessions SET data = '{\"color\": \"black\"}'";

/// With a cookie name of its own, as each site that starts makes all copies under its name void.
async fn with_copies(name: &str) -> Probe {
    Probe::start_with(cached_db_redis, &[&format!("--session-cookie-name={name}")]).await
}

/// Reads until there is a copy; how many milliseconds that still lives.
async fn copied(probe: &Probe, cookie: &str) -> i64 {
    let start = Instant::now();
    loop {
        probe.all(cookie).await;
        let left = probe.redis(&["PTTL", &copy(cookie)]).await;
        if left > 0 {
            return left;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "no copy is made");
    }
}

#[actix_web::test]
async fn e_cache_1_keeps_one_entry_and_no_row() {
    let probe = Probe::start(cache_redis).await;
    let cookie = probe.blue().await;
    probe.assert_life(&cookie, 1_209_600, "the policy").await;
    assert_eq!(probe.count("sessions").await, 0);
}

#[actix_web::test]
async fn e_cache_2_evicted_sessions_are_gone() {
    let probe = Probe::start(cache_redis).await;
    let cookie = probe.post("/increment?key=n&by=5", "").await.cookie();
    let _: i64 = probe.redis(&["DEL", &entry(&cookie)]).await;
    let answer = probe.get("/all", &cookie).await;
    assert_eq!(answer.json(), json!({}));
    answer.assert_removed();
    let answer = probe.post("/increment?key=n&by=1", &cookie).await;
    assert_eq!(answer.json(), json!({ "value": 1 }));
    assert_ne!(answer.cookie(), cookie);
}

#[actix_web::test]
async fn e_cdb_1_reads_come_from_the_copy_and_without_it_from_the_row() {
    let probe = with_copies("e_cdb_1").await;
    let cookie = probe.blue().await;
    let (blue, black) = (json!({ "color": "blue" }), json!({ "color": "black" }));
    copied(&probe, &cookie).await;
    assert_eq!(probe.all(&cookie).await, blue);
    probe.execute(DARK).await;
    assert_eq!(probe.all(&cookie).await, blue, "no statement");
    let _: i64 = probe.redis(&["DEL", &copy(&cookie)]).await;
    assert_eq!(probe.all(&cookie).await, black, "one statement, and a new copy");
    probe.execute("UPDATE sessions SET data = '{}'").await;
    assert_eq!(probe.all(&cookie).await, black);
}

#[actix_web::test]
async fn e_cdb_3_no_copy_outlives_its_session() {
    let probe = with_copies("e_cdb_3").await;
    let cookie = probe.blue().await;
    let cookie = probe.post("/expiry?seconds=20", &cookie).await.cookie();
    let left = copied(&probe, &cookie).await;
    assert!((1..=20_000).contains(&left), "{left}");
    probe.post("/flush", &cookie).await;
    assert_eq!(probe.count("sessions").await, 0);
    let answer = probe.get("/all", &cookie).await;
    assert_eq!(answer.json(), json!({}));
    answer.assert_removed();
}

/// A change past the site is seen within the minute; one through it at once.
#[actix_web::test]
async fn e_cdb_4_a_copy_is_used_for_a_minute_at_most() {
    let probe = with_copies("e_cdb_4").await;
    let cookie = probe.blue().await;
    let left = copied(&probe, &cookie).await;
    assert!((1..=60_000).contains(&left), "{left}");
    for engine in [cached_db, cached_db_redis] {
        let probe = Probe::start(engine).await;
        let cookie = probe.blue().await;
        let all: Value = probe.all(&cookie).await;
        assert_eq!(all, json!({ "color": "blue" }));
        let cookie = probe.post("/set?key=color&value=red", &cookie).await.cookie();
        assert_eq!(probe.all(&cookie).await, json!({ "color": "red" }));
    }
}
