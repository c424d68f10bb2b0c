//! One visitor at a time.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use super::*;
use crate::sessions::expiry::SESSION_EXPIRY;

#[tokio::test]
async fn a_session_is_read_as_it_was_stored() {
    let site = Site::new();
    let stored = json!({ "name": "Zoë 漢😀", "n": [1, -2, 0.1, null], "o": { "": "\u{1}" } });
    let key = site.insert(stored.clone()).await;
    assert_eq!(site.found(&key).await, data(stored));
    assert_eq!(site.load(&Key::generate()).await, Loaded::Missing);

    let empty = site.insert(json!({})).await;
    assert_eq!(site.found(&empty).await, Data::new());
}

#[tokio::test]
async fn a_merge_changes_what_it_names_and_nothing_else() {
    let site = Site::new();
    let key = site.insert(json!({ "same": 1, "other": 1, "gone": 1 })).await;
    let changes =
        Changes { changed: data(json!({ "other": 2, "new": 3 })), removed: vec!["gone".into()] };
    let merged = site.engine.merge(&key, &changes, in_an_hour()).await.unwrap();
    assert!(merged == Merged::Stored(key.clone()));
    assert_eq!(site.found(&key).await, data(json!({ "same": 1, "other": 2, "new": 3 })));
}

#[tokio::test]
async fn only_the_owner_can_read_a_file_and_its_name_does_not_tell_the_key() {
    let site = Site::new();
    let key = site.insert(json!({ "a": 1 })).await;
    site.engine.merge(&key, &change(json!({ "b": 1 })), in_an_hour()).await.unwrap();
    assert_eq!(site.names(), [format!("{PREFIX}{}", hex(&key.hash()))]);
    for entry in fs::read_dir(site.folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o7777, 0o600, "{entry:?}");
        let bytes = fs::read(entry.path()).unwrap();
        assert!(!bytes.windows(32).any(|window| window == key.as_str().as_bytes()));
    }
}

#[tokio::test]
async fn an_expired_session_is_absent_before_any_sweep() {
    let site = Site::new();
    let key = site.engine.insert(&data(json!({ "a": 1 })), a_second_ago()).await.unwrap();
    assert_gone(&site.engine, &key).await;

    let key = site.insert(json!({ "a": 1 })).await;
    let merged = site.engine.merge(&key, &Changes::default(), a_second_ago()).await.unwrap();
    assert!(merged == Merged::Stored(key.clone()));
    assert_gone(&site.engine, &key).await;
}

#[tokio::test]
async fn a_session_ends_at_its_moment_and_not_before() {
    let site = Site::new();
    let end = Utc::now() + TimeDelta::milliseconds(50);
    let key = site.engine.insert(&data(json!({ "a": 1 })), end).await.unwrap();
    loop {
        let before = Utc::now();
        let loaded = site.load(&key).await;
        match loaded {
            Loaded::Found(_) => assert!(before < end),
            _ => break assert!(Utc::now() >= end - TimeDelta::microseconds(1)),
        }
    }
}

#[tokio::test]
async fn an_empty_merge_prolongs() {
    let site = Site::new();
    let soon = Utc::now() + TimeDelta::seconds(60);
    let life = Life { created: Utc::now(), expires: soon };
    let key = site.plant(life, Content::Session(data(json!({ "a": 1 }))));
    site.engine.merge(&key, &Changes::default(), in_an_hour()).await.unwrap();
    let record = Record::decode(&fs::read(site.path(&key)).unwrap(), &key.hash()).unwrap();
    assert!(record.life.expires > soon);
    assert_eq!(record.life.created.timestamp_micros(), life.created.timestamp_micros());
}

#[tokio::test]
async fn an_addition_prolongs_unless_the_session_has_its_own_expiry() {
    let site = Site::new();
    let soon = Utc::now() + TimeDelta::seconds(60);
    for (extra, prolonged) in [(json!({}), true), (json!({ SESSION_EXPIRY: 60 }), false)] {
        let key = site.engine.insert(&data(extra.clone()), soon).await.unwrap();
        let added = site.engine.add(&key, "n", 2, in_an_hour()).await.unwrap();
        let mut expected = data(extra);
        expected.insert("n".into(), json!(2));
        assert_eq!(added, Added::Now(expected));
        let record = Record::decode(&fs::read(site.path(&key)).unwrap(), &key.hash()).unwrap();
        assert_eq!(record.life.expires > soon, prolonged);
    }
}

#[tokio::test]
async fn a_deleted_session_stays_deleted() {
    let site = Site::new();
    let key = site.insert(json!({ "a": 1 })).await;
    site.engine.delete(&key).await.unwrap();
    site.engine.delete(&key).await.unwrap();
    assert_gone(&site.engine, &key).await;
    assert!(site.names().is_empty());
}

