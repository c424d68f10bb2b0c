//! Forms that are sent after the session or the confirmation has ended.

use marquee::operators::Role;

use super::{OperatorBrowser, PASSWORD, forget_confirmations, operator};
use crate::support::{Response, TestApp};

/// Sends the form of the page with one button.
async fn submit_again(browser: &OperatorBrowser, page: &Response) -> Response {
    let action = page.attributes("main form", "action").remove(0);
    let names = page.attributes("main form input", "name");
    let values = page.attributes("main form input", "value");
    let fields: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
    browser.post(&action, &fields).await
}

#[actix_web::test]
async fn form_sent_after_the_session_has_ended_is_saved_with_one_button() {
    let app = TestApp::spawn().await;
    operator(&app, "ada", Role::Owner).await;
    let browser = OperatorBrowser(app.other_visitor());
    let typed = "Ada & \"Countess\" <b>\u{e9}\nLovelace";
    let form = [("display_name", typed), ("password", "secret"), ("code", "123456")];
    let page = browser.post("/admin/account", &form).await;
    assert_eq!(page.status, 403);
    assert_eq!(page.attributes("main", "data-page"), ["login"]);
    let held = page.attributes("[name=held]", "value").remove(0);
    assert!(held.contains("Ada") && !held.contains("secret") && !held.contains("123456"), "{held}");

    let form = [("name", "ada"), ("password", "wrong"), ("held", &held)];
    let page = browser.post("/admin/login", &form).await;
    assert_eq!((page.status, page.attributes("[name=held]", "value")), (422, vec![held.clone()]));

    let form = [("name", "ada"), ("password", PASSWORD), ("held", &held)];
    let page = browser.post("/admin/login", &form).await;
    assert_eq!((page.status, page.attributes("main", "data-page")), (200, vec!["held".into()]));
    assert_eq!(submit_again(&browser, &page).await.status, 303);
    let stored = app.text("SELECT display_name AS text FROM operators").await;
    assert_eq!(stored, typed);
}

#[actix_web::test]
async fn held_form_cannot_be_sent_elsewhere() {
    let app = TestApp::spawn().await;
    let browser = operator(&app, "ada", Role::Owner).await;
    for held in ["/movies/x/seen?a=b", "https://evil.example/admin/account?a", "//evil/x", "/admin"]
    {
        let form = [("name", "ada"), ("password", PASSWORD), ("held", held)];
        let response = browser.post("/admin/login", &form).await;
        assert_eq!((response.status, response.header("location")), (303, "/admin"), "{held}");
    }
}

#[actix_web::test]
async fn change_of_rights_asks_for_the_password_and_then_proceeds() {
    let app = TestApp::spawn().await;
    let browser = operator(&app, "ada", Role::Owner).await;
    forget_confirmations(&app).await;
    let response = browser.get("/admin/operators/new").await;
    let confirm = "/admin/confirm?next=%2Fadmin%2Foperators%2Fnew";
    assert_eq!((response.status, response.header("location")), (303, confirm));
    assert_eq!(browser.get(confirm).await.attributes("main", "data-page"), ["confirm"]);

    let form = [("name", "bob"), ("role", "editor"), ("display_name", "Bob B.")];
    let page = browser.post("/admin/operators/new", &form).await;
    assert_eq!((page.status, page.attributes("main", "data-page")), (403, vec!["confirm".into()]));
    assert_eq!(app.count("operators").await, 1);
    let held = page.attributes("[name=held]", "value").remove(0);
    let wrong = browser.post("/admin/confirm", &[("password", "wrong"), ("held", &held)]).await;
    assert_eq!(wrong.status, 422);
    let right = browser.post("/admin/confirm", &[("password", PASSWORD), ("held", &held)]).await;
    assert_eq!(right.status, 200);
    // The session gained rights, so its key is new.
    assert!(right.header("set-cookie").starts_with("admin_session="));
    assert_eq!(submit_again(&browser, &right).await.status, 303);
    assert_eq!(app.text("SELECT role AS text FROM operators WHERE name = 'bob'").await, "editor");

    forget_confirmations(&app).await;
    for path in ["/admin/account/second-factor", "/admin/operators", "/admin/operators/1"] {
        assert!(browser.get(path).await.header("location").starts_with("/admin/confirm?next="));
    }
    for path in [
        "/admin/account/second-factor/remove",
        "/admin/account/recovery-codes",
        "/admin/account/sessions/end-others",
        "/admin/operators/2/disable",
        "/admin/operators/2/link",
    ] {
        assert_eq!(browser.post(path, &[]).await.status, 403, "{path}");
    }
    assert!(browser.is_logged_in().await);
}
