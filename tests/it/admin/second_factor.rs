//! Codes of an authenticator app, and recovery codes.

use std::time::{SystemTime, UNIX_EPOCH};

use marquee::operators::Role;

use super::{OperatorBrowser, PASSWORD, operator};
use crate::support::{Response, TestApp};

const KEY: &str = "--secret-key=0123456789abcdefghij0123456789abcdefghij";

/// Returns the code of a secret in Base32, `steps` steps of 30 seconds from now.
fn code(secret: &str, steps: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    totp.generate(now.checked_add_signed(30 * steps).unwrap()).to_string()
}

/// Lets all codes be used again.
async fn forget_steps(app: &TestApp) {
    app.execute("UPDATE operators SET totp_step = NULL").await;
}

/// Turns on the second factor; returns its secret and the recovery codes.
async fn turn_on(browser: &OperatorBrowser) -> (String, Vec<String>) {
    let page = browser.get("/admin/account/second-factor").await;
    let secret = page.texts("#secret").remove(0);
    assert_eq!(page.attributes("svg.qr", "role"), ["img"]);
    let wrong = browser.post("/admin/account/second-factor", &[("code", "000000")]).await;
    assert_eq!((wrong.status, wrong.texts("#error-code").len()), (422, 1));
    assert_eq!(wrong.texts("#secret"), [secret.as_str()], "the same secret");
    let code = code(&secret, 0);
    let page = browser.post("/admin/account/second-factor", &[("code", &code)]).await;
    assert_eq!(page.status, 200, "{}", page.html);
    let codes = page.texts(".admin-codes code");
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

async fn enter(browser: &OperatorBrowser, code: &str) -> Response {
    browser.post("/admin/login/code", &[("code", code)]).await
}

#[actix_web::test]
async fn code_is_asked_for_after_the_password_and_accepted_once() {
    let app = TestApp::spawn_with(&[KEY]).await;
    let browser = operator(&app, "ada", Role::Owner).await;
    let (secret, _) = turn_on(&browser).await;
    forget_steps(&app).await;
    let other = OperatorBrowser(app.other_visitor());
    let form = [("name", "ada"), ("password", PASSWORD), ("next", "/admin/account")];
    let asked = other.post("/admin/login", &form).await;
    assert_eq!(asked.header("location"), "/admin/login/code?next=%2Fadmin%2Faccount");
    assert!(!other.is_logged_in().await);
    assert_eq!(
        other.get("/admin/login/code").await.attributes("main", "data-page"),
        ["login.code"]
    );
    for wrong in ["", "000000", &code(&secret, 1), &code(&secret, -2)] {
        assert_eq!(enter(&other, wrong).await.status, 422, "{wrong}");
    }
    let right = code(&secret, 0);
    let form = [("code", right.as_str()), ("next", "/admin/account")];
    let response = other.post("/admin/login/code", &form).await;
    assert_eq!((response.status, response.header("location")), (303, "/admin/account"));
    assert!(other.is_logged_in().await);

    other.log_in("ada", PASSWORD).await;
    assert_eq!(enter(&other, &right).await.status, 422, "the same code");
    // Without a password there is nothing to enter a code for.
    let stranger = OperatorBrowser(app.other_visitor());
    for response in [enter(&stranger, &right).await, stranger.get("/admin/login/code").await] {
        assert_eq!((response.status, response.header("location")), (303, "/admin/login"));
    }
}

#[actix_web::test]
async fn five_wrong_codes_lead_back_to_the_password() {
    let app = TestApp::spawn_with(&[KEY]).await;
    let browser = operator(&app, "ada", Role::Owner).await;
    let (secret, _) = turn_on(&browser).await;
    forget_steps(&app).await;
    let other = OperatorBrowser(app.other_visitor());
    other.log_in("ada", PASSWORD).await;
    for _ in 0..4 {
        assert_eq!(enter(&other, "000000").await.status, 422);
    }
    let fifth = enter(&other, "000000").await;
    assert_eq!((fifth.status, fifth.header("location")), (303, "/admin/login"));
    assert_eq!(enter(&other, &code(&secret, 0)).await.header("location"), "/admin/login");
    assert!(!other.is_logged_in().await);
    let failed = "SELECT count(*) AS number FROM operator_events WHERE event = 'code_failed'";
    assert_eq!(crate::support::number(&app.database, failed).await, 5);
}

#[actix_web::test]
async fn each_recovery_code_works_once_until_new_ones_are_made() {
    let app = TestApp::spawn_with(&[KEY]).await;
    let browser = operator(&app, "ada", Role::Owner).await;
    let (_, codes) = turn_on(&browser).await;
    let other = OperatorBrowser(app.other_visitor());
    other.log_in("ada", PASSWORD).await;
    assert_eq!(enter(&other, &codes[0].to_uppercase().replace('-', " ")).await.status, 303);
    other.log_in("ada", PASSWORD).await;
    assert_eq!(enter(&other, &codes[0]).await.status, 422);
    assert_eq!(enter(&other, &codes[1]).await.status, 303);
    let page = browser.get("/admin/account").await;
    assert!(page.texts("dd")[2].contains("8 recovery codes left"));
    let new = browser.post("/admin/account/recovery-codes", &[]).await;
    assert_eq!(new.status, 200);
    let new = new.texts(".admin-codes code");
    other.log_in("ada", PASSWORD).await;
    assert_eq!(enter(&other, &codes[2]).await.status, 422);
    assert_eq!(enter(&other, &new[2]).await.status, 303);
    let stored =
        app.text("SELECT string_agg(code_hash::text, '') AS text FROM recovery_codes").await;
    assert!(!stored.contains(&new[3]));
}

#[actix_web::test]
async fn secret_is_encrypted_and_cannot_be_kept_without_a_key() {
    let app = TestApp::spawn_with(&[KEY]).await;
    let browser = operator(&app, "ada", Role::Owner).await;
    let (secret, _) = turn_on(&browser).await;
    let bytes = totp_rs::Secret::try_from_base32(&secret).unwrap();
    let hex: String = bytes.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let stored = app.text("SELECT encode(totp_secret, 'hex') AS text FROM operators").await;
    assert!(stored.len() > hex.len() && !stored.contains(&hex));

    let without = TestApp::spawn().await;
    let browser = operator(&without, "ada", Role::Owner).await;
    let page = browser.get("/admin/account/second-factor").await;
    assert!(page.texts("main .lead")[0].contains("SECRET_KEY"));
    assert_eq!(page.texts("#secret"), [""; 0]);
}

#[actix_web::test]
async fn link_does_not_bypass_the_second_factor_and_an_owner_can_reset_it() {
    let app = TestApp::spawn_with(&[KEY]).await;
    let owner = operator(&app, "ada", Role::Owner).await;
    let bob = operator(&app, "bob", Role::Editor).await;
    let (secret, _) = turn_on(&bob).await;
    forget_steps(&app).await;
    let id = app.text("SELECT id::text AS text FROM operators WHERE name = 'bob'").await;
    let path = format!("/admin/operators/{id}");
    owner.post(&format!("{path}/link"), &[]).await;
    let link = owner.get(&path).await.texts("#link").remove(0);
    let link = link.strip_prefix(&app.address).unwrap().to_owned();
    let form = [("password", PASSWORD), ("password_again", PASSWORD)];
    let response = bob.post(&link, &form).await;
    assert_eq!((response.status, response.header("location")), (303, "/admin/login/code"));
    assert!(!bob.is_logged_in().await);
    assert_eq!(enter(&bob, &code(&secret, 0)).await.status, 303);

    assert_eq!(owner.post(&format!("{path}/reset-second-factor"), &[]).await.status, 303);
    assert_eq!(bob.log_in("bob", PASSWORD).await.header("location"), "/admin");
    assert_eq!(app.count("recovery_codes").await, 0);
    let (_, _) = turn_on(&bob).await;
    assert_eq!(bob.post("/admin/account/second-factor/remove", &[]).await.status, 303);
    assert_eq!(bob.log_in("bob", PASSWORD).await.header("location"), "/admin");
}
