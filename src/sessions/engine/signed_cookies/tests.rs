//! The engine as the middleware uses it, and against forgers.

use proptest::prelude::*;
use rand::Rng;
use rand::distr::Alphanumeric;
use serde_json::{Value, json};

use super::*;

const NAME: &str = "sessionid";
const SECRET: &str = "a secret of at least 32 bytes: the new one";
const OLD_SECRET: &str = "a secret of at least 32 bytes: the old one";
const ATTRIBUTES: &str = "; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=1209600; \
                          Expires=Tue, 08 Dec 2026 00:00:00 GMT";
const OVERHEAD: usize = NAME.len() + "=".len() + ATTRIBUTES.len();

fn engine(secrets: &[&str]) -> SignedCookiesEngine {
    SignedCookiesEngine::new(secrets, NAME, OVERHEAD, None).unwrap()
}

fn limited(absolute: Duration) -> SignedCookiesEngine {
    SignedCookiesEngine::new(&[SECRET], NAME, OVERHEAD, Some(absolute)).unwrap()
}

fn data(value: Value) -> Data {
    serde_json::from_value(value).unwrap()
}

fn text(text: impl Into<String>) -> Data {
    Data::from_iter([("k".to_owned(), text.into().into())])
}

fn random_text(length: usize) -> String {
    rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect()
}

fn soon() -> DateTime<Utc> {
    Utc::now() + TimeDelta::hours(1)
}

fn stored(merged: Merged) -> Key {
    match merged {
        Merged::Stored(key) => key,
        Merged::Followed | Merged::Gone => panic!("nothing was stored"),
    }
}

#[tokio::test]
async fn a_session_is_made_changed_and_read() {
    let engine = engine(&[SECRET]);
    let first = data(json!({ "same": 1, "changed": "a", "removed": true }));
    let second = data(json!({ "same": 1, "changed": { "b": [null, 2.5] }, "new": "é" }));
    let made = engine.insert(&first, soon()).await.unwrap();
    let changes = Changes::between(&first, &second);
    let merged = stored(engine.merge(&made, &changes, soon()).await.unwrap());
    let rotated = engine.rotate(&merged, &Changes::default(), soon()).await.unwrap().unwrap();
    assert!(merged != rotated);
    for (key, data) in [(made, first), (merged, second.clone()), (rotated, second)] {
        let key = engine.parse(key.as_str()).unwrap();
        assert_eq!(engine.load(&key).await.unwrap(), Loaded::Found(data));
    }
}

#[tokio::test]
async fn counters_wait_for_the_end_and_nothing_is_revoked_or_swept() {
    let engine = engine(&[SECRET]);
    let key = engine.insert(&text("v"), soon()).await.unwrap();
    assert_eq!(engine.add(&key, "n", 1, soon()).await.unwrap(), Added::AtTheEnd);
    engine.delete(&key).await.unwrap();
    assert_eq!(engine.clear_expired(10, false).await.unwrap(), 0);
    assert_eq!(engine.load(&key).await.unwrap(), Loaded::Found(text("v")));
}

#[tokio::test]
async fn an_expired_session_is_absent_for_every_method() {
    let engine = engine(&[SECRET]);
    let key = engine.insert(&text("v"), Utc::now()).await.unwrap();
    assert_eq!(engine.load(&key).await.unwrap(), Loaded::Missing);
    let none = Changes::default();
    assert!(engine.merge(&key, &none, soon()).await.unwrap() == Merged::Gone);
    assert!(engine.rotate(&key, &none, soon()).await.unwrap().is_none());
}

#[tokio::test]
async fn times_hold_to_the_microsecond_and_creation_is_kept() {
    let engine = limited(Duration::from_secs(3600));
    let (hour, tick) = (TimeDelta::hours(1), TimeDelta::microseconds(1));
    let made = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap();
    let expires = made + TimeDelta::minutes(50);
    let times = Times { created: made, issued: made, expires };
    let key = engine.close(&text("v"), times).unwrap();
    assert_eq!(engine.open(&key, expires - tick), Some((times, text("v"))));
    assert_eq!(engine.open(&key, expires), None);

    let later = made + TimeDelta::minutes(40);
    let none = Changes::default();
    let key = engine.reissue(&key, &none, later + hour, later).unwrap().unwrap();
    let times = Times { created: made, issued: later, expires: made + hour };
    assert_eq!(engine.open(&key, made + hour - tick), Some((times, text("v"))));
    assert_eq!(engine.open(&key, made + hour), None);
    assert!(engine.reissue(&key, &none, later + hour, made + hour).unwrap().is_none());
}

