//! Pages that the browser loads before anybody asks for them: counted once when shown, else never.

use serde_json::json;

use super::Browser;
use crate::program::PATIENCE;
use crate::support::TestApp;

impl Browser {
    /// Has the browser load these pages ahead, in the given way.
    async fn speculate(&self, way: &str, paths: &[&str]) {
        let rules = json!({ way: [{ "source": "list", "urls": paths, "eagerness": "immediate" }] });
        let script = format!(
            "const rules = document.createElement('script'); rules.type = 'speculationrules'; \
             rules.textContent = JSON.stringify({rules}); document.head.append(rules);"
        );
        self.run(&script).await;
    }

    /// Moves the pointer to the middle of an element.
    async fn point_at(&self, selector: &str) {
        let script = format!(
            "const link = document.querySelector({});
             link.scrollIntoView({{ block: 'center', behavior: 'instant' }});
             const box = link.getBoundingClientRect();
             return [box.x + box.width / 2, box.y + box.height / 2];",
            json!(selector)
        );
        let middle = self.run(&script).await;
        let moved = json!({ "type": "mouseMoved", "x": middle[0], "y": middle[1] });
        self.devtools("Input.dispatchMouseEvent", moved).await;
    }
}

/// Waits until a route has been requested `count` times.
async fn requested(app: &TestApp, route: &str, count: u32) {
    let start = std::time::Instant::now();
    let line = format!("{{method=\"GET\",route=\"{route}\",status=\"200\"}} {count}\n");
    loop {
        let metrics = app.get("/metrics").await.html;
        if metrics.contains(&line) {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{metrics}");
    }
}

#[actix_web::test]
async fn prerendered_page_counts_once_when_shown() {
    for way in ["prefetch", "prerender"] {
        let app = TestApp::with_many_films(30).await;
        let browser = Browser::open().await;
        // The site's own policy has no room for rules of a test.
        browser.devtools("Page.setBypassCSP", json!({ "enabled": true })).await;
        browser.goto(&app, "/about").await;
        browser.speculate(way, &["/movies", "/movies/film-1-1901"]).await;
        requested(&app, "/movies", 1).await;
        requested(&app, "/movies/{slug}", 1).await;
        assert_eq!(app.count("sessions").await, 0, "{way}: nobody has seen them");

        browser.run("location.href = '/movies'").await;
        browser.wait_for("[data-page-size]").await;
        browser.run("return navigator.locks.query().then(() => null)").await;
        let start = std::time::Instant::now();
        while app.count("sessions").await == 0 {
            assert!(start.elapsed() < PATIENCE, "{way}: it was shown");
        }
        assert_eq!(app.session().await, json!({ "num_visits": 1 }), "{way}");

        // Loaded in the ordinary way it counts as ever, and the one ahead not again.
        browser.goto(&app, "/movies?page=2").await;
        assert_eq!(app.session().await, json!({ "num_visits": 2 }), "{way}");
        browser.close().await;
    }
}

#[actix_web::test]
async fn pointing_at_a_link_loads_its_page_ahead() {
    let app = TestApp::with_many_films(30).await;
    let browser = Browser::open().await;
    browser.goto(&app, "/about").await;
    browser.point_at("nav a[href='/movies']").await;
    requested(&app, "/movies", 1).await;
    assert_eq!(app.count("sessions").await, 0, "a page loaded ahead is no view");

    browser.run("document.querySelector(\"nav a[href='/movies']\").click()").await;
    browser.wait_for("[data-page-size]").await;
    let start = std::time::Instant::now();
    while app.count("sessions").await == 0 {
        assert!(start.elapsed() < PATIENCE, "the view was not counted");
    }
    assert_eq!(app.session().await, json!({ "num_visits": 1 }));
    requested(&app, "/movies", 1).await;
    browser.close().await;
}

#[actix_web::test]
async fn forms_discard_pages_loaded_ahead() {
    let app = TestApp::with_many_films(30).await;
    let browser = Browser::open().await;
    browser.goto(&app, "/movies").await;
    let link = "main h2 a[href^='/movies/film-'], main h3 a[href^='/movies/film-']";
    browser.point_at(link).await;
    requested(&app, "/movies/{slug}", 1).await;
    let script = format!(
        "const path = new URL(document.querySelector({}).href).pathname;
         return fetch(path + '/watchlist', {{ method: 'POST', redirect: 'manual' }}).then(() => null)",
        json!(link)
    );
    browser.run(&script).await;
    browser.run(&format!("document.querySelector({}).click()", json!(link))).await;
    browser.wait_for(".film__marks").await;
    requested(&app, "/movies/{slug}", 2).await;
    browser.close().await;
}
