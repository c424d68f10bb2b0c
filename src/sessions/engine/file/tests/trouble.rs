//! Folders that are shared, swept, full, closed or gone.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::process::{self, Role};
use super::*;

#[test]
fn a_folder_that_cannot_be_used_is_an_error_at_the_start() {
    let site = Site::new();
    let file = site.folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = |path: &Path, prefix: &str| {
        let opened = FileEngine::open(path, prefix, None);
        opened.map(|_| ()).map_or_else(|error| format!("{error:#}"), |()| String::new())
    };
    for path in [site.folder.path().join("missing"), file, "/proc/sys".into()] {
        let error = error(&path, PREFIX);
        assert!(error.contains(&format!("SESSION_FILE_PATH={}", path.display())), "{error}");
    }
    for prefix in ["a/b", "../x", "nul\0", &"x".repeat(200)] {
        assert!(error(site.folder.path(), prefix).contains("SESSION_COOKIE_NAME"), "{prefix}");
    }
    assert_eq!(error(site.folder.path(), &"x".repeat(183)), "");
    assert_eq!(site.names(), ["file"]);
}

#[tokio::test]
async fn a_sweep_removes_what_expired_up_to_its_limit() {
    let site = Site::new();
    let mut live = Vec::new();
    for n in 0..10 {
        live.push(site.insert(json!({ "n": n })).await);
        site.engine.insert(&Data::new(), a_second_ago()).await.unwrap();
    }
    assert_eq!(site.engine.clear_expired(100, true).await.unwrap(), 10);
    assert_eq!(site.engine.clear_expired(4, true).await.unwrap(), 4);
    assert_eq!(site.names().len(), 20);
    assert_eq!(site.engine.clear_expired(0, false).await.unwrap(), 0);
    assert_eq!(site.engine.clear_expired(4, false).await.unwrap(), 4);
    assert_eq!(site.engine.clear_expired(100, false).await.unwrap(), 6);
    assert_eq!(site.engine.clear_expired(100, false).await.unwrap(), 0);
    for (n, key) in live.iter().enumerate() {
        assert_eq!(site.found(key).await, data(json!({ "n": n })));
    }
}

#[tokio::test]
async fn a_sweep_takes_retired_keys_uncounted() {
    let site = Site::new();
    let expired = Life { created: Utc::now(), expires: a_second_ago() };
    site.plant(expired, Content::Retired([7; 32]));
    let retired = site.insert(json!({})).await;
    let new = site.engine.rotate(&retired, &Changes::default(), in_an_hour()).await.unwrap();
    assert_eq!(site.names().len(), 3);
    assert_eq!(site.engine.clear_expired(10, true).await.unwrap(), 0);
    assert_eq!(site.names().len(), 3);
    assert_eq!(site.engine.clear_expired(10, false).await.unwrap(), 0);
    assert_eq!(site.names().len(), 2);
    assert_eq!(site.load(&retired).await, Loaded::Retired);
    assert_eq!(site.found(&new.unwrap()).await, Data::new());
}

#[tokio::test]
async fn files_of_others_are_left_alone() {
    let site = Site::new();
    let hash = "0a".repeat(32);
    let old = SystemTime::now() - Duration::from_secs(7200);
    let mut foreign = vec![
        hash.clone(),
        format!("{PREFIX}2{hash}"),
        format!("{PREFIX}{}", hash.to_uppercase()),
        format!("{PREFIX}{hash}.bak"),
        format!("{PREFIX}{hash}.damaged"),
        format!("{PREFIX}{}", &hash[1..]),
        format!("{PREFIX}{}é", &hash[2..]),
        format!("{PREFIX}.temp-notes"),
        format!("other.temp-{}", &hash[32..]),
        "notes.txt".to_owned(),
        PREFIX.to_owned(),
    ];
    foreign.sort();
    for name in &foreign {
        let file = File::create(site.folder.path().join(name)).unwrap();
        file.set_modified(old).unwrap();
    }
    let other = FileEngine::open(site.folder.path(), "session", None).unwrap();
    let theirs = other.insert(&Data::new(), a_second_ago()).await.unwrap();

    assert_eq!(site.load(&theirs).await, Loaded::Missing);
    assert_eq!(site.engine.clear_expired(100, false).await.unwrap(), 0);
    assert_eq!(other.clear_expired(100, false).await.unwrap(), 1);
    assert_eq!(site.names(), foreign);
}

