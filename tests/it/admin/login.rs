//! Logging in and out.

use marquee::operators::Role;

use super::{OperatorBrowser, PASSWORD, operator};
use crate::support::{Response, TestApp};

/// Returns the `Set-Cookie` header of that name.
fn cookie(response: &Response, name: &str) -> String {
    let cookies = response.headers.get_all("set-cookie").iter();
    let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap().to_owned());
    cookies.find(|cookie| cookie.starts_with(&format!("{name}="))).unwrap_or_default()
}

#[actix_web::test]
async fn nobody_logs_in_to_a_site_without_operators() {
    let app = TestApp::spawn().await;
    let browser = OperatorBrowser(app.other_visitor());
    for name in ["admin", "", "root"] {
        assert_eq!(browser.log_in(name, PASSWORD).await.status, 422);
        assert!(!browser.is_logged_in().await);
    }
    let empty = browser.get("/admin/login").await;
    for number in 0..10 {
        super::add(&app, &format!("ada{number}"), Role::Editor).await;
    }
    let full = browser.get("/admin/login").await;
    assert_eq!(empty.html, full.html);
    assert_eq!(app.count("operator_sessions").await, 0);
}

#[actix_web::test]
async fn wrong_password_unknown_name_and_disabled_operator_look_the_same() {
    let app = TestApp::spawn().await;
    operator(&app, "ada", Role::Owner).await;
    operator(&app, "bob", Role::Editor).await;
    app.execute("UPDATE operators SET disabled_at = now() WHERE name = 'bob'").await;
    super::add(&app, "eve", Role::Editor).await;
    let browser = OperatorBrowser(app.other_visitor());
    let mut pages = Vec::new();
    for (name, password) in
        [("ada", "wrong"), ("nobody", PASSWORD), ("bob", PASSWORD), ("eve", ""), ("ada", "")]
    {
        let response = browser.log_in(name, password).await;
        assert_eq!(response.status, 422, "{name}");
        assert!(response.texts("title")[0].starts_with("Error:"));
        pages.push(response.html.replace(name, "NAME"));
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
}

#[actix_web::test]
async fn name_ignores_case_and_spaces_and_password_does_not() {
    let app = TestApp::spawn().await;
    operator(&app, "ada", Role::Owner).await;
    let browser = OperatorBrowser(app.other_visitor());
    for password in [PASSWORD.to_uppercase(), format!(" {PASSWORD}"), format!("{PASSWORD} ")] {
        assert_eq!(browser.log_in("ada", &password).await.status, 422);
    }
    let response = browser.log_in("  ADA ", PASSWORD).await;
    assert_eq!((response.status, response.header("location")), (303, "/admin"));
}

#[actix_web::test]
async fn login_leads_to_next_within_the_admin() {
    let app = TestApp::spawn().await;
    let browser = operator(&app, "ada", Role::Owner).await;
    for (next, target) in [
        ("/admin/account?a=1", "/admin/account?a=1"),
        ("//evil.example", "/admin"),
        ("https://evil.example/admin/", "/admin"),
        ("/admin\\evil", "/admin"),
        ("/movies", "/admin"),
    ] {
        let form = [("name", "ada"), ("password", PASSWORD), ("next", next)];
        let response = browser.post("/admin/login", &form).await;
        assert_eq!(response.header("location"), target, "{next}");
    }
}

#[actix_web::test]
async fn session_cookie_is_new_at_login_and_hidden_from_scripts() {
    let app = TestApp::spawn().await;
    operator(&app, "ada", Role::Owner).await;
    let browser = OperatorBrowser(app.other_visitor());
    let first = browser.log_in("ada", PASSWORD).await;
    let first = cookie(&first, "admin_session");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(first.contains(attribute), "{first}");
    }
    for attribute in ["Max-Age", "Expires", "Domain", "Secure"] {
        assert!(!first.contains(attribute), "{first}");
    }
    let second = browser.log_in("ada", PASSWORD).await;
    let device = cookie(&second, "admin_device");
    assert_eq!(device, "", "the browser is known");
    let second = cookie(&second, "admin_session");
    let value = |cookie: &str| cookie.split(';').next().unwrap().to_owned();
    assert_ne!(value(&first), value(&second));
    let other = app.other_visitor();
    for (value, status) in [(value(&first), 303), (value(&second), 200)] {
        let request = other.request(reqwest::Method::GET, "/admin").header("Cookie", value);
        assert_eq!(other.send(request).await.status, status);
    }
    let invented = format!("admin_session={}", "a".repeat(32));
    let request = other
        .request(reqwest::Method::POST, "/admin/login")
        .header("Origin", &app.address)
        .header("Cookie", &invented)
        .form(&[("name", "ada"), ("password", PASSWORD)]);
    let response = other.send(request).await;
    assert_eq!(response.status, 303);
    assert_ne!(value(&cookie(&response, "admin_session")), invented);
    let request = app.request(reqwest::Method::GET, "/admin").header("Cookie", invented);
    assert_eq!(app.send(request).await.status, 303);
}

