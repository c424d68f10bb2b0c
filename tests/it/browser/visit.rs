//! A whole visit by keyboard alone, with and without JavaScript, and what two tabs and two browsers
//! have to do with each other.

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::Browser;
use crate::support::TestApp;

impl Browser {
    /// Moves on by the keyboard until what the selector names has the focus.
    pub(super) async fn tab_to(&self, selector: &str) {
        let here = format!("return document.activeElement.matches('{selector}')");
        for _ in 0..200 {
            self.press(Key::Tab).await;
            if self.run(&here).await == true {
                return;
            }
        }
        panic!("{selector} is not reached by keyboard");
    }

    pub(super) async fn activate(&self, selector: &str) {
        self.tab_to(selector).await;
        self.press(Key::Enter).await;
    }
}

/// How many values of that kind the only session holds.
async fn kept(app: &TestApp, kind: &str) -> usize {
    let Value::Object(session) = app.session().await else { unreachable!() };
    session.keys().filter(|key| key.starts_with(kind)).count()
}

#[actix_web::test]
async fn keyboard_visit_with_javascript() {
    visit(true).await;
}

#[actix_web::test]
async fn keyboard_visit_without_javascript() {
    visit(false).await;
}

async fn visit(javascript: bool) {
    let app = TestApp::with_many_films(60).await;
    let browser = Browser::open().await;
    let off = json!({ "value": !javascript });
    browser.devtools("Emulation.setScriptExecutionDisabled", off).await;

    // Arrive.
    browser.goto(&app, "/").await;
    assert_eq!(app.count("sessions").await, 0);

    // Browse.
    browser.activate("nav a[href=\"/movies\"]").await;
    browser.wait_for("[data-page-size=\"24\"]").await;
    assert_eq!(app.session().await, json!({ "num_visits": 1 }));

    // Put the notice away.
    browser.activate(".notice button").await;
    browser.wait_for("body:not(:has(.notice))").await;
    assert_eq!(kept(&app, "notice:no-account").await, 1);

    // Change the page size.
    browser.tab_to("#per_page").await;
    browser.press(Key::Up).await;
    browser.activate(".controls button").await;
    browser.wait_for("[data-page-size=\"12\"]").await;
    assert_eq!(app.session().await["per_page"], 12);

    // Mark three films as seen, and list two.
    for n in 1..=5 {
        if n > 3 {
            browser.activate(&format!("#films-{n} .mark--list")).await;
            browser.wait_for(&format!("#films-{n} .mark--list[aria-pressed=true]")).await;
            assert_eq!(kept(&app, "listed:").await, n - 3);
        } else {
            browser.activate(&format!("#films-{n} .mark--seen")).await;
            browser.wait_for(&format!("#films-{n} .mark--seen[aria-pressed=true]")).await;
            assert_eq!(kept(&app, "seen:").await, n);
        }
    }
    let count = "return document.getElementById('watchlist-count').textContent";
    assert_eq!(browser.run(count).await, "2");
    let visits = app.session().await["num_visits"].as_i64().unwrap();
    assert_eq!(visits, if javascript { 2 } else { 8 }, "pages that were loaded");

    // Hide what was seen.
    browser.activate("footer a[href=\"/preferences\"]").await;
    browser.wait_for("[name=seen_films]").await;
    browser.tab_to("[name=seen_films]:checked").await;
    browser.press(Key::Down).await;
    browser.press(Key::Down).await;
    browser.activate(".preferences button").await;
    browser.wait_for("main [role=status]").await;
    assert_eq!(app.session().await["seen_films"], "hide");
    browser.activate("nav a[href=\"/movies\"]").await;
    browser.wait_for(".hidden-films").await;
    let line = "return document.querySelector('.hidden-films').textContent";
    assert_eq!(browser.run(line).await, "3 films you’ve seen are hidden. Show them");

    // Be forgotten.
    browser.activate("footer a[href=\"/you\"]").await;
    browser.wait_for("summary").await;
    browser.activate("summary").await;
    browser.activate("form[action=\"/you/erase\"] button").await;
    browser.wait_for("main [role=status]").await;
    assert_eq!(app.count("sessions").await, 0);
    browser.activate("nav a[href=\"/movies\"]").await;
    browser.wait_for("[data-page-size=\"24\"]").await;
    assert_eq!(app.session().await, json!({ "num_visits": 1 }));
    browser.close().await;
}

