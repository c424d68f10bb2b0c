//! Effects of each setting: the statements S-DOM, S-HTTPONLY, S-SECURE, S-NAME, S-PATH, S-SAMESITE,
//! S-SER and S-SECRET on every engine, S-ENGINE, S-FILE and S-ALIAS at the start.

use marquee::db::Pool;
use marquee::sessions::Engine;
use serde_json::json;

use super::running::engines::{cache, cache_redis, cached_db, file, signed_cookies};
use super::running::{Answer, EngineUnderTest};
use super::{Probe, on};
use crate::support::settings;

on!([db, cache, cache_redis, cached_db, cached_db_redis, file, signed_cookies] [
    s_dom_is_on_the_cookie_and_its_removal,
    s_path_is_on_the_cookie_and_its_removal,
    s_httponly_is_there_unless_it_is_off,
    s_secure_is_on_the_cookie_and_its_removal,
    s_samesite_is_one_of_four,
    s_name_is_the_only_cookie_that_counts,
    s_ser_refuses_at_the_call_what_it_cannot_store,
]);

/// The answers that set a cookie and remove one.
async fn set_and_removed(engine: EngineUnderTest, flags: &[&str]) -> [Answer; 2] {
    let probe = Probe::start_with(engine, flags).await;
    let set = probe.post("/set?key=color&value=blue", "").await;
    let removed = probe.post("/flush", &set.cookie()).await;
    removed.assert_removed();
    [set, removed]
}

async fn s_dom_is_on_the_cookie_and_its_removal(engine: EngineUnderTest) {
    for answer in set_and_removed(engine, &["--session-cookie-domain=.example.com"]).await {
        let domain = answer.attribute("Domain").unwrap();
        assert_eq!(domain.trim_start_matches('.'), "example.com");
    }
    for answer in set_and_removed(engine, &[]).await {
        assert_eq!(answer.attribute("Domain"), None);
    }
}

async fn s_path_is_on_the_cookie_and_its_removal(engine: EngineUnderTest) {
    for answer in set_and_removed(engine, &["--session-cookie-path=/app"]).await {
        assert_eq!(answer.attribute("Path").as_deref(), Some("/app"));
    }
}

async fn s_httponly_is_there_unless_it_is_off(engine: EngineUnderTest) {
    for (value, expected) in [("true", Some("")), ("false", None)] {
        let flag = format!("--session-cookie-httponly={value}");
        for answer in set_and_removed(engine, &[&flag]).await {
            assert_eq!(answer.attribute("HttpOnly").as_deref(), expected);
        }
    }
}

async fn s_secure_is_on_the_cookie_and_its_removal(engine: EngineUnderTest) {
    for (value, expected) in [("true", Some("")), ("false", None)] {
        let flag = format!("--session-cookie-secure={value}");
        for answer in set_and_removed(engine, &[&flag]).await {
            assert_eq!(answer.attribute("Secure").as_deref(), expected);
        }
    }
}

async fn s_samesite_is_one_of_four(engine: EngineUnderTest) {
    for (value, expected) in
        [("lax", Some("Lax")), ("Strict", Some("Strict")), ("None", Some("None")), ("false", None)]
    {
        let flag = format!("--session-cookie-samesite={value}");
        for answer in set_and_removed(engine, &[&flag, "--session-cookie-secure=true"]).await {
            assert_eq!(answer.attribute("SameSite").as_deref(), expected);
        }
    }
}

async fn s_name_is_the_only_cookie_that_counts(engine: EngineUnderTest) {
    let probe = Probe::start_with(engine, &["--session-cookie-name=sid2"]).await;
    let set = probe.post("/set?key=color&value=blue", "").await;
    let cookie = set.cookie();
    let value = cookie.strip_prefix("sid2=").unwrap();
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }));
    let other = probe.get("/all", &format!("sessionid={value}")).await;
    assert_eq!(other.json(), json!({}));
    other.assert_read();
    let removed = probe.post("/flush", &cookie).await;
    removed.assert_removed();
    assert_eq!(removed.cookie(), "sid2=");
}

