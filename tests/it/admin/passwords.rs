//! Links to set a password, the rules for passwords, and their hashes.

use marquee::operators::Role;

use super::{OperatorBrowser, PASSWORD, add, operator};
use crate::support::TestApp;

#[actix_web::test]
async fn link_is_valid_until_a_password_is_set() {
    let app = TestApp::spawn().await;
    let link = add(&app, "ada", Role::Owner).await;
    let browser = OperatorBrowser(app.other_visitor());
    for _ in 0..3 {
        assert_eq!(browser.get(&link).await.status, 200);
    }
    let form = |password, again| [("password", password), ("password_again", again)];
    let refused = browser.post(&link, &form(PASSWORD, "other")).await;
    assert_eq!((refused.status, refused.texts("#error-password_again").len()), (422, 1));
    assert!(!refused.html.contains(PASSWORD));
    assert_eq!(browser.post(&link, &form(PASSWORD, PASSWORD)).await.status, 303);
    assert_eq!(browser.get(&link).await.status, 404);
    assert_eq!(browser.post(&link, &form(PASSWORD, PASSWORD)).await.status, 404);
}

#[actix_web::test]
async fn old_and_replaced_links_are_not_found() {
    let app = TestApp::spawn().await;
    let owner = operator(&app, "ada", Role::Owner).await;
    let first = add(&app, "bob", Role::Editor).await;
    let id = app.text("SELECT id::text AS text FROM operators WHERE name = 'bob'").await;
    let path = format!("/admin/operators/{id}");
    assert_eq!(owner.post(&format!("{path}/link"), &[]).await.status, 303);
    let second = owner.get(&path).await.texts("#link").remove(0);
    let second = second.strip_prefix(&app.address).unwrap().to_owned();
    assert_eq!(owner.get(&first).await.status, 404);
    assert_eq!(owner.get(&second).await.status, 200);
    app.execute("UPDATE operator_links SET expires_at = now() - interval '1 second'").await;
    assert_eq!(owner.get(&second).await.status, 404);
}

#[actix_web::test]
async fn guessable_password_is_refused_with_a_reason_at_its_field() {
    let app = TestApp::spawn().await;
    let link = add(&app, "ada", Role::Owner).await;
    let browser = OperatorBrowser(app.other_visitor());
    for weak in [
        "mottled quayes",
        &"x".repeat(257),
        "marquee marquee",
        "qwertyuiopasdfghjkl",
        "ada ada ada ada",
    ] {
        let page = browser.post(&link, &[("password", weak), ("password_again", weak)]).await;
        assert_eq!((page.status, page.texts("#error-password").len()), (422, 1), "{weak}");
        assert!(page.texts("title")[0].starts_with("Error:"));
    }
    let hash = app.text("SELECT coalesce(password_hash, '') AS text FROM operators").await;
    assert_eq!(hash, "");
    for strong in ["mottled quay vex".to_owned(), ('ぁ'..).take(256).collect()] {
        let link = add(&app, &format!("bob{}", strong.len()), Role::Editor).await;
        let form = [("password", strong.as_str()), ("password_again", &strong)];
        assert_eq!(browser.other().post(&link, &form).await.status, 303, "{strong}");
    }
}

#[actix_web::test]
async fn hash_with_other_parameters_is_replaced_at_the_next_login() {
    let app = TestApp::spawn().await;
    operator(&app, "ada", Role::Owner).await;
    // "weak parameters", with m=64, t=1.
    let weak = argon2_of("weak parameters");
    app.execute(&format!("UPDATE operators SET password_hash = '{weak}'")).await;
    let browser = OperatorBrowser(app.other_visitor());
    assert_eq!(browser.log_in("ada", "wrong").await.status, 422);
    assert_eq!(app.text("SELECT password_hash AS text FROM operators").await, weak);
    assert_eq!(browser.log_in("ada", "weak parameters").await.status, 303);
    let hash = app.text("SELECT password_hash AS text FROM operators").await;
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert_eq!(browser.log_in("ada", "weak parameters").await.status, 303);
}

fn argon2_of(password: &str) -> String {
    use argon2::password_hash::PasswordHasher as _;
    let params = argon2::Params::new(64, 1, 1, None).unwrap();
    let hash = argon2::Argon2::from(params).hash_password(password.as_bytes()).unwrap();
    hash.to_string()
}

#[actix_web::test]
async fn new_password_needs_the_current_one_and_ends_other_sessions() {
    let app = TestApp::spawn().await;
    let browser = operator(&app, "ada", Role::Viewer).await;
    let other = OperatorBrowser(app.other_visitor());
    other.log_in("ada", PASSWORD).await;
    let new = "plinth vexing quay mottled";
    let form = |current| [("current", current), ("password", new), ("password_again", new)];
    let refused = browser.post("/admin/account/password", &form("wrong")).await;
    assert_eq!((refused.status, refused.texts("#error-current").len()), (422, 1));
    assert!(other.is_logged_in().await);
    let changed = browser.post("/admin/account/password", &form(PASSWORD)).await;
    assert_eq!((changed.status, changed.header("location")), (303, "/admin/account"));
    assert!(changed.header("set-cookie").starts_with("admin_session="), "a new key");
    assert!(browser.is_logged_in().await && !other.is_logged_in().await);
    assert_eq!(other.log_in("ada", PASSWORD).await.status, 422);
    assert_eq!(other.log_in("ada", new).await.status, 303);
}
