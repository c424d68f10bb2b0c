//! The sessions of operators.

use marquee::operators::Role;

use super::{OperatorBrowser, PASSWORD, operator, rewrite_sessions};
use crate::support::{TestApp, number};

#[actix_web::test]
async fn session_ends_when_idle_and_after_its_absolute_age() {
    let app = TestApp::spawn().await;
    let browser = operator(&app, "ada", Role::Owner).await;
    assert!(browser.is_logged_in().await);
    let lifetime = "SELECT extract(epoch FROM expires_at - now())::bigint AS number \
                    FROM operator_sessions";
    let lifetime = number(&app.database, lifetime).await;
    assert!((1790..=1800).contains(&lifetime), "{lifetime}");
    rewrite_sessions(&app, "\"ends\":\\d+", "\"ends\":1").await;
    assert!(!browser.is_logged_in().await);

    browser.log_in("ada", PASSWORD).await;
    assert!(browser.is_logged_in().await);
    rewrite_sessions(&app, "\"created\":\\d+", "\"created\":1").await;
    assert!(!browser.is_logged_in().await);
}

#[actix_web::test]
async fn request_extends_a_session() {
    let app = TestApp::spawn().await;
    let browser = operator(&app, "ada", Role::Owner).await;
    let ends = "SELECT substring(convert_from(record, 'UTF8') FROM '\"ends\":(\\d+)')::bigint \
                AS number FROM operator_sessions";
    // In microseconds: half of the 30 minutes are gone.
    let earlier = number(&app.database, ends).await - 900_000_000;
    rewrite_sessions(&app, "\"ends\":\\d+", &format!("\"ends\":{earlier}")).await;
    assert!(browser.is_logged_in().await);
    let extended = number(&app.database, ends).await;
    assert!(extended >= earlier + 900_000_000, "{extended} {earlier}");
}

#[actix_web::test]
async fn sessions_are_listed_and_ended_one_by_one_or_together() {
    let app = TestApp::spawn().await;
    let first = operator(&app, "ada", Role::Viewer).await;
    let other = operator(&app, "bob", Role::Owner).await;
    let mut browsers = vec![first];
    for _ in 0..3 {
        let browser = OperatorBrowser(app.other_visitor());
        let request = app_login(&browser).header("User-Agent", "Firefox <1>");
        assert_eq!(browser.0.send(request).await.status, 303);
        browsers.push(browser);
    }
    let page = browsers[0].get("/admin/account/sessions").await;
    assert_eq!(page.attributes("table", "data-total"), ["4"]);
    let ids = page.attributes("tr[data-id]", "data-id");
    let current = page.attributes("tr[data-current]", "data-id");
    assert_eq!((ids.len(), current.len()), (4, 1));
    assert_eq!(ids.last(), current.first(), "the newest come first");
    assert_eq!(page.texts("tbody th")[0], "Firefox <1>");
    assert!(page.html.contains("127.0.0.0/24"));

    // Of another operator, it does not exist.
    let foreign = other.get("/admin/account/sessions").await.attributes("tr[data-id]", "data-id");
    for id in [&foreign[0], "x", &"0".repeat(64)] {
        let end = format!("/admin/account/sessions/{id}/end");
        assert_eq!(browsers[0].post(&end, &[]).await.status, 404, "{id}");
    }
    let end = format!("/admin/account/sessions/{}/end", ids[0]);
    assert_eq!(browsers[0].post(&end, &[]).await.status, 303);
    assert!(!browsers[3].is_logged_in().await);
    for browser in &browsers[..3] {
        assert!(browser.is_logged_in().await);
    }
    let end = browsers[1].post("/admin/account/sessions/end-others", &[]).await;
    assert_eq!(end.status, 303);
    let page = browsers[1].get("/admin/account/sessions").await;
    assert_eq!(page.texts("#message"), ["2 other sessions ended."]);
    let again = browsers[1].get("/admin/account/sessions").await;
    assert_eq!(again.texts("#message"), [""; 0], "it is shown once");
    assert!(!browsers[0].is_logged_in().await && !browsers[2].is_logged_in().await);
    assert!(other.is_logged_in().await);
}

fn app_login(browser: &OperatorBrowser) -> reqwest::RequestBuilder {
    let request = browser.0.request(reqwest::Method::POST, "/admin/login");
    let form = [("name", "ada"), ("password", PASSWORD)];
    request.header("Origin", &browser.0.address).form(&form)
}

#[actix_web::test]
async fn eleventh_login_ends_the_oldest_session() {
    let app = TestApp::spawn().await;
    let oldest = operator(&app, "ada", Role::Owner).await;
    let second = OperatorBrowser(app.other_visitor());
    second.log_in("ada", PASSWORD).await;
    for _ in 0..8 {
        OperatorBrowser(app.other_visitor()).log_in("ada", PASSWORD).await;
    }
    assert!(oldest.is_logged_in().await);
    OperatorBrowser(app.other_visitor()).log_in("ada", PASSWORD).await;
    assert!(!oldest.is_logged_in().await);
    assert!(second.is_logged_in().await);
}

#[actix_web::test]
async fn visitors_and_operators_have_sessions_of_their_own() {
    let app = TestApp::with_films("{\"title\":\"Ran\",\"year\":1985}").await;
    let browser = operator(&app, "ada", Role::Owner).await;
    // The same browser visits the site and marks a film.
    let marked = browser.post("/movies/ran-1985/watchlist", &[]).await;
    assert_eq!(marked.status, 303, "{}", marked.html);
    let login = OperatorBrowser(app.other_visitor()).log_in("ada", PASSWORD).await;
    let cookies = login.headers.get_all("set-cookie").iter();
    let mut values = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    let operator = values.find(|cookie| cookie.starts_with("admin_session=")).unwrap().to_owned();
    let visit = app.other_visitor().get("/movies").await;
    let visitor = visit.header("set-cookie").split(';').next().unwrap().to_owned();
    let (_, visitor) = visitor.split_once('=').unwrap();
    let (_, operator) = operator.split_once('=').unwrap();
    let get = |path: &str, cookie: String| {
        app.request(reqwest::Method::GET, path).header("Cookie", cookie)
    };
    let admin = app.send(get("/admin", format!("admin_session={visitor}"))).await;
    assert_eq!(admin.status, 303);
    let you = app.send(get("/you/export.json", format!("sessionid={operator}"))).await;
    assert!(!you.html.contains("confirmed_at"), "{}", you.html);

    // Neither ends the other.
    browser.post("/you/erase", &[]).await;
    assert!(browser.is_logged_in().await);
    browser.post("/movies/ran-1985/watchlist", &[]).await;
    browser.post("/admin/logout", &[]).await;
    assert_eq!(browser.get("/watchlist").await.films(), ["ran-1985"]);
}

#[actix_web::test]
async fn login_works_with_every_session_engine_of_visitors() {
    let key = format!("--secret-key={}", "0123456789".repeat(5));
    for engine in ["none", "signed_cookies", "file", "cache", "cached_db"] {
        let engine = format!("--session-engine={engine}");
        let app = TestApp::spawn_with(&[&engine, &key]).await;
        let browser = operator(&app, "ada", Role::Owner).await;
        let saved = browser.post("/admin/account", &[("display_name", "Ada")]).await;
        assert_eq!(saved.status, 303, "{engine}");
        let shown = browser.get("/admin/account").await.attributes("#display_name", "value");
        assert_eq!(shown, ["Ada"], "{engine}");
    }
}
