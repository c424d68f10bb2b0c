//! Guarantees for every request: the statements C1 to C25 and C31 of the acceptance list.

use serde_json::json;

use super::running::EngineUnderTest;
use super::script::Step;
use super::{Probe, on};

const UNKNOWN: &str = "sessionid=0123456789abcdefghijklmnopqrstuv";

on!([db, cache, cache_redis, cached_db, cached_db_redis, file, signed_cookies] [
    c01_an_untouched_page_costs_nothing,
    c02_reading_without_a_cookie_stores_nothing,
    c03_the_first_write_sets_one_cookie,
    c04_an_untouched_page_with_a_cookie_costs_nothing,
    c05_what_was_set_is_read,
    c06_a_default_stands_in,
    c07_deleting_what_is_not_there_changes_nothing,
    c08_the_last_value_gone_the_session_stays,
    c09_flush_removes_the_cookie,
    c11_flush_without_a_cookie_sends_none,
    c12_flush_then_write_is_a_new_session,
    c13_cycling_keeps_the_data_under_a_new_key,
    c14_an_unknown_key_is_removed_at_sight,
    c15_an_unknown_key_is_never_adopted,
    c16_an_untouched_page_leaves_an_unknown_key_alone,
    c17_what_is_too_short_is_removed_unread,
    c18_odd_cookies_are_no_session_and_no_error,
    c19_nothing_is_kept_of_a_failed_request,
    c20_redirects_and_client_errors_are_kept,
    c23_vary_is_added_to_what_is_there,
    c24_an_edit_inside_a_value_is_stored,
    c25_the_test_cookie_tells,
    c31_the_last_well_formed_cookie_counts,
    clear_keeps_the_session,
    failed_rotation_keeps_the_session,
    failed_flush_keeps_the_session,
]);

/// Engines with a store on the server: a signed cookie that was copied works until it expires.
mod stored {
    use super::{
        c10_a_flushed_session_is_dead, c13_the_old_key_is_dead_and_gets_no_third,
        c21_a_write_after_an_erase_goes_alone_into_a_new_session,
        c22_reading_what_was_erased_is_harmless,
    };
    use crate::probe::on;

    on!([db, cache, cache_redis, cached_db, cached_db_redis, file] [
        c10_a_flushed_session_is_dead,
        c13_the_old_key_is_dead_and_gets_no_third,
        c21_a_write_after_an_erase_goes_alone_into_a_new_session,
        c22_reading_what_was_erased_is_harmless,
    ]);
}

async fn c01_an_untouched_page_costs_nothing(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let answer = probe.get("/untouched", "").await;
    assert_eq!(answer.status, 200);
    answer.assert_untouched();
    assert_eq!(probe.count("sessions").await, 0);
}

async fn c02_reading_without_a_cookie_stores_nothing(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let answer = probe.get("/all", "").await;
    assert_eq!(answer.json(), json!({}));
    answer.assert_read();
    assert_eq!(probe.count("sessions").await, 0);
}

async fn c03_the_first_write_sets_one_cookie(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let answer = probe.post("/set?key=color&value=blue", "").await;
    assert_eq!(answer.vary, "Cookie");
    assert_eq!(answer.attribute("Path").as_deref(), Some("/"));
    assert_eq!(answer.attribute("HttpOnly").as_deref(), Some(""));
    assert_eq!(answer.attribute("SameSite").as_deref(), Some("Lax"));
    assert_eq!(answer.attribute("Max-Age").as_deref(), Some("1209600"));
    assert!(answer.attribute("Expires").is_some());
    assert!(answer.attribute("Domain").is_none() && answer.attribute("Secure").is_none());
    assert_eq!(probe.all(&answer.cookie()).await, json!({ "color": "blue" }));
}

async fn c04_an_untouched_page_with_a_cookie_costs_nothing(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    probe.get("/untouched", &cookie).await.assert_untouched();
}

async fn c05_what_was_set_is_read(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let answer = probe.get("/all", &cookie).await;
    assert_eq!(answer.json(), json!({ "color": "blue" }));
    answer.assert_read();
}

async fn c06_a_default_stands_in(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let answer = probe.get("/get?key=size&default=7", &cookie).await;
    assert_eq!(answer.json(), json!({ "value": 7 }));
    answer.assert_read();
    assert_eq!(probe.get("/get?key=size", &cookie).await.status, 404);
}

