//! How long sessions live: the statements S-AGE, S-CLOSE, S-EVERY and S-EXP, and our own limits.

use std::time::{Duration, Instant};

use serde_json::json;

use super::running::{ALMOST_A_SECOND, EngineUnderTest};
use super::{Probe, on};

const POLICY: i64 = 1_209_600;
const UNKNOWN: &str = "sessionid=0123456789abcdefghijklmnopqrstuv";

on!([db, cache, cache_redis, cached_db, cached_db_redis, file, signed_cookies] [
    s_age_is_the_cookies_and_the_stores,
    s_age_zero_is_dead_at_once,
    s_age_that_has_passed_ends_the_session,
    s_close_leaves_the_stores_lifetime,
    s_every_request_prolongs_a_live_session_only,
    s_every_request_with_a_threshold_touches_when_it_is_due,
    s_every_request_follows_an_expiry_of_the_sessions_own,
    s_exp_seconds_win_over_the_policy,
    s_exp_zero_is_the_browsers_close,
    s_exp_a_moment_is_not_moved_by_writes,
    s_exp_seconds_count_from_the_last_write,
    s_exp_the_past_ends_a_session,
    s_exp_is_kept_by_the_store,
    absolute_age_ends_a_busy_session,
]);

async fn s_age_is_the_cookies_and_the_stores(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-cookie-age=60"]).await;
    let answer = probe.post("/set?key=color&value=blue", "").await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("60"));
    let cookie = answer.cookie();
    probe.assert_life(&cookie, 60, "as the cookie").await;
    if probe.age(&cookie, 30).await {
        probe.get("/all", &cookie).await.assert_read();
        probe.assert_life(&cookie, 30, "reading does not prolong").await;
    }
    let answer = probe.post("/set?key=color&value=red", &cookie).await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("60"));
    probe.assert_life(&answer.cookie(), 60, "writing does").await;
}

async fn s_age_zero_is_dead_at_once(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-cookie-age=0"]).await;
    let answer = probe.post("/set?key=color&value=blue", "").await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("0"));
    assert_eq!(probe.all(&answer.cookie()).await, json!({}));
}

async fn s_age_that_has_passed_ends_the_session(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-cookie-age=1"]).await;
    let start = Instant::now();
    let cookie = probe.blue().await;
    ends(&probe, &cookie, start).await;
    if let Some(stored) = probe.stored().await {
        assert_eq!(stored, 1, "it waits for the sweep");
    }
}

/// Waits for the end of a session that was to live for a second from `start` on.
async fn ends(probe: &Probe, cookie: &str, start: Instant) {
    while probe.all(cookie).await != json!({}) {
        assert!(start.elapsed() < Duration::from_secs(10), "it never ends");
    }
    assert!(start.elapsed() >= ALMOST_A_SECOND, "{:?}", start.elapsed());
    probe.get("/all", cookie).await.assert_removed();
}

async fn s_close_leaves_the_stores_lifetime(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-expire-at-browser-close=true"]).await;
    let answer = probe.post("/set?key=color&value=blue", "").await;
    assert!(answer.attribute("Max-Age").is_none() && answer.attribute("Expires").is_none());
    probe.assert_life(&answer.cookie(), POLICY, "only the cookie ends earlier").await;
    let answer = probe.post("/expiry?seconds=300", &answer.cookie()).await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("300"));
    probe.assert_life(&answer.cookie(), 300, "an own expiry wins").await;
}

async fn s_every_request_prolongs_a_live_session_only(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-save-every-request=true"]).await;
    probe.get("/untouched", "").await.assert_untouched();
    probe.get("/untouched", UNKNOWN).await.assert_removed();
    assert_eq!(probe.stored().await.unwrap_or(0), 0, "no session for an unknown key");

    let cookie = probe.blue().await;
    let aged = probe.age(&cookie, 30).await;
    let answer = probe.post("/set-then?key=x&value=1&status=500", &cookie).await;
    answer.assert_read();
    if aged {
        probe.assert_life(&cookie, POLICY - 30, "a failed request prolongs nothing").await;
    }
    for path in ["/untouched", "/all"] {
        probe.age(&cookie, 30).await;
        let answer = probe.get(path, &cookie).await;
        assert_eq!(answer.attribute("Max-Age").as_deref(), Some("1209600"), "{path}");
        assert_eq!(answer.vary, "Cookie");
        let sent = answer.cookie();
        assert!(sent == cookie || engine.is_sealed(), "the key stays");
        probe.assert_life(&sent, POLICY, path).await;
        assert_eq!(probe.all(&sent).await, json!({ "color": "blue" }), "{path}");
    }
    // Off: nothing is sent, and nothing moves.
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let aged = probe.age(&cookie, 30).await;
    probe.get("/untouched", &cookie).await.assert_untouched();
    if aged {
        probe.assert_life(&cookie, POLICY - 30, "untouched").await;
    }
}

async fn s_every_request_with_a_threshold_touches_when_it_is_due(engine: EngineUnderTest) {
    let flags = ["--session-save-every-request=true", "--session-touch-threshold=60"];
    let probe = Probe::start_with(engine, &flags).await;
    let cookie = probe.blue().await;
    for path in ["/untouched", "/all"] {
        let answer = probe.get(path, &cookie).await;
        answer.assert_read();
        if !probe.age(&cookie, 30).await {
            continue;
        }
        probe.get(path, &cookie).await.assert_read();
        probe.assert_life(&cookie, POLICY - 30, "not due").await;
        probe.age(&cookie, 40).await;
        assert_eq!(probe.get(path, &cookie).await.cookie(), cookie);
        probe.assert_life(&cookie, POLICY, "due").await;
    }
    // A change is stored, and extends the session, at once.
    probe.age(&cookie, 30).await;
    let cookie = probe.post("/set?key=size&value=7", &cookie).await.cookie();
    probe.assert_life(&cookie, POLICY, "changed").await;
}

