//! How long sessions live: the statements S-AGE, S-CLOSE, S-EVERY and S-EXP.

use serde_json::json;

use super::running::EngineUnderTest;
use super::{Probe, on};

on!([db] [
    age_is_the_cookies_and_the_stores,
    age_zero_is_dead_at_once,
    browser_close_leaves_the_stores_lifetime,
    every_request_prolongs_a_live_session_only,
    an_own_expiry_wins,
    a_moment_is_not_moved_by_writes,
    seconds_count_from_the_last_write,
    the_past_ends_a_session,
    the_absolute_age_caps_everything,
]);

/// Seconds that the only row still lives.
async fn row_age(probe: &Probe) -> i64 {
    crate::support::number(
        &probe.database,
        "SELECT round(extract(epoch FROM expires_at - now()))::bigint AS number FROM sessions",
    )
    .await
}

fn about(value: i64, wanted: i64) -> bool {
    (wanted - 2..=wanted + 2).contains(&value)
}

async fn age_is_the_cookies_and_the_stores(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-cookie-age=60"]).await;
    let answer = probe.post("/set?key=color&value=blue", "").await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("60"));
    assert!(about(row_age(&probe).await, 60));
    probe.execute("UPDATE sessions SET expires_at = now() + interval '30 s'").await;
    probe.get("/all", &answer.cookie()).await.assert_read();
    assert!(about(row_age(&probe).await, 30), "reading does not prolong");
    probe.post("/set?key=color&value=red", &answer.cookie()).await;
    assert!(about(row_age(&probe).await, 60), "writing does");
}

async fn age_zero_is_dead_at_once(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-cookie-age=0"]).await;
    let answer = probe.post("/set?key=color&value=blue", "").await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("0"));
    assert_eq!(probe.all(&answer.cookie()).await, json!({}));
}

async fn browser_close_leaves_the_stores_lifetime(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-expire-at-browser-close=true"]).await;
    let answer = probe.post("/set?key=color&value=blue", "").await;
    assert!(answer.attribute("Max-Age").is_none() && answer.attribute("Expires").is_none());
    assert!(about(row_age(&probe).await, 1_209_600));
    let answer = probe.post("/expiry?seconds=300", &answer.cookie()).await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("300"));
    assert!(about(row_age(&probe).await, 300));
}

async fn every_request_prolongs_a_live_session_only(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-save-every-request=true"]).await;
    probe.get("/untouched", "").await.assert_untouched();
    let unknown = "sessionid=0123456789abcdefghijklmnopqrstuv";
    probe.get("/untouched", unknown).await.assert_removed();
    assert_eq!(probe.count("sessions").await, 0, "no row for an unknown key");

    let cookie = probe.blue().await;
    probe.execute("UPDATE sessions SET expires_at = now() + interval '30 s'").await;
    let answer = probe.post("/set-then?key=x&value=1&status=500", &cookie).await;
    answer.assert_read();
    assert!(about(row_age(&probe).await, 30), "a failed request prolongs nothing");
    let answer = probe.get("/untouched", &cookie).await;
    assert_eq!((answer.cookie(), answer.vary.as_str()), (cookie, "Cookie"));
    assert!(about(row_age(&probe).await, 1_209_600));
}

async fn an_own_expiry_wins(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let expiry = async |cookie: &str| probe.get("/expiry", cookie).await.json();
    assert!(about(expiry(&cookie).await["age"].as_i64().unwrap(), 1_209_600));

    let answer = probe.post("/expiry?seconds=300", &cookie).await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("300"));
    assert!(about(row_age(&probe).await, 300));
    assert!(about(expiry(&cookie).await["age"].as_i64().unwrap(), 300));
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }), "it is not listed");

    let answer = probe.post("/expiry?seconds=0", &cookie).await;
    assert!(answer.attribute("Max-Age").is_none() && answer.attribute("Expires").is_none());
    assert!(about(row_age(&probe).await, 1_209_600));
    assert_eq!(expiry(&cookie).await["at_browser_close"], true);

    let answer = probe.post("/expiry", &cookie).await;
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("1209600"));
    assert_eq!(expiry(&cookie).await["at_browser_close"], false);
}

async fn a_moment_is_not_moved_by_writes(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let moment = chrono::Utc::now() + chrono::TimeDelta::seconds(120);
    let at = moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let answer = probe.post(&format!("/expiry?at={at}"), &cookie).await;
    assert!(about(answer.attribute("Max-Age").unwrap().parse().unwrap(), 119));
    probe.execute("UPDATE sessions SET expires_at = now() + interval '50 s'").await;
    probe.post("/set?key=size&value=7", &cookie).await;
    assert!(about(row_age(&probe).await, 119));
    probe.post("/increment?key=n&by=1", &cookie).await;
    assert!(about(row_age(&probe).await, 119));
}

async fn seconds_count_from_the_last_write(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    probe.post("/expiry?seconds=300", &cookie).await;
    for write in ["/set?key=size&value=7", "/increment?key=n&by=1"] {
        probe.execute("UPDATE sessions SET expires_at = now() + interval '50 s'").await;
        let answer = probe.post(write, &cookie).await;
        assert_eq!(answer.attribute("Max-Age").as_deref(), Some("300"), "{write}");
        assert!(about(row_age(&probe).await, 300), "{write}");
    }
}

async fn the_past_ends_a_session(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    for path in ["/expiry?seconds=-10", "/expiry?at=2001-01-01T00:00:00Z"] {
        let cookie = probe.blue().await;
        let answer = probe.post(path, &cookie).await;
        assert_eq!(answer.attribute("Max-Age").as_deref(), Some("0"), "{path}");
        assert_eq!(probe.all(&cookie).await, json!({}), "{path}");
    }
}

async fn the_absolute_age_caps_everything(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-absolute-age=100"]).await;
    let cookie = probe.blue().await;
    assert!(about(row_age(&probe).await, 100));
    probe.execute("UPDATE sessions SET created_at = created_at - interval '60 s'").await;
    for write in ["/set?key=size&value=7", "/increment?key=n&by=1", "/expiry?seconds=3600"] {
        probe.post(write, &cookie).await;
        assert!(about(row_age(&probe).await, 40), "{write}");
    }
    let new = probe.post("/cycle", &cookie).await.cookie();
    assert!(about(row_age(&probe).await, 40), "nor does a new key help");
    probe.execute("UPDATE sessions SET expires_at = now() - interval '1 s'").await;
    assert_eq!(probe.all(&new).await, json!({}));
}