#[test]
fn a_tightened_absolute_limit_counts_for_old_cookies() {
    let now = Utc::now();
    let times = Times { created: now, issued: now, expires: now + TimeDelta::days(9) };
    let key = engine(&[SECRET]).close(&text("v"), times).unwrap();
    let in_a_minute = now + TimeDelta::minutes(1);
    assert!(engine(&[SECRET]).open(&key, in_a_minute).is_some());
    assert!(limited(Duration::from_secs(61)).open(&key, in_a_minute).is_some());
    assert!(limited(Duration::from_secs(60)).open(&key, in_a_minute).is_none());
    assert!(limited(Duration::MAX).open(&key, in_a_minute).is_some());
}

#[test]
fn a_cookie_from_the_future_is_not_taken() {
    let engine = engine(&[SECRET]);
    let (now, tick) = (Utc::now(), TimeDelta::microseconds(1));
    let (ahead, expires) = (now + CLOCK_SKEW, now + TimeDelta::days(1));
    for (created, issued) in [(now, ahead), (ahead, now)] {
        let key = engine.close(&text("v"), Times { created, issued, expires }).unwrap();
        assert!(engine.open(&key, now).is_some());
        assert!(engine.open(&key, now - tick - tick).is_none());
    }
}

#[tokio::test]
async fn a_fallback_key_reads_and_the_first_key_writes() {
    let old = engine(&[OLD_SECRET]);
    let both = engine(&[SECRET, OLD_SECRET]);
    let new = engine(&[SECRET]);
    let key = old.insert(&text("v"), soon()).await.unwrap();
    assert_eq!(both.load(&key).await.unwrap(), Loaded::Found(text("v")));
    assert_eq!(new.load(&key).await.unwrap(), Loaded::Missing);

    let key = stored(both.merge(&key, &Changes::default(), soon()).await.unwrap());
    assert_eq!(new.load(&key).await.unwrap(), Loaded::Found(text("v")));
    assert_eq!(old.load(&key).await.unwrap(), Loaded::Missing);
    assert!(old.merge(&key, &Changes::default(), soon()).await.unwrap() == Merged::Gone);
}

#[tokio::test]
async fn another_cookies_token_is_missing() {
    let other = SignedCookiesEngine::new(&[SECRET], "other", OVERHEAD, None).unwrap();
    let key = other.insert(&text("v"), soon()).await.unwrap();
    assert_eq!(engine(&[SECRET]).load(&key).await.unwrap(), Loaded::Missing);
}

#[tokio::test]
async fn a_flipped_bit_anywhere_is_missing() {
    let engine = engine(&[SECRET]);
    let token = engine.insert(&text("v"), soon()).await.unwrap().as_str().to_owned();
    for at in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let key = Key::from_token(String::from_utf8(bytes).unwrap());
            assert_eq!(engine.load(&key).await.unwrap(), Loaded::Missing, "bit {bit} of {at}");
        }
    }
}

#[tokio::test]
async fn a_token_shows_nothing_and_is_new_each_time() {
    let engine = engine(&[SECRET]);
    let secret = "a name and a card number";
    let first = engine.insert(&text(secret), soon()).await.unwrap();
    let second = engine.insert(&text(secret), soon()).await.unwrap();
    let decode = |key: &Key| {
        use base64::Engine as _;
        let base64 = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        base64.decode(&key.as_str()[1..]).unwrap()
    };
    let (first, second) = (decode(&first), decode(&second));
    for part in secret.as_bytes().windows(4) {
        assert!(!first.windows(4).any(|window| window == part));
    }
    // Neither the nonce nor the ciphertext nor the tag repeats.
    for (one, other) in first.chunks(8).zip(second.chunks(8)).filter(|(one, _)| one.len() == 8) {
        assert_ne!(one, other);
    }
}

#[test]
fn only_the_shape_of_a_token_is_parsed() {
    let engine = engine(&[SECRET]);
    let least = format!("1{}", "A".repeat(54));
    assert!(engine.parse(&least).is_some());
    assert!(engine.parse(&format!("1{}", "-_".repeat(2047))).is_some());
    let generated = Key::generate();
    for text in [
        "",
        "1",
        "é",
        generated.as_str(),
        &least[..54],
        &least.replace('1', "2"),
        &format!("1{}", "A".repeat(57)),
        &format!("1{}.AAA", "A".repeat(56)),
        &format!("1{}==", "A".repeat(58)),
        &format!("1{}é", "A".repeat(58)),
        &format!("1{}", "A".repeat(4096)),
    ] {
        assert!(engine.parse(text).is_none(), "{text}");
    }
}

/// The cookie that the middleware sends.
fn set_cookie(key: &Key) -> String {
    format!("{NAME}={}{ATTRIBUTES}", key.as_str())
}

#[tokio::test]
async fn a_cookie_of_4096_bytes_is_sent_and_one_of_4097_is_not() {
    let with = |overhead| SignedCookiesEngine::new(&[SECRET], NAME, overhead, None).unwrap();
    for data in [text("v"), text("x".repeat(6000)), text(random_text(3000))] {
        let token = with(OVERHEAD).insert(&data, soon()).await.unwrap();
        let room = 4096 - token.as_str().len();
        let exact = with(room);
        exact.check(&data).unwrap();
        let token = exact.insert(&data, soon()).await.unwrap();
        assert_eq!(token.as_str().len() + room, 4096);
        assert!(exact.parse(token.as_str()).is_some());

        assert_eq!(refused_size(&with(room + 1), &data), Some(4097));
    }
}

