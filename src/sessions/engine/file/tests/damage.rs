//! Files that are not as we left them.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::Mutex;

use super::process::{self, Role};
use super::*;

#[tokio::test]
async fn damage_of_every_kind_is_a_missing_session_set_aside() {
    let whole = |site: &Site, key: &Key| fs::read(site.path(key)).unwrap();
    type Damage = fn(&[u8]) -> Vec<u8>;
    let kinds: [(&str, Damage); 9] = [
        ("empty", |_| Vec::new()),
        ("garbage", |_| b"garbage".to_vec()),
        ("non-ASCII", |_| "größer".repeat(20).into_bytes()),
        ("no UTF-8", |_| vec![0xff; 200]),
        ("zeroes", |bytes| vec![0; bytes.len()]),
        ("cut off", |bytes| bytes[..bytes.len() - 1].to_vec()),
        ("longer", |bytes| [bytes, b"\n"].concat()),
        ("altered", |bytes| bytes.iter().map(|&b| if b == b'A' { b'B' } else { b }).collect()),
        ("another version", |bytes| [b"SESS\x02", &bytes[5..]].concat()),
    ];
    for (kind, damage) in kinds {
        let site = Site::new();
        let other = site.insert(json!({ "other": 1 })).await;
        for use_it in ["load", "write", "sweep"] {
            let key = site.insert(json!({ "name": "AAA" })).await;
            let damaged = damage(&whole(&site, &key));
            fs::write(site.path(&key), &damaged).unwrap();
            match use_it {
                "load" => assert_eq!(site.load(&key).await, Loaded::Missing, "{kind}"),
                "sweep" => {
                    // What looks alive from its first bytes is left for the visitor to find.
                    assert_eq!(site.engine.clear_expired(10, true).await.unwrap(), 0, "{kind}");
                    assert!(site.path(&key).exists());
                    assert_eq!(site.engine.clear_expired(10, false).await.unwrap(), 0, "{kind}");
                }
                _ => {}
            }
            assert_gone(&site.engine, &key).await;
            assert_eq!(fs::read(site.aside(&key)).unwrap(), damaged, "{kind}");
            assert!(!site.path(&key).exists(), "{kind}");
        }
        assert_eq!(site.found(&other).await, data(json!({ "other": 1 })), "{kind}");
    }
}

#[tokio::test]
async fn what_is_no_plain_file_is_a_missing_session_set_aside() {
    for kind in ["folder", "pipe", "link", "dangling link"] {
        let site = Site::new();
        let key = site.insert(json!({ "a": 1 })).await;
        let path = site.path(&key);
        let elsewhere = site.folder.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        match kind {
            "folder" => fs::create_dir(&path).unwrap(),
            "pipe" => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
            "link" => std::os::unix::fs::symlink(&elsewhere, &path).unwrap(),
            _ => std::os::unix::fs::symlink("nowhere", &path).unwrap(),
        }
        assert_eq!(site.load(&key).await, Loaded::Missing, "{kind}");
        assert!(fs::symlink_metadata(site.aside(&key)).is_ok(), "{kind}");
        assert_gone(&site.engine, &key).await;
        assert_eq!(site.engine.clear_expired(10, false).await.unwrap(), 0);
        assert!(elsewhere.exists());
    }
}

#[tokio::test]
async fn a_copied_file_is_no_session() {
    let site = Site::new();
    let key = site.insert(json!({ "user": "admin" })).await;
    let mine = Key::generate();
    fs::copy(site.path(&key), site.path(&mine)).unwrap();
    assert_gone(&site.engine, &mine).await;
    assert!(site.aside(&mine).exists());
    assert_eq!(site.found(&key).await, data(json!({ "user": "admin" })));
}

#[tokio::test]
async fn an_unreadable_file_is_a_missing_session_set_aside() {
    let site = Site::new();
    let key = site.insert(json!({ "a": 1 })).await;
    fs::set_permissions(site.path(&key), fs::Permissions::from_mode(0o000)).unwrap();
    // Root, as which this may run, reads it all the same.
    for path in fs::read_dir(site.folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
        process::give_away(&path);
    }
    process::give_away(site.folder.path());
    process::spawn_as_ordinary_user(Role::UnreadableFile, site.folder.path(), key.as_str())
        .assert_success();
    assert!(site.aside(&key).exists());
}

pub async fn read_unreadable_file(engine: &FileEngine, key: &Key) {
    assert_eq!(engine.load(key).await.unwrap(), Loaded::Missing);
    assert_gone(engine, key).await;
}

#[test]
fn damage_is_logged_without_the_key_or_all_of_its_hash() {
    let site = Site::new();
    process::spawn(Role::Log, site.folder.path(), "").assert_success();
}

/// A process has one logger, hence one of its own for this.
struct Lines(Mutex<Vec<String>>);

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.0.lock().unwrap().push(format!("{} {}", record.level(), record.args()));
    }

    fn flush(&self) {}
}

static LINES: Lines = Lines(Mutex::new(Vec::new()));

pub async fn log_damage(engine: &FileEngine, _: &Key) {
    log::set_logger(&LINES).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let key = engine.insert(&data(json!({ "a": 1 })), in_an_hour()).await.unwrap();
    let hash = hex(&key.hash());
    let paths = fs::read_dir(std::env::var_os("SESSION_TEST_FOLDER").unwrap()).unwrap();
    let mut paths = paths.map(|entry| entry.unwrap().path());
    let path = paths.find(|path| path.to_string_lossy().ends_with(&hash)).unwrap();
    fs::write(path, "größer").unwrap();
    assert_gone(engine, &key).await;
    let lines = LINES.0.lock().unwrap();
    let expected = format!("WARN session {}: it is cut off; now named .damaged", &hash[..8]);
    assert_eq!(lines[..], [expected]);
}