#[tokio::test]
async fn temporary_files_that_a_crash_left_are_swept_after_an_hour() {
    let site = Site::new();
    let temporary = |digit: &str, minutes: u64| {
        let name = format!("{PREFIX}.temp-{}", digit.repeat(32));
        let file = File::create(site.folder.path().join(&name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(minutes * 60)).unwrap();
        name
    };
    let (new, old) = (temporary("1", 59), temporary("2", 61));
    assert_eq!(site.engine.clear_expired(10, true).await.unwrap(), 0);
    assert_eq!(site.names(), [new.clone(), old]);
    assert_eq!(site.engine.clear_expired(10, false).await.unwrap(), 0);
    assert_eq!(site.names(), [new]);
}

#[tokio::test]
async fn a_folder_that_goes_away_is_an_error_and_ends_no_session() {
    for kind in ["missing", "a file"] {
        let site = Site::new();
        let key = site.insert(json!({ "a": 1 })).await;
        let away = tempfile::tempdir().unwrap();
        let away = away.path().join("away");
        fs::rename(site.folder.path(), &away).unwrap();
        if kind == "a file" {
            fs::write(site.folder.path(), "").unwrap();
        }
        assert_useless(&site.engine, &key).await;
        assert!(site.engine.load(&key).await.is_err(), "{kind}");
        assert!(site.engine.clear_expired(10, false).await.is_err(), "{kind}");
        if kind == "a file" {
            fs::remove_file(site.folder.path()).unwrap();
        }
        fs::rename(&away, site.folder.path()).unwrap();
        assert_eq!(site.found(&key).await, data(json!({ "a": 1 })));
    }
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_the_old_session_stays() {
    let site = Site::new();
    let key = site.insert(json!({ "a": 1 })).await;
    process::spawn_limited("-f 16", Role::FullDisk, site.folder.path(), key.as_str())
        .assert_success();
    // The small change that followed was stored again.
    assert_eq!(site.found(&key).await, data(json!({ "a": 1, "small": 1 })));
    assert_eq!(site.names().len(), 1, "no part of a file is left");
}

pub async fn write_to_full_disk(engine: &FileEngine, key: &Key) {
    let big = change(json!({ "big": "x".repeat(100_000) }));
    let error = engine.merge(key, &big, in_an_hour()).await.err().unwrap().to_string();
    assert!(error.contains("merging: writing: File too large"), "{error}");
    assert!(engine.insert(&big.changed, in_an_hour()).await.is_err());
    assert!(engine.rotate(key, &big, in_an_hour()).await.is_err());
    assert_eq!(engine.load(key).await.unwrap(), Loaded::Found(data(json!({ "a": 1 }))));
    let small = change(json!({ "small": 1 }));
    assert!(engine.merge(key, &small, in_an_hour()).await.unwrap() == Merged::Stored(key.clone()));
}

#[tokio::test]
async fn too_many_open_files_are_an_error_and_no_damage() {
    let site = Site::new();
    let key = site.insert(json!({ "a": 1 })).await;
    process::spawn_limited("-n 64", Role::FewFiles, site.folder.path(), key.as_str())
        .assert_success();
    assert_eq!(site.found(&key).await, data(json!({ "a": 1 })));
    assert_eq!(site.names().len(), 1);
}

pub async fn read_without_files_to_open(engine: &FileEngine, key: &Key) {
    // The thread that will do the work is there before the last file is open.
    engine.load(key).await.unwrap();
    let open: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    let error = engine.load(key).await.unwrap_err().to_string();
    assert!(error.contains("Too many open files"), "{error}");
    assert_useless(engine, key).await;
    assert!(engine.clear_expired(10, false).await.is_err());
    drop(open);
    assert_eq!(engine.load(key).await.unwrap(), Loaded::Found(data(json!({ "a": 1 }))));
}

#[tokio::test]
async fn a_read_only_folder_is_an_error_and_the_old_session_stays() {
    let site = Site::new();
    let key = site.insert(json!({ "a": 1 })).await;
    assert!(site.engine.merge(&key, &Changes::default(), in_an_hour()).await.is_ok());
    let entries = fs::read_dir(site.folder.path()).unwrap();
    for path in entries.map(|entry| entry.unwrap().path()) {
        process::give_away(&path);
    }
    process::give_away(site.folder.path());
    for (mode, role) in [(0o500, Role::ReadOnlyFolder), (0o000, Role::ClosedFolder)] {
        // The other process opens the engine before it takes its own rights away.
        process::spawn_as_ordinary_user(role, site.folder.path(), key.as_str()).assert_success();
        let mode_now = fs::metadata(site.folder.path()).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode_now, mode);
        fs::set_permissions(site.folder.path(), Permissions::from_mode(0o700)).unwrap();
    }
    assert_eq!(site.found(&key).await, data(json!({ "a": 1 })));
    assert_eq!(site.names().len(), 1);
}

pub async fn write_to_read_only_folder(folder: &Path, key: &Key) {
    let engine = FileEngine::open(folder, PREFIX, None).unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o500)).unwrap();
    assert_useless(&engine, key).await;
    assert_eq!(engine.load(key).await.unwrap(), Loaded::Found(data(json!({ "a": 1 }))));
    let error = FileEngine::open(folder, PREFIX, None).err().unwrap();
    assert!(error.to_string().contains("SESSION_FILE_PATH"), "{error}");
}

pub async fn read_from_closed_folder(folder: &Path, key: &Key) {
    let engine = FileEngine::open(folder, PREFIX, None).unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o000)).unwrap();
    assert_useless(&engine, key).await;
    let error = engine.load(key).await.unwrap_err().to_string();
    assert!(error.contains("Permission denied"), "{error}");
}

/// Says of nothing that it is stored.
async fn assert_useless(engine: &FileEngine, key: &Key) {
    let changes = change(json!({ "b": 2 }));
    assert!(engine.insert(&changes.changed, in_an_hour()).await.is_err());
    assert!(engine.merge(key, &changes, in_an_hour()).await.is_err());
    assert!(engine.add(key, "n", 1, in_an_hour()).await.is_err());
    assert!(engine.rotate(key, &changes, in_an_hour()).await.is_err());
    assert!(engine.delete(key).await.is_err());
}
