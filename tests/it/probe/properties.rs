//! Properties of all inputs: two requests interleaved in any way, any cookie, any value.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestCaseResult, TestRunner};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::Probe;
use super::model::{Cookie, Request, Store};
use super::running::{Answer, EngineUnderTest};
use super::script::{Script, Step};

/// Runs each of these tests once an engine.
macro_rules! on {
    ([$($engine:ident),*] $tests:tt) => { $( on!(@ $engine $tests); )* };
    (@ $engine:ident [$($test:ident),* $(,)?]) => {
        mod $engine {
            $(
                #[test]
                fn $test() {
                    super::$test($crate::probe::running::engines::$engine);
                }
            )*
        }
    };
}

on!([db, cache, cache_redis, cached_db, cached_db_redis, file, signed_cookies] [
    any_cookie_is_no_session_and_no_error,
    any_value_comes_back_as_it_was,
]);

mod stored {
    use super::interleaved_requests_merge_by_key;

    on!([db, cache, cache_redis, cached_db, cached_db_redis, file] [
        interleaved_requests_merge_by_key,
    ]);
}

/// One probe for all cases.
fn check<S: Strategy>(
    engine: EngineUnderTest,
    strategy: &S,
    test: &impl AsyncFn(&Probe, S::Value) -> TestCaseResult,
) {
    let system = actix_web::rt::System::new();
    let probe = system.block_on(Probe::start(engine));
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let result =
        TestRunner::new(config).run(strategy, |value| system.block_on(test(&probe, value)));
    result.unwrap();
}

fn equal<T: PartialEq + std::fmt::Debug>(got: &T, wanted: &T, what: &str) -> TestCaseResult {
    if got == wanted {
        return Ok(());
    }
    Err(TestCaseError::fail(format!("{what}: {got:?}, not {wanted:?}")))
}

fn step() -> impl Strategy<Value = Step> {
    let key = || prop::sample::select(vec!["a", "b", "n", "map"]).prop_map(str::to_owned);
    let value = prop_oneof![any::<i8>().prop_map(Value::from), Just(json!({ "x": 1 }))];
    let field = prop::sample::select(vec!["x", "y"]).prop_map(str::to_owned);
    prop_oneof![
        4 => (key(), value).prop_map(|(key, value)| Step::Set(key, value)),
        3 => (Just("n".to_owned()), -3..4_i64).prop_map(|(key, by)| Step::Increment(key, by)),
        2 => key().prop_map(Step::Delete),
        2 => (Just("map".to_owned()), field, 0..3_i64)
            .prop_map(|(key, field, value)| Step::Edit(key, field, value)),
        1 => Just(Step::Clear),
        1 => Just(Step::Cycle),
        1 => Just(Step::Flush),
    ]
}

/// The steps of two requests with one cookie, their order, and whether each ends well.
fn play() -> impl Strategy<Value = ([Vec<Step>; 2], Vec<bool>, [bool; 2])> {
    let steps = || prop::collection::vec(step(), 0..5);
    let order = prop::collection::vec(any::<bool>(), 14);
    let well = || prop::bool::weighted(0.9);
    ([steps(), steps()], order, [well(), well()])
}

fn interleaved_requests_merge_by_key(engine: EngineUnderTest) {
    check(engine, &play(), &async |probe, (steps, order, well)| {
        let first = json!({ "a": 1, "n": 5, "map": { "x": 0 } });
        let first: Map<String, Value> = serde_json::from_value(first).unwrap();
        let mut store = Store::default();
        let key = store.insert(first.clone());
        let mut cookies = HashMap::from([(key, stored(probe, first).await)]);
        let cookie = cookies[&key].clone();
        let mut steps = steps.map(Vec::into_iter);
        let mut actors: [Option<(Script, Request)>; 2] = [None, None];
        let mut ended = [false; 2];
        // Each turn is a start, a step or an end; a request that remains continues alone.
        let turns = order.into_iter().chain([false; 7]).chain([true; 7]);
        for who in turns.map(usize::from) {
            if ended[who] {
                continue;
            }
            let Some((script, request)) = &mut actors[who] else {
                let request = Request::begin(&store, key);
                let script = probe.begin(&cookie).await;
                equal(&script.loaded, &request.data, "loaded")?;
                actors[who] = Some((script, request));
                continue;
            };
            if let Some(step) = steps[who].next() {
                request.step(&mut store, &step);
                let seen = script.step(step).await;
                equal(&seen, &request.data, "in the request")?;
                continue;
            }
            let (script, request) = actors[who].take().unwrap();
            let told = request.end(&mut store, !well[who]);
            let answer = script.end(if well[who] { 200 } else { 500 }).await;
            compare(&answer, told, &mut cookies)?;
            ended[who] = true;
        }
        for (key, cookie) in cookies {
            let wanted = store.sessions.get(&key).cloned().unwrap_or_default();
            equal(&probe.all(&cookie).await, &wanted.into(), "stored")?;
        }
        Ok(())
    });
}

