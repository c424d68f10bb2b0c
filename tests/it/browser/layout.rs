//! Layout on phones, filter panels, and the keyboard's way through a list.

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::json;

use super::Browser;
use crate::support::TestApp;

const LISTS: [&str; 3] = ["/movies", "/movies/tags/drama", "/movies?tag=drama&decade=1950s"];

impl Browser {
    /// Returns the distance in pixels of the first poster from the top of the page.
    async fn poster_top(&self) -> f64 {
        let top = "return document.querySelector('.poster').getBoundingClientRect().top";
        self.run(top).await.as_f64().unwrap()
    }

    async fn click(&self, selector: &str) {
        self.tab.find(Locator::Css(selector)).await.unwrap().click().await.unwrap();
    }
}

#[actix_web::test]
async fn posters_start_high_on_a_phone() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.resize(390, 844).await;
    for path in LISTS {
        browser.goto(&app, path).await;
        let top = browser.poster_top().await;
        assert!(top < 380.0, "{path}: {top} px at the first visit");
    }
    browser.click(".notice button").await;
    browser.wait_for("body:not(:has(.notice))").await;
    browser.goto(&app, "/movies/rashomon-1950").await;
    browser.click(".mark--list").await;
    browser.wait_for(".mark--list[aria-pressed=true]").await;
    for path in LISTS {
        browser.goto(&app, path).await;
        let top = browser.poster_top().await;
        assert!(top < 300.0, "{path}: {top} px for a returning visitor");
    }
    browser.goto(&app, "/movies/rashomon-1950").await;
    let title = "return document.querySelector('h1').getBoundingClientRect().bottom < innerHeight";
    assert_eq!(browser.run(title).await, true, "the title is above the fold");
    browser.close().await;
}

#[actix_web::test]
async fn filters_open_as_a_sheet_on_phones_and_as_panels_elsewhere() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.goto(&app, "/movies").await;
    for close in ["Escape", "click"] {
        browser.click(".filter summary").await;
        browser.wait_for(".filter[open]").await;
        if close == "Escape" {
            browser.press(Key::Escape).await;
            let focused = "return document.activeElement.matches('.filter summary')";
            assert_eq!(browser.run(focused).await, true, "the focus stays at the filter");
        } else {
            browser.click("h1").await;
        }
        browser.wait_for("main:not(:has(.filter[open]))").await;
    }
    browser.resize(390, 844).await;
    assert_eq!(
        browser.run("return document.getElementById('sort').checkVisibility()").await,
        false
    );
    for close in ["Escape", "button"] {
        browser.click(".refine-open").await;
        browser.wait_for(".refine:popover-open").await;
        assert_eq!(browser.violations().await, [""; 0]);
        if close == "Escape" {
            browser.press(Key::Escape).await;
        } else {
            browser.click(".refine__head button").await;
        }
        browser.wait_for(".refine:not(:popover-open)").await;
    }
    browser.close().await;
}

#[actix_web::test]
async fn next_page_is_near_the_heading_by_keyboard() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.goto(&app, "/movies").await;
    browser.run("const h1 = document.querySelector('h1'); h1.tabIndex = -1; h1.focus()").await;
    for presses in 1.. {
        assert!(presses <= 10, "“Next” is too far");
        browser.press(Key::Tab).await;
        let here = "const e = document.activeElement; return [e.rel, e.className]";
        let here = browser.run(here).await;
        if here[0] == "next" {
            break;
        }
        if here[1] == "skip-link" {
            browser.press(Key::Enter).await;
        }
    }
    browser.close().await;
}

#[actix_web::test]
async fn cards_align_and_marks_are_announced_with_an_undo() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.goto(&app, "/movies").await;
    let rows = "const rows = {}; for (const card of document.querySelectorAll('#films .card')) {
            const { top, bottom } = card.querySelector('.card__marks').getBoundingClientRect();
            (rows[Math.round(card.getBoundingClientRect().top)] ??= new Set()).add(Math.round(bottom));
        } return Object.values(rows).map((bottoms) => bottoms.size)";
    let rows: Vec<u32> = serde_json::from_value(browser.run(rows).await).unwrap();
    assert!(rows.iter().all(|bottoms| *bottoms == 1), "{rows:?}");

    browser.click("#films-1 .mark--list").await;
    browser.wait_for("#films-1 .mark--list[aria-pressed=true]").await;
    let status = "return document.getElementById('status').textContent";
    let said = browser.run(status).await;
    assert!(said.as_str().unwrap().ends_with(": added to your watchlist"), "{said}");
    browser.click("#films-1 .mark--seen").await;
    browser.wait_for("#status .mark--undo").await;
    browser.wait_for("#films-1 .mark--list[aria-pressed=false]").await;
    browser.click("#status .mark--undo").await;
    browser.wait_for("#films-1 .mark--list[aria-pressed=true]").await;
    browser.wait_for("#films-1 .mark--seen[aria-pressed=false]").await;

    // A rating from the card, by a dialog.
    browser.click("#films-2 .rate").await;
    browser.wait_for(".rating:popover-open").await;
    assert_eq!(browser.violations().await, [""; 0]);
    browser.click(".rating .star[value=\"3.5\"]").await;
    browser.wait_for("#films-2 .rate:not(:empty)").await;
    let rating = "return document.querySelector('#films-2 .rate').textContent";
    assert_eq!(browser.run(rating).await, json!("3½"));
    browser.close().await;
}

#[actix_web::test]
async fn header_is_one_line_on_a_tablet() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.resize(768, 1024).await;
    browser.goto(&app, "/movies").await;
    let height = "return document.querySelector('.masthead').getBoundingClientRect().height";
    let height = browser.run(height).await.as_f64().unwrap();
    assert!(height < 70.0, "{height} px");
    browser.close().await;
}