async fn s_ser_refuses_at_the_call_what_it_cannot_store(engine: EngineUnderTest) {
    let probe = Probe::start(engine).await;
    let cookie = probe.blue().await;
    let deep = format!("{}1{}", "[".repeat(101), "]".repeat(101));
    for value in ["%22a%5Cu0000b%22", "%7B%22a%5Cu0000%22:1%7D", &deep] {
        let answer = probe.post(&format!("/set?key=k&value={value}"), &cookie).await;
        assert_eq!(answer.status, 422, "{value}: {}", answer.body);
        answer.assert_read();
    }
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }));
    // JSON's keys are text.
    let answer = probe.post("/nested?key=map&field=0&value=1", &cookie).await;
    assert_eq!(probe.all(&answer.cookie()).await["map"], json!({ "0": 1 }));
}

#[actix_web::test]
async fn s_secret_rotates_with_fallbacks() {
    let old = Probe::start(signed_cookies).await;
    let cookie = old.blue().await;
    let former = "--secret-key-fallbacks=0123456789abcdef0123456789abcdef";
    let new = "--secret-key=another-key-another-key-another-key!";
    let rotated = Probe::start_with(signed_cookies, &[new, former]).await;
    let renewed = rotated.post("/set?key=size&value=7", &cookie).await.cookie();
    let both = json!({ "color": "blue", "size": 7 });
    assert_eq!(rotated.all(&renewed).await, both);

    let without = Probe::start_with(signed_cookies, &[new]).await;
    let answer = without.get("/all", &cookie).await;
    assert_eq!(answer.json(), json!({}));
    answer.assert_removed();
    assert_eq!(without.all(&renewed).await, both);
}

/// Why the engine does not open with these flags.
fn refused(engine: EngineUnderTest, flags: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let chosen = engine.flags(folder.path());
    let flags: Vec<&str> = chosen.iter().map(String::as_str).chain(flags.iter().copied()).collect();
    let pool = Pool::new("postgres://nowhere", 1).unwrap();
    let opened = Engine::open(&settings(&flags).sessions, &pool);
    opened.map_or_else(|error| format!("{error:#}"), |_| String::new())
}

#[test]
fn s_engine_that_cannot_work_with_its_settings_stops_the_start() {
    for (engine, flag, named) in [
        (file, "--session-file-path=/no/such/folder", "SESSION_FILE_PATH=/no/such/folder"),
        (file, "--session-file-path=/etc/passwd", "SESSION_FILE_PATH=/etc/passwd"),
        (cache, "--session-cache-url=other", "SESSION_CACHE_URL"),
        (cache, "--session-cache-url=memcached://host", "SESSION_CACHE_URL"),
        (cached_db, "--session-cache-url=redis://:port", "SESSION_CACHE_URL"),
        (signed_cookies, "--secret-key=short", "SECRET_KEY"),
        (signed_cookies, "--secret-key=", "SECRET_KEY"),
        (signed_cookies, "--secret-key-fallbacks=short", "SECRET_KEY_FALLBACKS"),
    ] {
        let message = refused(engine, &[flag]);
        assert!(message.contains(named), "{flag}: {message:?}");
        assert_eq!(refused(engine, &[]), "");
    }
}

#[actix_web::test]
async fn s_file_uses_its_folder_or_the_system_default() {
    let probe = Probe::start(file).await;
    probe.blue().await;
    assert_eq!(probe.files().len(), 1);
    let unset = settings(&["--session-engine=file"]);
    assert_eq!(unset.sessions.session_file_path, None);
    let pool = Pool::new(&probe.database, 1).unwrap();
    assert!(Engine::open(&unset.sessions, &pool).is_ok(), "{:?}", std::env::temp_dir());
}

/// Two databases of one Redis server are two caches.
#[actix_web::test]
async fn s_alias_keeps_sessions_in_the_cache_of_the_setting_only() {
    let url = std::env::var("TEST_REDIS_URL").unwrap();
    let other = format!("--session-cache-url={url}?db=1");
    let (here, there) =
        (Probe::start(cache_redis).await, Probe::start_with(cache_redis, &[&other]).await);
    let cookie = there.blue().await;
    assert_eq!(there.all(&cookie).await, json!({ "color": "blue" }));
    assert_eq!(here.all(&cookie).await, json!({}));
    assert_eq!(here.life(&cookie).await, Some(0), "no entry: PTTL says -2");
}