#[actix_web::test]
async fn cookies_of_an_https_site_are_bound_to_host_and_https() {
    let app = TestApp::spawn_with(&["--public-url=https://films.example"]).await;
    let link = super::add(&app, "ada", Role::Owner).await;
    let form = [("password", PASSWORD), ("password_again", PASSWORD)];
    let browser = OperatorBrowser(app.other_visitor());
    let response = browser.post(&link, &form).await;
    assert_eq!(response.status, 303);
    for name in ["__Host-admin_session", "__Host-admin_device"] {
        let cookie = cookie(&response, name);
        for attribute in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(attribute), "{name}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert!(cookie(&response, "operator").starts_with("operator=1;"));
}

#[actix_web::test]
async fn logout_ends_the_session_for_copies_of_the_cookie() {
    let app = TestApp::spawn().await;
    operator(&app, "ada", Role::Owner).await;
    let browser = OperatorBrowser(app.other_visitor());
    let login = browser.log_in("ada", PASSWORD).await;
    let copy = cookie(&login, "admin_session").split(';').next().unwrap().to_owned();
    let response = browser.post("/admin/logout", &[]).await;
    assert_eq!((response.status, response.header("location")), (303, "/admin/login"));
    assert_eq!(response.header("clear-site-data"), "\"cache\"");
    let request = app.request(reqwest::Method::GET, "/admin").header("Cookie", copy);
    assert!(app.send(request).await.header("location").starts_with("/admin/login"));
    assert!(!browser.is_logged_in().await);
}

#[actix_web::test]
async fn overview_shows_the_previous_login_and_failures_since() {
    let app = TestApp::with_films("{\"title\":\"Ran\",\"year\":1985,\"tags\":[\"war\"]}").await;
    let first = operator(&app, "ada", Role::Owner).await;
    let page = first.get("/admin").await;
    assert_eq!(page.texts("#last-login"), ["This is your first login."]);
    assert_eq!(page.attributes("#films", "value"), ["1"]);
    assert_eq!(page.attributes("#tags", "value"), ["1"]);
    let browser = OperatorBrowser(app.other_visitor());
    for _ in 0..3 {
        browser.log_in("ada", "wrong").await;
    }
    browser.log_in("ada", PASSWORD).await;
    let page = browser.get("/admin").await;
    assert_eq!(page.attributes("#failed-logins", "value"), ["3"]);
    assert!(page.texts("#last-login")[0].contains("network 127.0.0.0/24"));
    // The owner sees all of them.
    let events = browser.get("/admin/security").await.attributes("tr[data-event]", "data-event");
    assert_eq!(events.iter().filter(|event| *event == "login_failed").count(), 3);
    assert_eq!(events[0], "logged_in");
}

#[actix_web::test]
async fn no_secret_is_stored_in_clear_text() {
    let app = TestApp::spawn().await;
    let link = super::add(&app, "eve", Role::Editor).await;
    let browser = operator(&app, "ada", Role::Owner).await;
    let response = browser.log_in("ada", "wrong password typed").await;
    assert_eq!(response.status, 422);
    let login = browser.log_in("ada", PASSWORD).await;
    let session = cookie(&login, "admin_session");
    let secret = |cookie: &str| cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let device = app.other_visitor();
    let device = OperatorBrowser(device).log_in("ada", PASSWORD).await;
    let device = cookie(&device, "admin_device");
    let dump = std::process::Command::new("pg_dump").arg(&app.database).output().unwrap();
    let mut dump = String::from_utf8(dump.stdout).unwrap();
    // Sessions are stored as bytes.
    dump.push_str(
        &app.text(
            "SELECT string_agg(convert_from(record, 'UTF8'), ' ') AS text FROM operator_sessions",
        )
        .await,
    );
    assert!(dump.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    for secret in [
        link.rsplit('/').next().unwrap().to_owned(),
        secret(&session),
        secret(&device),
        PASSWORD.to_owned(),
        "wrong password typed".to_owned(),
    ] {
        assert!(secret.len() > 10 && !dump.contains(&secret), "{secret}");
    }
}