fn refused_size(engine: &SignedCookiesEngine, data: &Data) -> Option<usize> {
    match engine.check(data) {
        Ok(()) => None,
        Err(ValueError::TooLarge { limit: 4096, size }) => Some(size),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn what_passes_is_sent_and_what_is_refused_names_its_exact_size() {
    let engine = engine(&[SECRET]);
    let roomy = SignedCookiesEngine { cookie_attributes_length: 0, ..engine.clone() };
    let all = random_text(5000);
    let (mut passed, mut refused) = (0, 0);
    for length in (3400..4000).step_by(7) {
        let data = text(&all[..length]);
        let Ok(key) = roomy.insert(&data, soon()).await else { break };
        let sent = set_cookie(&key).len();
        if let Some(size) = refused_size(&engine, &data) {
            assert!(size == sent && sent > 4096, "{size} {sent}");
            assert!(engine.insert(&data, soon()).await.is_err());
            refused += 1;
        } else {
            assert!(sent <= 4096);
            let key = engine.insert(&data, soon()).await.unwrap();
            assert_eq!(set_cookie(&key).len(), sent);
            passed += 1;
        }
    }
    assert!(passed > 0 && refused > 0, "{passed} {refused}");
}

#[tokio::test]
async fn equal_characters_are_compressed_and_random_ones_refused() {
    let engine = engine(&[SECRET]);
    let equal = text("x".repeat(6000));
    engine.check(&equal).unwrap();
    let key = engine.insert(&equal, soon()).await.unwrap();
    assert!(key.as_str().len() < 200, "{}", key.as_str().len());
    assert_eq!(engine.load(&key).await.unwrap(), Loaded::Found(equal));

    let random = text(random_text(6000));
    let error = engine.check(&random).unwrap_err();
    assert!(matches!(error, ValueError::TooLarge { limit: 4096, size } if size > 5000), "{error}");
    let changes = Changes { changed: random, removed: Vec::new() };
    assert!(engine.merge(&key, &changes, soon()).await.is_err());
    assert!(matches!(engine.load(&key).await.unwrap(), Loaded::Found(_)));
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    let refused = |keys: &[&str], overhead| {
        SignedCookiesEngine::new(keys, NAME, overhead, None).err().unwrap().to_string()
    };
    assert!(refused(&[], OVERHEAD).contains("SECRET_KEY"));
    assert!(refused(&["short"], OVERHEAD).contains("SECRET_KEY"));
    assert!(refused(&[SECRET], 4090).contains("no room"));
}

fn any_value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from)
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        any::<String>().prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect()))
        ]
    })
}

fn any_data() -> impl Strategy<Value = Data> {
    prop::collection::btree_map(any::<String>(), any_value(), 0..5)
        .prop_map(|fields| fields.into_iter().collect())
}

proptest! {
    #[test]
    fn any_data_come_back_or_are_refused_before(before in any_data(), after in any_data()) {
        let engine = engine(&[SECRET]);
        let now = Utc::now();
        prop_assume!(engine.check(&before).is_ok());
        let times = Times { created: now, issued: now, expires: now + TimeDelta::days(1) };
        let key = engine.close(&before, times).unwrap();
        prop_assert!(engine.parse(key.as_str()).is_some());
        let (_, opened) = engine.open(&key, now).unwrap();
        prop_assert_eq!(&opened, &before);

        let fits = engine.check(&after).is_ok();
        let reissued =
            engine.reissue(&key, &Changes::between(&before, &after), times.expires, now);
        prop_assert_eq!(reissued.is_ok(), fits);
        if let Ok(Some(key)) = reissued {
            prop_assert!(set_cookie(&key).len() <= 4096);
            prop_assert_eq!(engine.open(&key, now).unwrap().1, after);
        }
    }

    #[test]
    fn any_text_is_missing(text in any::<String>()) {
        let engine = engine(&[SECRET, OLD_SECRET]);
        prop_assert!(engine.parse(&text).is_none());
        prop_assert!(engine.open(&Key::from_token(text), Utc::now()).is_none());
    }

    #[test]
    fn any_text_that_looks_like_a_token_is_missing(text in "1[A-Za-z0-9_-]{54,400}") {
        let engine = engine(&[SECRET, OLD_SECRET]);
        prop_assert!(engine.open(&Key::from_token(text), Utc::now()).is_none());
    }

    #[test]
    fn any_sealed_bytes_are_missing(content in any::<Vec<u8>>()) {
        let engine = engine(&[SECRET]);
        let key = Key::from_token(engine.seal.close(&content).unwrap());
        prop_assert!(engine.open(&key, Utc::now()).is_none());
    }
}
