//! Single engines: the statements E-DB, E-FILE and E-COOKIE.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::Probe;
use super::running::engines::{db, file, signed_cookies};
use crate::support::connect;

#[actix_web::test]
async fn e_db_1_keeps_one_row_under_the_hash_of_the_key() {
    let probe = Probe::start(db).await;
    let cookie = probe.blue().await;
    let key = cookie.strip_prefix("sessionid=").unwrap();
    let row = format!(
        "sessions WHERE key_hash = sha256('{key}') AND data = '{{\"color\": \"blue\"}}'
         AND expires_at BETWEEN now() + interval '1209590 s' AND now() + interval '1209610 s'"
    );
    assert_eq!((probe.count(&row).await, probe.count("sessions").await), (1, 1));
}

#[actix_web::test]
async fn e_db_2_an_expired_row_is_absent_and_waits_for_the_sweep() {
    let probe = Probe::start(db).await;
    let cookie = probe.blue().await;
    probe.execute("UPDATE sessions SET expires_at = now() - interval '1 ms'").await;
    probe.get("/all", &cookie).await.assert_removed();
    assert_eq!(probe.count("sessions").await, 1, "it waits for the sweep");
}

#[actix_web::test]
async fn e_db_3_data_that_is_no_object_is_refused() {
    use diesel_async::RunQueryDsl;

    let probe = Probe::start(db).await;
    let cookie = probe.blue().await;
    let mut connection = connect(&probe.database).await;
    for damage in ["[]", "1", "null", "\"text\""] {
        let statement = format!("UPDATE sessions SET data = '{damage}'");
        let update = diesel::sql_query(statement);
        assert!(RunQueryDsl::execute(update, &mut connection).await.is_err(), "{damage}");
    }
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }));
}

/// Nothing listens at this address: what is asked fails, what is not asked does not.
#[actix_web::test]
async fn e_db_4_page_without_session_runs_no_statement() {
    let probe = Probe::on("postgres://localhost:1/nowhere".to_owned(), db, &[]);
    let cookie = format!("sessionid={}", "k".repeat(32));
    let untouched = probe.get("/untouched", &cookie).await;
    assert_eq!(untouched.status, 200);
    untouched.assert_untouched();
    assert_eq!(probe.get("/all", "").await.status, 200, "without a cookie nothing is looked up");
    let failed = probe.get("/all", &cookie).await;
    assert_eq!((failed.status, failed.set_cookie.len()), (503, 0));
}

#[actix_web::test]
async fn e_file_1_keeps_one_private_file_in_its_folder() {
    let probe = Probe::start(file).await;
    let cookie = probe.blue().await;
    let files = probe.files();
    assert_eq!(files.len(), 1, "{files:?}");
    let name = files[0].file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("sessionid") && !name.contains(cookie.trim_start_matches("sessionid="))
    );
    assert_eq!(fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(probe.count("sessions").await, 0);
}

#[actix_web::test]
async fn e_file_3_damaged_files_are_set_aside() {
    for damage in [&b""[..], b"garbage", b"\xff\xfe\x00\xc3", &[0; 5000]] {
        let probe = Probe::start(file).await;
        let cookie = probe.blue().await;
        let path = probe.files().remove(0);
        fs::write(&path, damage).unwrap();
        let answer = probe.get("/all", &cookie).await;
        assert_eq!((answer.status, answer.json()), (200, json!({})), "{damage:?}");
        answer.assert_removed();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let aside = fs::read_dir(probe.folder.path()).unwrap().any(|entry| {
            let other = entry.unwrap().file_name().into_string().unwrap();
            other.starts_with(&name) && other.ends_with(".damaged")
        });
        assert!(aside, "{damage:?} is kept for the operator");
    }
}

#[actix_web::test]
async fn e_file_does_not_take_a_copy_under_another_name() {
    let probe = Probe::start(file).await;
    let (one, two) = (probe.blue().await, probe.blue().await);
    let two = probe.post("/set?key=color&value=red", &two).await.cookie();
    let files = probe.files();
    let red = |path| String::from_utf8_lossy(&fs::read(path).unwrap()).contains("red");
    let (source, target) = match files.iter().position(red).unwrap() {
        0 => (&files[0], &files[1]),
        _ => (&files[1], &files[0]),
    };
    fs::copy(source, target).unwrap();
    assert_eq!(probe.all(&one).await, json!({}));
    assert_eq!(probe.all(&two).await, json!({ "color": "red" }));
}

#[actix_web::test]
async fn e_cookie_1_2_values_are_encrypted_and_forgeries_refused() {
    let probe = Probe::start(signed_cookies).await;
    let cookie = probe.blue().await;
    assert!(!cookie.contains("blue") && !cookie.contains("color"));
    assert_eq!((probe.count("sessions").await, probe.files().len()), (0, 0));
    for place in ["sessionid=".len() + 1, cookie.len() / 2, cookie.len() - 1] {
        let mut forged = cookie.clone().into_bytes();
        forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
        let answer = probe.get("/all", std::str::from_utf8(&forged).unwrap()).await;
        assert_eq!(answer.json(), json!({}), "{place}");
        answer.assert_removed();
    }
    probe.get("/untouched", &cookie).await.assert_untouched();
}

#[actix_web::test]
async fn e_cookie_5_that_grow_too_large_are_an_error_at_the_call() {
    let probe = Probe::start(signed_cookies).await;
    let cookie = probe.blue().await;
    let random: String = (0..6000).map(|_| char::from(rand::random_range(b'a'..=b'z'))).collect();
    let answer = probe.post(&format!("/set?key=text&value={random}"), &cookie).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("too large"), "{}", answer.body);
    answer.assert_read();
    assert_eq!(probe.all(&cookie).await, json!({ "color": "blue" }));
    let equal = "a".repeat(6000);
    let answer = probe.post(&format!("/set?key=text&value={equal}"), &cookie).await;
    assert!(answer.set_cookie[0].len() <= 4096);
    assert_eq!(probe.all(&answer.cookie()).await["text"], json!(equal));
}

#[actix_web::test]
async fn e_cookie_4_records_of_other_engines_are_no_session() {
    let files = Probe::start(file).await;
    files.blue().await;
    let record = fs::read(files.files().remove(0)).unwrap();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, record);
    let probe = Probe::start(signed_cookies).await;
    for foreign in [encoded.clone(), format!("1{encoded}")] {
        let answer = probe.get("/all", &format!("sessionid={foreign}")).await;
        assert_eq!(answer.json(), json!({}));
        answer.assert_removed();
    }
}

/// Nothing is kept, so nothing is revoked: the manual says so.
#[actix_web::test]
async fn e_cookie_6_a_copy_works_until_it_expires() {
    let probe = Probe::start(signed_cookies).await;
    let copied = probe.blue().await;
    probe.post("/flush", &copied).await.assert_removed();
    assert_eq!(probe.all(&copied).await, json!({ "color": "blue" }));
}
