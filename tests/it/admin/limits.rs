//! Limits on failed logins.

use marquee::operators::Role;
use reqwest::Method;

use super::{OperatorBrowser, PASSWORD, operator};
use crate::support::{Response, TestApp};

const PROXY: &str = "--trusted-proxies=127.0.0.1";

/// Logs in as a client behind the proxy.
async fn log_in_from(app: &TestApp, client: &str, name: &str, password: &str) -> Response {
    let request = app
        .request(Method::POST, "/admin/login")
        .header("Origin", &app.address)
        .header("X-Forwarded-For", client)
        .form(&[("name", name), ("password", password)]);
    app.send(request).await
}

/// Counts failures as if they had happened just now.
async fn fail(app: &TestApp, client: &str, name: &str, times: i32) {
    for _ in 0..times {
        let response = log_in_from(&app.other_visitor(), client, name, "wrong").await;
        assert_eq!(response.status, 422, "{client} {name}");
    }
}

#[actix_web::test]
async fn client_is_limited_after_20_failures_in_any_process() {
    let app = TestApp::spawn_with(&[PROXY]).await;
    operator(&app, "ada", Role::Owner).await;
    let second = TestApp::spawn_on(app.database.clone(), &[PROXY]).await;
    fail(&app, "203.0.113.7", "nobody", 10).await;
    fail(&second, "203.0.113.7", "ada", 10).await;
    for app in [&app, &second] {
        let response = log_in_from(&app.other_visitor(), "203.0.113.7", "ada", PASSWORD).await;
        assert_eq!(response.status, 429);
        let wait: u64 = response.header("retry-after").parse().unwrap();
        assert!((1..=900).contains(&wait), "{wait}");
    }
    let elsewhere = log_in_from(&app.other_visitor(), "203.0.113.8", "ada", PASSWORD).await;
    assert_eq!(elsewhere.status, 303);
    // After the window the count begins again.
    app.execute("UPDATE login_failures SET window_start = now() - interval '15 minutes'").await;
    let later = log_in_from(&app.other_visitor(), "203.0.113.7", "ada", PASSWORD).await;
    assert_eq!(later.status, 303);
}

#[actix_web::test]
async fn name_is_limited_whether_it_exists_or_not_and_its_owner_gets_in() {
    let app = TestApp::spawn_with(&[PROXY]).await;
    let browser = operator(&app, "ada", Role::Owner).await;
    for client in 0..5 {
        for name in ["ada", "nobody"] {
            fail(&app, &format!("198.51.100.{client}"), name, 10).await;
        }
    }
    for name in ["ada", "nobody"] {
        let response = log_in_from(&app.other_visitor(), "192.0.2.1", name, PASSWORD).await;
        assert_eq!(response.status, 429, "{name}");
    }
    // The browser in which the owner has logged in before.
    let response = log_in_from(&browser.0, "198.51.100.1", "ada", PASSWORD).await;
    assert_eq!(response.status, 303);
    // A link from the command line works from any client.
    let conn = &mut crate::support::connect(&app.database).await;
    let ada = marquee::operators::find(conn, "ada").await.unwrap().unwrap();
    let token = marquee::operators::create_link(conn, ada.id).await.unwrap();
    let password = "plinth vexing quay mottled";
    let form = [("password", password), ("password_again", password)];
    let response = browser.other().post(&format!("/admin/set-up/{}", token.as_str()), &form).await;
    assert_eq!(response.status, 303);
}

#[actix_web::test]
async fn known_browser_is_forgotten_after_10_failures_and_serves_one_operator() {
    let app = TestApp::spawn_with(&[PROXY]).await;
    let browser = operator(&app, "ada", Role::Owner).await;
    operator(&app, "bob", Role::Editor).await;
    for _ in 0..10 {
        let response = log_in_from(&browser.0, "203.0.113.7", "ada", "wrong").await;
        assert_eq!(response.status, 422);
    }
    assert_eq!(app.count("operator_devices").await, 2);
    // From now on the limits of unknown browsers apply.
    for _ in 0..20 {
        let response = log_in_from(&browser.0, "203.0.113.7", "ada", "wrong").await;
        assert_eq!(response.status, 422);
    }
    assert_eq!(app.count("operator_devices").await, 1);
    assert_eq!(log_in_from(&browser.0, "203.0.113.7", "ada", PASSWORD).await.status, 429);

    let bob = OperatorBrowser(app.other_visitor());
    assert_eq!(log_in_from(&bob.0, "192.0.2.1", "bob", PASSWORD).await.status, 303);
    fail(&app, "192.0.2.1", "nobody", 20).await;
    assert_eq!(log_in_from(&bob.0, "192.0.2.1", "ada", PASSWORD).await.status, 429);
    assert_eq!(log_in_from(&bob.0, "192.0.2.1", "bob", PASSWORD).await.status, 303);
}

#[actix_web::test]
async fn simultaneous_attempts_cannot_exceed_the_limit() {
    let app = TestApp::spawn_with(&[PROXY]).await;
    let attempts = (0..30).map(|_| {
        let browser = app.other_visitor();
        async move { log_in_from(&browser, "203.0.113.7", "nobody", "wrong").await.status }
    });
    let statuses = futures_util::future::join_all(attempts).await;
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 10, "{statuses:?}");
    assert!(statuses.iter().all(|status| [422, 429, 503].contains(status)), "{statuses:?}");
}
