//! Permissions by role, origin and network.

use marquee::operators::Role;
use reqwest::Method;

use super::{OperatorBrowser, operator};
use crate::support::{Response, TestApp};

/// A row of the permission table.
struct Row {
    method: Method,
    path: String,
    roles: String,
}

/// Returns the rows that need a session, with values that exist nowhere in place of parameters.
fn rows() -> Vec<Row> {
    let rows = marquee::web::admin_routes().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let path = words[1].split('/').map(|part| match part {
            "{sid}" => "0".repeat(64),
            part if part.starts_with('{') => "999999".to_owned(),
            part => part.to_owned(),
        });
        let path = path.collect::<Vec<_>>().join("/");
        Row { method: words[0].parse().unwrap(), path, roles: words[2].to_owned() }
    });
    rows.filter(|row| row.roles != "anyone").collect()
}

async fn send(browser: &OperatorBrowser, method: &Method, path: &str) -> Response {
    let request = browser.0.request(method.clone(), path).header("Origin", &browser.0.address);
    browser.0.send(request.form(&[("note", "typed")])).await
}

#[actix_web::test]
async fn every_route_admits_the_roles_of_its_row_and_nobody_else() {
    let app = TestApp::spawn().await;
    let mut browsers = Vec::new();
    for role in Role::ALL {
        browsers.push((role.as_str(), operator(&app, role.as_str(), role).await));
    }
    let nobody = OperatorBrowser(app.other_visitor());
    let rows = rows();
    assert!(rows.len() > 25, "{}", rows.len());
    for Row { method, path, roles } in rows.iter().filter(|row| row.path != "/admin/logout") {
        for (role, browser) in &browsers {
            let response = send(browser, method, path).await;
            let refused = response.status == 403;
            let allowed = roles.split(',').any(|allowed| allowed == *role);
            assert_eq!(refused, !allowed, "{method} {path} {role}: {}", response.status);
            assert!(response.status < 500, "{method} {path} {role}: {}", response.status);
            // A confirmed operator is not sent away to the password.
            let login = response.header("location").starts_with("/admin/login");
            assert!(!login, "{method} {path} {role}");
        }
        let response = send(&nobody, method, path).await;
        if method == Method::GET {
            let next = path.replace('/', "%2F");
            let login = format!("/admin/login?next={next}");
            assert_eq!((response.status, response.header("location")), (303, login.as_str()));
        } else {
            assert_eq!(response.status, 403, "{method} {path}");
            assert_eq!(response.attributes("main", "data-page"), ["login"], "{path}");
        }
    }
    for (role, browser) in &browsers {
        assert_eq!(browser.get("/admin/made-up").await.status, 404, "{role}");
        assert_eq!(browser.post("/admin/made-up", &[]).await.status, 404, "{role}");
        let response = send(browser, &Method::DELETE, "/admin/account").await;
        assert_eq!((response.status, response.header("allow")), (405, "GET, POST, HEAD"));
        let response = browser.get("/admin/logout").await;
        assert_eq!((response.status, response.header("allow")), (405, "POST"));
        assert!(browser.is_logged_in().await);
    }
}

#[actix_web::test]
async fn made_up_address_looks_like_any_other_without_a_session() {
    let app = TestApp::spawn().await;
    let nobody = OperatorBrowser(app.other_visitor());
    for path in ["/admin/made-up", "/admin/films/17?q=a%26b", "/admin/", "/%61dmin/x"] {
        let response = nobody.get(path).await;
        assert_eq!(response.status, 303, "{path}");
        assert!(response.header("location").starts_with("/admin/login?next="), "{path}");
        assert_eq!(nobody.post(path, &[]).await.status, 403, "{path}");
    }
    let next = nobody.get("/admin/films?q=a%26b").await;
    assert_eq!(next.header("location"), "/admin/login?next=%2Fadmin%2Ffilms%3Fq%3Da%2526b");
    // Nothing but the admin is below it.
    assert_eq!(nobody.get("/administrator").await.status, 404);
}

