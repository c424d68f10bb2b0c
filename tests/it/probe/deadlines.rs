//! The absolute age on every path that sets a deadline, sweeps around a deadline, and keys that were
//! replaced.

use std::time::{Duration, Instant};

use marquee::sessions::Sweep;
use serde_json::json;

use super::running::{ALMOST_A_SECOND, EngineUnderTest};
use super::script::Step;
use super::{Probe, on};

const POLICY: i64 = 1_209_600;

on!([db, cache, cache_redis, cached_db, cached_db_redis, file, signed_cookies] [
    absolute_age_ends_a_session_that_is_only_read,
    absolute_age_ends_a_session_saved_by_every_request,
]);

/// Where a test can see the deadline.
mod dated {
    use super::absolute_age_caps_every_deadline;
    use crate::probe::on;

    on!([db, cache_redis, cached_db, cached_db_redis, file][absolute_age_caps_every_deadline]);
}

/// Where a test can change the stored session.
mod seen {
    use super::sweep_removes_only_expired_sessions;
    use crate::probe::on;

    on!([db, cache_redis, cached_db, cached_db_redis, file] [
        sweep_removes_only_expired_sessions,
    ]);
}

/// Engines with a store on the server.
mod stored {
    use super::{
        flush_with_a_replaced_key_ends_the_session, write_with_a_replaced_key_reaches_the_new_one,
    };
    use crate::probe::on;

    on!([db, cache, cache_redis, cached_db, cached_db_redis, file] [
        write_with_a_replaced_key_reaches_the_new_one,
        flush_with_a_replaced_key_ends_the_session,
    ]);
}

/// Engines with rows that a test can change.
mod rows {
    use super::replaced_key_expires;
    use crate::probe::on;

    on!([db, cached_db, cached_db_redis][replaced_key_expires]);
}

const ONE_SECOND: &str = "--session-absolute-age=1";

/// Repeats a request until the session is gone, which must take a second and not much longer.
async fn ends(probe: &Probe, path: &str, cookie: &str, start: Instant) {
    let mut cookie = cookie.to_owned();
    loop {
        let answer = probe.get(path, &cookie).await;
        if !answer.set_cookie.is_empty() && answer.cookie() != "sessionid=" {
            cookie = answer.cookie();
        }
        if probe.all(&cookie).await != json!({ "color": "blue" }) {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "{path}: it never ends");
    }
    assert!(start.elapsed() >= ALMOST_A_SECOND, "{path}: {:?}", start.elapsed());
}

async fn absolute_age_ends_a_session_that_is_only_read(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &[ONE_SECOND]).await;
    let start = Instant::now();
    let cookie = probe.blue().await;
    ends(&probe, "/all", &cookie, start).await;
}

async fn absolute_age_ends_a_session_saved_by_every_request(engine: EngineUnderTest) {
    for path in ["/untouched", "/all"] {
        let flags = [ONE_SECOND, "--session-save-every-request=true"];
        let probe = Probe::start_with(engine, &flags).await;
        let start = Instant::now();
        let cookie = probe.blue().await;
        ends(&probe, path, &cookie, start).await;
    }
}

async fn absolute_age_caps_every_deadline(engine: EngineUnderTest) {
    let flags = ["--session-absolute-age=100", "--session-save-every-request=true"];
    let probe = Probe::start_with(engine, &flags).await;
    let life = async |cookie: &str, seconds: i64, path: &str| {
        let found = probe.life(cookie).await.unwrap();
        assert!((seconds - 2..=seconds + 2).contains(&found), "{path}: {found}, not {seconds}");
    };
    for path in [
        "POST /set?key=size&value=7",
        "POST /increment?key=n&by=1",
        "POST /expiry?seconds=3600",
        "POST /cycle",
        "GET /untouched",
        "GET /all",
    ] {
        let cookie = probe.blue().await;
        life(&cookie, 100, "a new session").await;
        assert!(probe.age(&cookie, 60).await);
        life(&cookie, 40, "aged").await;
        let answer = match path.split_once(' ').unwrap() {
            ("GET", path) => probe.get(path, &cookie).await,
            (_, path) => probe.post(path, &cookie).await,
        };
        assert!(answer.status < 400, "{path}: {}", answer.status);
        let cookie = if answer.set_cookie.is_empty() { cookie } else { answer.cookie() };
        life(&cookie, 40, path).await;
    }
}

async fn sweep_removes_only_expired_sessions(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let (live, over) = (probe.blue().await, probe.blue().await);
    // Seconds to live are enough to be kept.
    assert!(probe.age(&live, POLICY - 20).await && probe.age(&over, POLICY + 1).await);
    probe.store.sessions().sweep(Sweep::default()).await.unwrap();
    assert_eq!(probe.all(&live).await, json!({ "color": "blue" }));
    assert_eq!(probe.all(&over).await, json!({}));
    if let Some(stored) = probe.stored().await {
        assert_eq!(stored, 1);
    }
}

/// A request that began before the key was replaced writes under the old key.
async fn write_with_a_replaced_key_reaches_the_new_one(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let old = probe.blue().await;
    let mut late = Vec::new();
    for _ in 0..3 {
        late.push(probe.begin(&old).await);
    }
    let new = probe.post("/cycle", &old).await.cookie();
    assert_eq!(probe.all(&new).await["color"], "blue");
    for (n, mut request) in late.into_iter().enumerate() {
        request.step(Step::Set("n".into(), json!(n))).await;
        assert_eq!(request.end(200).await.status, 200);
        // Twice: what was read first may have been copied.
        for _ in 0..2 {
            assert_eq!(probe.all(&new).await, json!({ "color": "blue", "n": n }));
        }
    }
}

async fn flush_with_a_replaced_key_ends_the_session(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let old = probe.blue().await;
    let mut late = probe.begin(&old).await;
    let new = probe.post("/cycle", &old).await.cookie();
    assert_eq!(probe.all(&new).await, json!({ "color": "blue" }));
    late.step(Step::Flush).await;
    assert_eq!(late.end(200).await.status, 200);
    assert_eq!(probe.all(&new).await, json!({}));
    if let Some(stored) = probe.stored().await {
        assert!(stored <= 1, "{stored}: at most the old key's tombstone");
    }
}

async fn replaced_key_expires(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let old = probe.blue().await;
    let (mut writes, mut flushes) = (probe.begin(&old).await, probe.begin(&old).await);
    let new = probe.post("/cycle", &old).await.cookie();
    let retired = "sessions WHERE successor IS NOT NULL";
    assert_eq!(probe.count(retired).await, 1);
    probe
        .execute(
            "UPDATE sessions SET expires_at = now() - interval '1 ms'
             WHERE successor IS NOT NULL",
        )
        .await;

    probe.get("/all", &old).await.assert_removed();
    writes.step(Step::Set("color".into(), json!("red"))).await;
    let written = writes.end(200).await.cookie();
    assert!(written != old && written != new);
    flushes.step(Step::Flush).await;
    flushes.end(200).await;
    assert_eq!(probe.all(&new).await, json!({ "color": "blue" }));
    assert_eq!(probe.all(&written).await, json!({ "color": "red" }));
}