/// The cookie of a new session that holds that.
async fn stored(probe: &Probe, data: Map<String, Value>) -> String {
    let mut script = probe.begin("").await;
    for (key, value) in data {
        script.step(Step::Set(key, value)).await;
    }
    script.end(200).await.cookie()
}

fn compare(answer: &Answer, told: Cookie, cookies: &mut HashMap<usize, String>) -> TestCaseResult {
    match (told, answer.set_cookie.len()) {
        (Cookie::Unmentioned, sent) => equal(&sent, &0, "a cookie"),
        (Cookie::Removed, 1) => equal(&answer.cookie(), &"sessionid=".to_owned(), "removed"),
        (Cookie::Set(key), 1) => {
            let sent = answer.cookie();
            let known = cookies.values().any(|cookie| *cookie == sent);
            if cookies.get(&key) == Some(&sent) || !known && !cookies.contains_key(&key) {
                cookies.insert(key, sent);
                return Ok(());
            }
            Err(TestCaseError::fail("another key than expected"))
        }
        (told, sent) => Err(TestCaseError::fail(format!("{told:?}, but {sent} cookies"))),
    }
}

/// Bytes that a header may hold, percent signs before any byte, and near misses of keys.
fn cookie_value() -> impl Strategy<Value = Vec<u8>> {
    let sendable = |byte: &u8| *byte == b'\t' || *byte >= b' ' && *byte != 127;
    let bytes = prop::collection::vec(any::<u8>().prop_filter("sendable", sendable), 0..200);
    let encoded = prop::collection::vec(any::<u8>(), 0..60);
    let encoded = encoded
        .prop_map(|bytes| bytes.iter().map(|b| format!("%{b:02x}")).collect::<String>().into());
    prop_oneof![
        bytes,
        encoded,
        "[a-z0-9]{31,33}".prop_map(String::into_bytes),
        "1[A-Za-z0-9_-]{50,300}".prop_map(String::into_bytes)
    ]
}

fn any_cookie_is_no_session_and_no_error(engine: EngineUnderTest) {
    check(engine, &cookie_value(), &async |probe, value| {
        let cookie = [b"sessionid=", value.as_slice()].concat();
        for path in ["/all", "/untouched"] {
            let answer = probe.send(Method::GET, path, &cookie).await;
            equal(&answer.status, &200, path)?;
            if path == "/all" {
                equal(&answer.json(), &json!({}), path)?;
            }
            if !answer.set_cookie.is_empty() {
                equal(&answer.cookie(), &"sessionid=".to_owned(), "removed at most")?;
            }
        }
        Ok(())
    });
}

/// Without U+0000, which is refused.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..12)
        .prop_map(|chars| chars.into_iter().filter(|c| *c != '\0').collect())
}

/// `jsonb` does not tell 3e17 from 300000000000000000, and the latter is read as an integer.
fn is_no_integer(number: &f64) -> bool {
    number.fract() != 0.0 || number.abs() >= 2_f64.powi(64)
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("a whole number is kept as such", is_no_integer)
            .prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_value_comes_back_as_it_was(engine: EngineUnderTest) {
    check(engine, &json(), &async |probe, value| {
        let wanted = Map::from_iter([("k".to_owned(), value)]);
        let cookie = stored(probe, wanted.clone()).await;
        equal(&probe.begin(&cookie).await.loaded, &wanted, "read")
    });
}
