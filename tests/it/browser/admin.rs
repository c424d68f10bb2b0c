//! The pages of the admin in a browser.

use fantoccini::Locator;
use marquee::operators::Role;

use super::Browser;
use crate::admin::{PASSWORD, add};
use crate::support::TestApp;

const KEY: &str = "--secret-key=0123456789abcdefghij0123456789abcdefghij";

/// Pages of an owner: their addresses, and what must be on them.
const PAGES: [(&str, &str); 10] = [
    ("/admin", "#films"),
    ("/admin/account", "#display_name"),
    ("/admin/account/password", "#current"),
    ("/admin/account/second-factor", "svg.qr"),
    ("/admin/account/sessions", "tr[data-current]"),
    ("/admin/operators", "tr[data-id]"),
    ("/admin/operators/new", "#role"),
    ("/admin/security", "tr[data-event]"),
    ("/admin/confirm", "#password"),
    ("/admin/made-up", ".eyebrow"),
];

/// Sets the password of a new owner in the browser, which logs in.
async fn log_in(browser: &Browser, app: &TestApp) {
    let link = add(app, "ada", Role::Owner).await;
    browser.goto_with(app, &link, &["#password", "#password_again"]).await;
    for field in ["#password", "#password_again"] {
        let field = browser.tab.find(Locator::Css(field)).await.unwrap();
        field.send_keys(PASSWORD).await.unwrap();
    }
    browser.tab.find(Locator::Css("main button")).await.unwrap().click().await.unwrap();
    browser.wait_for("[data-page=dashboard]").await;
}

async fn overflow(browser: &Browser) -> i64 {
    let excess = "return document.documentElement.scrollWidth - window.innerWidth";
    browser.run(excess).await.as_i64().unwrap()
}

#[actix_web::test]
async fn admin_pages_have_no_accessibility_violation_and_fit_320_pixels() {
    let app = TestApp::spawn_with(&[KEY]).await;
    let browser = Browser::open().await;
    browser.goto_with(&app, "/admin/login", &["#name", "#password"]).await;
    assert_eq!(browser.violations().await, [""; 0], "login");
    log_in(&browser, &app).await;
    for theme in ["light", "dark"] {
        browser.prefer(theme).await;
        for width in [1440, 320] {
            browser.resize(width, 800).await;
            for (path, part) in PAGES {
                browser.goto_with(&app, path, &[part]).await;
                assert_eq!(browser.violations().await, [""; 0], "{path} {theme} {width}");
                assert!(overflow(&browser).await <= 0, "{path} is too wide at {width}");
            }
        }
    }
    browser.close().await;
}

#[actix_web::test]
async fn invalid_form_has_no_accessibility_violation_and_focuses_its_problems() {
    let app = TestApp::spawn().await;
    let browser = Browser::open().await;
    log_in(&browser, &app).await;
    browser.goto_with(&app, "/admin/operators/new", &["#name"]).await;
    let field = browser.tab.find(Locator::Css("#name")).await.unwrap();
    field.send_keys("not a name").await.unwrap();
    browser.tab.find(Locator::Css("main button")).await.unwrap().click().await.unwrap();
    browser.wait_for("#problems").await;
    assert_eq!(browser.run("return document.activeElement.id").await, "problems");
    assert_eq!(browser.run("return document.title.slice(0, 6)").await, "Error:");
    for theme in ["light", "dark"] {
        browser.prefer(theme).await;
        assert_eq!(browser.violations().await, [""; 0], "{theme}");
    }
    browser.resize(320, 800).await;
    assert!(overflow(&browser).await <= 0);
    browser.close().await;
}

#[actix_web::test]
async fn public_pages_link_to_the_admin_for_operators_only() {
    let app = TestApp::with_films("{\"title\":\"Ran\",\"year\":1985}").await;
    let browser = Browser::open().await;
    let links = "return document.querySelectorAll('[href^=\"/admin\"]').length";
    browser.goto(&app, "/movies/ran-1985").await;
    assert_eq!(browser.run(links).await, 0);
    log_in(&browser, &app).await;
    browser.goto(&app, "/movies/ran-1985").await;
    let link = browser.tab.find(Locator::LinkText("Edit this page")).await.unwrap();
    let target = link.attr("href").await.unwrap().unwrap();
    assert_eq!(target, "/admin/go?path=%2Fmovies%2Fran-1985");
    assert_eq!(browser.violations().await, [""; 0]);
    browser.close().await;
}