async fn c07_deleting_what_is_not_there_changes_nothing(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let answer = probe.post("/delete?key=size", &cookie).await;
    assert_eq!(answer.status, 404);
    answer.assert_read();
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }));
}

async fn c08_the_last_value_gone_the_session_stays(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let kept = probe.post("/delete?key=color", &cookie).await.cookie();
    let answer = probe.get("/all", &kept).await;
    assert_eq!(answer.json(), json!({}));
    answer.assert_read();
}

async fn c09_flush_removes_the_cookie(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    probe.post("/flush", &cookie).await.assert_removed();
}

async fn c10_a_flushed_session_is_dead(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    probe.post("/flush", &cookie).await;
    let answer = probe.get("/all", &cookie).await;
    assert_eq!(answer.json(), json!({}));
    answer.assert_removed();
    let old = probe.blue().await;
    probe.post("/flush?then_key=size&then_value=7", &old).await;
    assert_eq!(probe.all(&old).await, json!({}));
}

async fn c11_flush_without_a_cookie_sends_none(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    probe.post("/flush", "").await.assert_read();
}

async fn c12_flush_then_write_is_a_new_session(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let old = probe.blue().await;
    let new = probe.post("/flush?then_key=size&then_value=7", &old).await.cookie();
    assert_ne!(new, old);
    assert_eq!(probe.all(&new).await, json!({ "size": 7 }));
}

async fn c13_cycling_keeps_the_data_under_a_new_key(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let old = probe.blue().await;
    let new = probe.post("/cycle", &old).await.cookie();
    assert_ne!(new, old);
    assert_eq!(probe.all(&new).await, json!({ "color": "blue" }));
}

async fn c13_the_old_key_is_dead_and_gets_no_third(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let old = probe.blue().await;
    let new = probe.post("/cycle", &old).await.cookie();
    let late = probe.get("/all", &old).await;
    assert_eq!(late.json(), json!({}));
    late.assert_read();
    probe.post("/set?key=size&value=7", &old).await.assert_read();
    let both = json!({ "color": "blue", "size": 7 });
    assert_eq!(probe.all(&new).await, both, "what it writes reaches the session");
    probe.post("/flush", &old).await.assert_read();
    assert_eq!(probe.all(&new).await, json!({}), "and so does a flush");
}

async fn c14_an_unknown_key_is_removed_at_sight(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let answer = probe.get("/all", UNKNOWN).await;
    assert_eq!(answer.json(), json!({}));
    answer.assert_removed();
    assert_eq!(probe.count("sessions").await, 0);
}

async fn c15_an_unknown_key_is_never_adopted(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.post("/set?key=color&value=blue", UNKNOWN).await.cookie();
    assert_ne!(cookie, UNKNOWN);
    assert_eq!(probe.all(UNKNOWN).await, json!({}));
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }));
}

async fn c16_an_untouched_page_leaves_an_unknown_key_alone(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    probe.get("/untouched", UNKNOWN).await.assert_untouched();
    assert_eq!(probe.stored().await.unwrap_or(0), 0);
}

async fn c17_what_is_too_short_is_removed_unread(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    probe.get("/untouched", "sessionid=seven77").await.assert_removed();
    probe.get("/untouched", "sessionid=").await.assert_removed();
    probe.get("/untouched", "sessionid=eight888").await.assert_untouched();
    probe.get("/untouched", "SessionID=seven77").await.assert_untouched();
}

async fn c18_odd_cookies_are_no_session_and_no_error(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let long = "a".repeat(300);
    for odd in
        ["../../etc/passwd", "UPPERCASE0123456789012345678901234", "%00%00", "\"\\000\"", &long]
    {
        let answer = probe.get("/all", &format!("sessionid={odd}")).await;
        assert_eq!((answer.status, answer.json()), (200, json!({})), "{odd}");
        answer.assert_removed();
    }
}

async fn c19_nothing_is_kept_of_a_failed_request(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    for status in ["500", "503", "599", "panic"] {
        for cookie in ["", &cookie] {
            let path = format!("/set-then?key=size&value=7&status={status}");
            let answer = probe.post(&path, cookie).await;
            assert!(answer.status >= 500, "{status}: {}", answer.status);
            answer.assert_read();
        }
        assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }), "{status}");
    }
}