#[tokio::test]
async fn a_rotated_session_is_found_under_its_new_key_only() {
    let site = Site::new();
    let old = site.insert(json!({ "a": 1, "b": 1 })).await;
    let rotated = site.engine.rotate(&old, &change(json!({ "b": 2 })), in_an_hour()).await.unwrap();
    let new = rotated.unwrap();
    assert!(new != old);
    assert_eq!(site.load(&old).await, Loaded::Retired);
    assert_eq!(site.found(&new).await, data(json!({ "a": 1, "b": 2 })));
    let again = site.engine.rotate(&old, &Changes::default(), in_an_hour()).await.unwrap();
    assert!(again.is_none());
}

#[tokio::test]
async fn what_requests_with_a_retired_key_write_goes_to_its_successors() {
    let site = Site::new();
    let first = site.insert(json!({})).await;
    let rotate = async |key| {
        site.engine.rotate(key, &Changes::default(), in_an_hour()).await.unwrap().unwrap()
    };
    let last = rotate(&rotate(&first).await).await;

    let merged = site.engine.merge(&first, &change(json!({ "a": 1 })), in_an_hour()).await.unwrap();
    assert!(merged == Merged::Followed);
    let added = site.engine.add(&first, "n", 5, in_an_hour()).await.unwrap();
    assert_eq!(added, Added::Followed(data(json!({ "a": 1, "n": 5 }))));
    assert_eq!(site.found(&last).await, data(json!({ "a": 1, "n": 5 })));

    site.engine.delete(&first).await.unwrap();
    assert_gone(&site.engine, &last).await;
    let merged = site.engine.merge(&first, &change(json!({ "a": 1 })), in_an_hour()).await.unwrap();
    assert!(merged == Merged::Gone);
    assert_eq!(site.load(&first).await, Loaded::Retired);
}

#[tokio::test]
async fn a_key_is_retired_for_two_minutes() {
    let site = Site::new();
    let old = site.insert(json!({})).await;
    let rotated = site.engine.rotate(&old, &Changes::default(), in_an_hour()).await.unwrap();
    let record = Record::decode(&fs::read(site.path(&old)).unwrap(), &old.hash()).unwrap();
    assert_eq!(record.content, Content::Retired(rotated.unwrap().hash()));
    assert_eq!(record.life.expires - record.life.created, TimeDelta::minutes(2));

    let successor = site.insert(json!({ "a": 1 })).await;
    let life = Life { created: Utc::now(), expires: a_second_ago() };
    let old = site.plant(life, Content::Retired(successor.hash()));
    assert_gone(&site.engine, &old).await;
    assert_eq!(site.found(&successor).await, data(json!({ "a": 1 })));
}

#[tokio::test]
async fn no_session_outlives_the_absolute_limit_under_any_key() {
    let site = Site::new();
    let absolute = Some(Duration::from_secs(600));
    let limited = FileEngine::open(site.folder.path(), PREFIX, absolute).unwrap();
    let aged =
        |seconds| Life { created: Utc::now() - TimeDelta::seconds(seconds), expires: in_an_hour() };
    let over = site.plant(aged(601), Content::Session(Data::new()));
    assert_gone(&limited, &over).await;
    assert_eq!(limited.clear_expired(10, false).await.unwrap(), 1);

    let life = aged(500);
    let old = site.plant(life, Content::Session(Data::new()));
    let new = limited.rotate(&old, &Changes::default(), in_an_hour()).await.unwrap().unwrap();
    limited.merge(&new, &Changes::default(), in_an_hour()).await.unwrap();
    let record = Record::decode(&fs::read(site.path(&new)).unwrap(), &new.hash()).unwrap();
    assert_eq!(record.life.created.timestamp_micros(), life.created.timestamp_micros());
}

#[tokio::test]
async fn what_could_not_be_read_again_is_refused_and_the_session_stays() {
    let site = Site::new();
    let key = site.insert(json!({ "a": 1 })).await;
    let deep = (0..200).fold(json!(1), |value, _| json!([value]));
    let changes = change(json!({ "deep": deep }));
    assert!(site.engine.check(&changes.changed).is_err());
    assert!(site.engine.insert(&changes.changed, in_an_hour()).await.is_err());
    assert!(site.engine.merge(&key, &changes, in_an_hour()).await.is_err());
    assert!(site.engine.rotate(&key, &changes, in_an_hour()).await.is_err());
    assert_eq!(site.found(&key).await, data(json!({ "a": 1 })));
}

#[tokio::test]
async fn a_durable_engine_does_the_same() {
    let mut site = Site::new();
    site.engine = site.engine.durable(true);
    let old = site.insert(json!({ "a": 1 })).await;
    let new = site.engine.rotate(&old, &Changes::default(), in_an_hour()).await.unwrap().unwrap();
    assert_eq!(site.found(&new).await, data(json!({ "a": 1 })));
    site.engine.delete(&new).await.unwrap();
    assert_gone(&site.engine, &new).await;
}