#[actix_web::test]
async fn ratings_and_notices_change_in_place_and_per_browser() {
    let app = TestApp::with_many_films(3).await;
    let (browser, other) = (Browser::open().await, Browser::open().await);
    let path = "/movies/film-1-1901";
    browser.goto(&app, path).await;
    browser.run("window.stays = true").await;
    browser.activate(".star[value=\"4\"]").await;
    browser.wait_for(".star[value=\"4\"][aria-pressed=true]").await;
    browser.wait_for(".mark--seen[aria-pressed=true]").await;
    assert_eq!(browser.run("return window.stays").await, true, "without loading the page");
    assert_eq!(kept(&app, "rating:").await, 1);

    // Another tab of this browser shows the same, and what it does counts, too.
    let first = browser.tab.window().await.unwrap();
    let second = browser.tab.new_window(true).await.unwrap();
    browser.tab.switch_to_window(second.handle).await.unwrap();
    browser.goto(&app, path).await;
    browser.wait_for(".star[value=\"4\"][aria-pressed=true]").await;
    browser.activate(".mark--list").await;
    browser.wait_for(".mark--list[aria-pressed=true]").await;
    browser.tab.switch_to_window(first).await.unwrap();
    browser.activate(".star[value=\"0\"]").await;
    browser.wait_for(".star[value=\"0\"][aria-pressed=true]").await;
    assert_eq!((kept(&app, "rating:").await, kept(&app, "listed:").await), (0, 1));

    other.goto(&app, "/watchlist").await;
    let films = "return document.querySelectorAll('[data-movie]').length";
    assert_eq!(other.run(films).await, 0);
    browser.close().await;
    other.close().await;
}

/// Pages that stand open while another tab goes on.
#[actix_web::test]
async fn tabs_share_one_session_and_erase_is_final() {
    let app = TestApp::with_many_films(30).await;
    let browser = Browser::open().await;
    browser.goto(&app, "/movies").await;
    let first = browser.tab.window().await.unwrap();
    let second = browser.tab.new_window(true).await.unwrap().handle;

    // Notice and preferences.
    browser.tab.switch_to_window(second.clone()).await.unwrap();
    browser.goto(&app, "/movies").await;
    browser.activate(".notice button").await;
    browser.wait_for("body:not(:has(.notice))").await;
    browser.goto(&app, "/preferences").await;
    browser.focus("[name=theme]:checked").await;
    browser.press(Key::Up).await;
    browser.press(Key::Enter).await;
    browser.wait_for("main [role=status]").await;
    browser.tab.switch_to_window(first.clone()).await.unwrap();
    browser.activate("#films-1 .mark--list").await;
    browser.wait_for("#films-1 .mark--list[aria-pressed=true]").await;
    browser.activate("nav a[href=\"/watchlist\"]").await;
    browser.wait_for("[data-theme=dark] body:not(:has(.notice)) [data-total=\"1\"]").await;

    // Erased in one; what is pressed in the other stands alone.
    browser.goto(&app, "/movies").await;
    browser.tab.switch_to_window(second).await.unwrap();
    browser.goto(&app, "/you").await;
    browser.activate("summary").await;
    browser.activate("form[action=\"/you/erase\"] button").await;
    browser.wait_for("main [role=status]").await;
    browser.tab.switch_to_window(first).await.unwrap();
    browser.activate("#films-2 .mark--seen").await;
    browser.wait_for("#films-2 .mark--seen[aria-pressed=true]").await;
    let Value::Object(session) = app.session().await else { unreachable!() };
    assert_eq!((session.len(), kept(&app, "seen:").await), (1, 1), "nothing came back");
    browser.close().await;
}
