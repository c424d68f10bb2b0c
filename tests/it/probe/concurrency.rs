//! Requests of one visitor that overlap, on the engines that keep sessions on the server.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use super::running::EngineUnderTest;
use super::{Probe, on};

on!([db, cache, cache_redis, cached_db, cached_db_redis, file] [
    hundred_concurrent_increments_count_a_hundred,
    writes_to_different_keys_all_survive,
    erase_is_final_under_concurrency,
    rotation_under_load_loses_no_session,
]);

async fn hundred_concurrent_increments_count_a_hundred(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let answers =
        join_all((0..100).map(|_| probe.post("/increment?key=n&by=1&delay_ms=20", &cookie))).await;
    let values: BTreeSet<i64> =
        answers.iter().map(|answer| answer.json()["value"].as_i64().unwrap()).collect();
    assert_eq!(values, (1..=100).collect());
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue", "n": 100 }));
}

async fn writes_to_different_keys_all_survive(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let paths: Vec<String> =
        (0..60).map(|n| format!("/set?key=k{n}&value={n}&delay_ms=50")).collect();
    let delete = probe.post("/delete?key=color&delay_ms=50", &cookie);
    let writes = join_all(paths.iter().map(|path| probe.post(path, &cookie)));
    let (answers, _) = tokio::join!(writes, delete);
    assert!(answers.iter().all(|answer| answer.status == 200));
    let all = probe.all(&cookie).await;
    assert_eq!(all.as_object().unwrap().len(), 60, "{all}");
}

async fn erase_is_final_under_concurrency(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let paths: Vec<String> =
        (0..40).map(|n| format!("/set?key=k{n}&value={n}&delay_ms={}", n * 10)).collect();
    let erase = probe.post("/flush?delay_ms=100", &cookie);
    let writes = join_all(paths.iter().map(|path| probe.post(path, &cookie)));
    let (answers, _) = tokio::join!(writes, erase);
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(probe.all(&cookie).await, json!({}));
    for answer in answers.iter().filter(|a| !a.set_cookie.is_empty() && a.cookie() != cookie) {
        let all = probe.all(&answer.cookie()).await;
        assert_eq!(all.as_object().unwrap().len(), 1, "a late write is alone: {all}");
    }
}

async fn rotation_under_load_loses_no_session(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let paths: Vec<String> =
        (0..40).map(|n| format!("/set?key=k{n}&value={n}&delay_ms={}", 50 + n * 5)).collect();
    let rotation = probe.post("/cycle?delay_ms=100", &cookie);
    let writes = join_all(paths.iter().map(|path| probe.post(path, &cookie)));
    let (answers, rotation) = tokio::join!(writes, rotation);
    let new = rotation.cookie();
    // Whatever the browser gets last, it is a key of this session or nothing.
    for answer in answers.iter().filter(|answer| !answer.set_cookie.is_empty()) {
        assert_eq!(answer.cookie(), cookie, "only before the rotation");
    }
    let all = probe.all(&new).await;
    assert_eq!(all.as_object().unwrap().len(), 41, "no write is lost: {all}");
}
