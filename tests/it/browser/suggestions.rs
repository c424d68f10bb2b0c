//! The suggestions under the search: a combobox by keyboard, by mouse and for a screen reader.

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};

use super::Browser;
use crate::support::TestApp;

impl Browser {
    /// Types into the search and waits for the list.
    async fn search_for(&self, text: &str) {
        self.focus("#search").await;
        self.tab.find(Locator::Css("#search")).await.unwrap().send_keys(text).await.unwrap();
        self.wait_for("#suggestions:not([hidden]) [role=option]").await;
    }

    /// Whether the list is open, the text of the active option, and what stands in the field.
    async fn combobox(&self) -> Value {
        self.run(
            "const input = document.getElementById('search');
             const active = document.getElementById(input.getAttribute('aria-activedescendant'));
             return [input.getAttribute('aria-expanded'), active?.querySelector('bdi').textContent
                 ?? null, input.value];",
        )
        .await
    }

    async fn path(&self) -> String {
        self.tab.current_url().await.unwrap().path().to_owned()
    }
}

#[actix_web::test]
async fn suggestions_work_by_keyboard() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.goto(&app, "/about").await;
    browser.search_for("rasho").await;
    assert_eq!(browser.combobox().await, json!(["true", null, "rasho"]));
    let status = "return document.querySelector('.search [role=status]').textContent";
    assert!(browser.run(status).await.as_str().unwrap().contains("suggestion"));
    assert_eq!(browser.violations().await, [""; 0]);
    browser.press(Key::Down).await;
    assert_eq!(browser.combobox().await, json!(["true", "Rashomon", "rasho"]));
    assert_eq!(browser.violations().await, [""; 0]);
    browser.press(Key::Up).await;
    assert_eq!(browser.combobox().await, json!(["true", null, "rasho"]));
    browser.press(Key::Down).await;
    browser.press(Key::Home).await;
    assert_eq!(browser.combobox().await, json!(["true", null, "rasho"]));
    browser.press(Key::Escape).await;
    assert_eq!(browser.combobox().await, json!(["false", null, "rasho"]));
    browser.press(Key::Down).await;
    browser.wait_for("#suggestions:not([hidden])").await;
    browser.press(Key::Down).await;
    browser.press(Key::Enter).await;
    browser.wait_for(".film").await;
    assert_eq!(browser.path().await, "/movies/rashomon-1950");
    browser.close().await;
}

#[actix_web::test]
async fn enter_without_a_choice_searches_and_a_click_opens() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.goto(&app, "/about").await;
    browser.search_for("kurosaw").await;
    browser.press(Key::Enter).await;
    browser.wait_for(".results").await;
    assert_eq!(browser.path().await, "/search");
    browser.goto(&app, "/about").await;
    browser.search_for("kurosaw").await;
    let first = browser.tab.find(Locator::Css("[role=option]")).await.unwrap();
    first.click().await.unwrap();
    browser.wait_for(".person").await;
    assert_eq!(browser.path().await, "/directors/akira-kurosawa");
    browser.close().await;
}

#[actix_web::test]
async fn search_form_works_without_javascript() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    browser.goto(&app, "/about").await;
    let field = browser.tab.find(Locator::Css("#search")).await.unwrap();
    field.send_keys("kurosaw").await.unwrap();
    browser.press(Key::Enter).await;
    browser.wait_for(".results").await;
    assert_eq!(browser.path().await, "/search");
    browser.activate("a[href=\"/directors/akira-kurosawa\"]").await;
    browser.wait_for(".person").await;
    browser.close().await;
}

#[actix_web::test]
async fn suggestions_fit_on_a_phone() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.resize(320, 800).await;
    browser.goto(&app, "/about").await;
    browser.search_for("the").await;
    let outside = "const box = document.getElementById('suggestions').getBoundingClientRect();
        return [box.left < 0, box.right > innerWidth,
            document.documentElement.scrollWidth > innerWidth];";
    assert_eq!(browser.run(outside).await, json!([false, false, false]));
    browser.close().await;
}

#[actix_web::test]
async fn results_of_every_reading_are_accessible_and_fit() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    for theme in ["light", "dark"] {
        browser.prefer(theme).await;
        for query in ["kurosowa", "rashomon xyzzy", "xyzzy", "woodcutter", ""] {
            browser.resize(1440, 1000).await;
            browser.goto(&app, &format!("/search?q={query}")).await;
            assert_eq!(browser.violations().await, [""; 0], "{query} {theme}");
            browser.resize(320, 800).await;
            let excess = "return document.documentElement.scrollWidth - window.innerWidth";
            assert!(browser.run(excess).await.as_i64().unwrap() <= 0, "{query} is too wide");
        }
    }
    browser.close().await;
}