#[actix_web::test]
async fn form_that_does_not_come_from_this_site_is_refused() {
    let app = TestApp::spawn().await;
    let browser = operator(&app, "ada", Role::Owner).await;
    let own = app.address.as_str();
    let name = "SELECT display_name AS text FROM operators";
    for (headers, accepted) in [
        (&[][..], false),
        (&[("Origin", "http://evil.example")], false),
        (&[("Origin", "null")], false),
        (&[("Sec-Fetch-Site", "cross-site")], false),
        (&[("Sec-Fetch-Site", "same-site"), ("Origin", own)], false),
        (&[("Sec-Fetch-Site", "same-origin"), ("Origin", "http://evil.example")], false),
        (&[("Sec-Fetch-Site", "same-origin")], true),
        (&[("Origin", own)], true),
    ] {
        let mut request = app_request(&browser, "/admin/account");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let shown = format!("{headers:?}");
        let response = browser.0.send(request.form(&[("display_name", &shown)])).await;
        assert_eq!(response.status, if accepted { 303 } else { 403 }, "{shown}");
        assert_eq!(app.text(name).await == shown, accepted, "{shown}");
    }
}

fn app_request(browser: &OperatorBrowser, path: &str) -> reqwest::RequestBuilder {
    browser.0.request(Method::POST, path)
}

#[actix_web::test]
async fn every_answer_below_admin_is_kept_from_caches_and_search_engines() {
    let app = TestApp::spawn().await;
    let browser = operator(&app, "ada", Role::Owner).await;
    let nobody = OperatorBrowser(app.other_visitor());
    let host = app.request(Method::GET, "/admin").header("Host", "a b");
    for response in [
        browser.get("/admin").await,
        browser.get("/admin/made-up").await,
        browser.get("/admin/logout").await,
        browser.post("/admin/operators/new", &[]).await,
        nobody.get("/admin/login").await,
        nobody.get("/admin").await,
        nobody.get("/admin/set-up/x").await,
        nobody.post("/admin/account", &[]).await,
        app.send(host).await,
    ] {
        let status = response.status;
        assert_eq!(response.header("cache-control"), "no-store", "{status}");
        assert_eq!(response.header("x-robots-tag"), "noindex", "{status}");
        assert_eq!(response.header("x-content-type-options"), "nosniff", "{status}");
        let policy = response.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-"), "{status}");
    }
    let robots = app.get("/robots.txt").await.html;
    assert!(robots.contains("Disallow: /admin\n"), "{robots}");
    assert!(!app.get("/").await.html.contains("/admin"));
    assert_eq!(app.get("/").await.header("x-robots-tag"), "");
}

#[actix_web::test]
async fn admin_networks_hide_the_admin_from_other_clients() {
    let flags = ["--admin-networks=203.0.113.0/24,::1", "--trusted-proxies=127.0.0.1"];
    let app = TestApp::spawn_with(&flags).await;
    let from =
        |client: &str, path: &str| app.request(Method::GET, path).header("X-Forwarded-For", client);
    for path in ["/admin", "/admin/login", "/admin/made-up"] {
        assert_eq!(app.send(from("198.51.100.7", path)).await.status, 404, "{path}");
        assert_ne!(app.send(from("203.0.113.7", path)).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn public_page_leads_to_the_form_of_its_record() {
    let app = TestApp::with_films(
        "{\"title\":\"Ran\",\"year\":1985,\"directors\":[\"Akira Kurosawa\"],\"tags\":[\"War\"]}",
    )
    .await;
    let browser = operator(&app, "ada", Role::Viewer).await;
    for (path, kind, table) in
        [("/movies/ran-1985", "films", "movies"), ("/movies/tags/war", "tags", "tags")]
    {
        let id = app.text(&format!("SELECT id::text AS text FROM {table}")).await;
        let response = browser.get(&format!("/admin/go?path={path}")).await;
        assert_eq!(response.header("location"), format!("/admin/{kind}/{id}"), "{path}");
    }
    let director = browser.get("/admin/go?path=/directors/akira-kurosawa").await;
    assert!(director.header("location").starts_with("/admin/directors/"));
    for path in ["/movies", "/movies/none", "//evil.example", "", "%00"] {
        let response = browser.get(&format!("/admin/go?path={path}")).await;
        assert_eq!((response.status, response.header("location")), (303, "/admin"), "{path}");
    }
    // The page is the same for operators: a script adds the link.
    let (with, without) =
        (browser.get("/movies/ran-1985").await, app.get("/movies/ran-1985").await);
    assert_eq!(with.html, without.html);
}