async fn c20_redirects_and_client_errors_are_kept(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let mut cookie = probe.blue().await;
    for status in ["302", "400", "404"] {
        let path = format!("/set-then?key=size&value={status}&status={status}");
        let answer = probe.post(&path, &cookie).await;
        assert_eq!(answer.status.to_string(), status);
        cookie = answer.cookie();
        assert_eq!(probe.all(&cookie).await["size"].to_string(), status);
    }
}

async fn c21_a_write_after_an_erase_goes_alone_into_a_new_session(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let mut late = probe.begin(&cookie).await;
    probe.post("/flush", &cookie).await;
    late.step(Step::Set("size".into(), json!(7))).await;
    let late = late.end(200).await;
    assert_eq!(late.status, 200);
    assert_ne!(late.cookie(), cookie);
    assert_eq!(probe.all(&late.cookie()).await, json!({ "size": 7 }));
    assert_eq!(probe.all(&cookie).await, json!({}));
}

async fn c22_reading_what_was_erased_is_harmless(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let late = probe.begin(&cookie).await;
    probe.post("/flush", &cookie).await;
    late.end(200).await.assert_read();
    probe.get("/all", &cookie).await.assert_removed();
}

async fn c23_vary_is_added_to_what_is_there(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let vary = async |value| probe.get(&format!("/all?vary={value}"), "").await.vary;
    assert_eq!(vary("Accept-Language").await, "Accept-Language, Cookie");
    assert_eq!(vary("cookie").await, "cookie");
    assert_eq!(vary("*").await, "*");
}

async fn c24_an_edit_inside_a_value_is_stored(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.post("/set?key=map&value=%7B%22a%22:1%7D", "").await.cookie();
    let cookie = probe.post("/nested?key=map&field=b&value=2", &cookie).await.cookie();
    assert_eq!(probe.all(&cookie).await, json!({ "map": { "a": 1, "b": 2 } }));
    // Explicitly, the whole value anew.
    let map = "/set?key=map&value=%7B%22a%22:1,%22b%22:3%7D";
    let cookie = probe.post(map, &cookie).await.cookie();
    assert_eq!(probe.all(&cookie).await, json!({ "map": { "a": 1, "b": 3 } }));
    // An edit that changes nothing stores nothing.
    probe.post("/nested?key=map&field=b&value=3", &cookie).await.assert_read();
}

async fn c25_the_test_cookie_tells(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let worked = async |cookie: &str| probe.get("/test-cookie", cookie).await.json();
    assert_eq!(worked("").await, json!({ "worked": false }));
    let cookie = probe.post("/test-cookie", "").await.cookie();
    assert_eq!(worked(&cookie).await, json!({ "worked": true }));
    let cookie = probe.post("/test-cookie/delete", &cookie).await.cookie();
    assert_eq!(worked(&cookie).await, json!({ "worked": false }));
}

async fn c31_the_last_well_formed_cookie_counts(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let (one, two) = (probe.blue().await, probe.blue().await);
    let two = probe.post("/set?key=color&value=red", &two).await.cookie();
    let red = json!({ "color": "red" });
    assert_eq!(probe.all(&format!("{one}; {two}")).await, red);
    assert_eq!(probe.all(&format!("{two}; sessionid=junk-junk-junk")).await, red);
    assert_eq!(probe.all(&format!("%%%; =; {two}; a=\"")).await, red);
}

async fn clear_keeps_the_session(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let kept = probe.post("/clear", &cookie).await.cookie();
    assert_eq!(probe.all(&kept).await, json!({}));
    probe.get("/all", &kept).await.assert_read();
}

async fn failed_rotation_keeps_the_session(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    probe.post("/cycle?status=500", &cookie).await.assert_read();
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }));
}

async fn failed_flush_keeps_the_session(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    // Setting what cannot be stored makes the handler fail after the flush.
    let answer = probe.post("/flush?then_key=k&then_value=%22%5Cu0000%22", &cookie).await;
    assert_eq!(answer.status, 500);
    answer.assert_read();
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }));
}
