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
}

/// Waits until the site has answered so many requests for the list and for a film.
async fn answered(app: &TestApp, lists: u32, films: u32) {
    let start = std::time::Instant::now();
    let line = |route: &str, count: u32| {
        format!("{{method=\"GET\",route=\"{route}\",status=\"200\"}} {count}\n")
    };
    loop {
        let metrics = app.get("/metrics").await.html;
        if metrics.contains(&line("/movies", lists))
            && metrics.contains(&line("/movies/{slug}", films))
        {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{metrics}");
    }
}

#[actix_web::test]
async fn a_page_loaded_ahead_is_counted_once_when_it_is_shown() {
    for way in ["prefetch", "prerender"] {
        let app = TestApp::with_many_films(30).await;
        let browser = Browser::open().await;
        // The site's own policy has no room for rules of a test.
        browser.devtools("Page.setBypassCSP", json!({ "enabled": true })).await;
        browser.goto(&app, "/about").await;
        browser.speculate(way, &["/movies", "/movies/film-1-1901"]).await;
        answered(&app, 1, 1).await;
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