async fn s_every_request_follows_an_expiry_of_the_sessions_own(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-save-every-request=true"]).await;
    let cookie = probe.blue().await;
    let cookie = probe.post("/expiry?seconds=300", &cookie).await.cookie();
    probe.age(&cookie, 30).await;
    let answer = probe.get("/untouched", &cookie).await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("300"));
    probe.assert_life(&answer.cookie(), 300, "its own seconds begin anew").await;

    let cookie = probe.post("/expiry?seconds=0", &answer.cookie()).await.cookie();
    probe.age(&cookie, 30).await;
    let answer = probe.get("/untouched", &cookie).await;
    assert!(answer.attribute("Max-Age").is_none());
    probe.assert_life(&answer.cookie(), POLICY, "as long as the policy says").await;

    let at = in_two_minutes();
    let cookie = probe.post(&format!("/expiry?at={at}"), &answer.cookie()).await.cookie();
    probe.get("/untouched", &cookie).await.assert_read();
    probe.assert_life(&cookie, 119, "a moment is a moment").await;
}

fn in_two_minutes() -> String {
    let moment = chrono::Utc::now() + chrono::TimeDelta::seconds(120);
    moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

async fn s_exp_seconds_win_over_the_policy(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let age = async |cookie: &str| probe.get("/expiry", cookie).await.json()["age"].as_i64();
    assert!((POLICY - 2..=POLICY).contains(&age(&cookie).await.unwrap()));

    let answer = probe.post("/expiry?seconds=300", &cookie).await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("300"));
    let cookie = answer.cookie();
    probe.assert_life(&cookie, 300, "an own expiry").await;
    assert!((298..=300).contains(&age(&cookie).await.unwrap()));
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }), "it is not listed");

    let answer = probe.post("/expiry", &cookie).await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("1209600"));
    probe.assert_life(&answer.cookie(), POLICY, "back to the policy").await;
}

async fn s_exp_zero_is_the_browsers_close(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let close =
        async |cookie: &str| probe.get("/expiry", cookie).await.json()["at_browser_close"].clone();
    let cookie = probe.blue().await;
    let answer = probe.post("/expiry?seconds=0", &cookie).await;
    assert!(answer.attribute("Max-Age").is_none() && answer.attribute("Expires").is_none());
    probe.assert_life(&answer.cookie(), POLICY, "only the cookie ends earlier").await;
    assert_eq!(close(&answer.cookie()).await, true);
    let cookie = probe.post("/expiry", &answer.cookie()).await.cookie();
    assert_eq!(close(&cookie).await, false);
}

async fn s_exp_a_moment_is_not_moved_by_writes(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let answer = probe.post(&format!("/expiry?at={}", in_two_minutes()), &cookie).await;
    let age: i64 = answer.attribute("Max-Age").unwrap().parse().unwrap();
    assert!((117..=120).contains(&age), "{age}");
    let mut cookie = answer.cookie();
    probe.assert_life(&cookie, 119, "the moment").await;
    for write in ["/set?key=size&value=7", "/increment?key=n&by=1"] {
        cookie = probe.post(write, &cookie).await.cookie();
        probe.assert_life(&cookie, 119, write).await;
    }
}

async fn s_exp_seconds_count_from_the_last_write(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let mut cookie = probe.post("/expiry?seconds=300", &cookie).await.cookie();
    for write in ["/set?key=size&value=7", "/increment?key=n&by=1"] {
        probe.age(&cookie, 50).await;
        let answer = probe.post(write, &cookie).await;
        assert_eq!(answer.attribute("Max-Age").as_deref(), Some("300"), "{write}");
        cookie = answer.cookie();
        probe.assert_life(&cookie, 300, write).await;
    }
}

async fn s_exp_the_past_ends_a_session(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    for path in ["/expiry?seconds=-10", "/expiry?at=2001-01-01T00:00:00Z"] {
        let cookie = probe.blue().await;
        let answer = probe.post(path, &cookie).await;
        assert_eq!(answer.attribute("Max-Age").as_deref(), Some("0"), "{path}");
        assert_eq!(probe.all(&answer.cookie().replace("sessionid=;", "")).await, json!({}));
    }
}

async fn s_exp_is_kept_by_the_store(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let start = Instant::now();
    let cookie = probe.post("/expiry?seconds=1", &cookie).await.cookie();
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }));
    ends(&probe, &cookie, start).await;
}

/// However often it is written, and under however many keys.
async fn absolute_age_ends_a_busy_session(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-absolute-age=1"]).await;
    let start = Instant::now();
    let mut cookie = probe.blue().await;
    let mut writes = ["/increment?key=n&by=1", "/cycle", "/expiry?seconds=3600"].iter().cycle();
    loop {
        let answer = probe.post(writes.next().unwrap(), &cookie).await;
        assert!(start.elapsed() < Duration::from_secs(10), "it never ends");
        if answer.set_cookie.is_empty() || probe.all(&answer.cookie()).await["color"] != "blue" {
            break;
        }
        cookie = answer.cookie();
    }
    assert!(start.elapsed() >= ALMOST_A_SECOND, "{:?}", start.elapsed());
    assert_eq!(probe.all(&cookie).await, json!({}));
}
