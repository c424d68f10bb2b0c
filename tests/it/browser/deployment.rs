//! A visitor of the whole arrangement, while each part of it is killed.

use std::time::Instant;

use serde_json::Value;

use super::Browser;
use crate::deployment::{Deployment, clock};
use crate::program::PATIENCE;

const FILM: &str = "/movies/rashomon-1950";
const BUTTON: &str = ".film__marks .mark--list";

impl Browser {
    /// Returns the text of a part of the page; null on an error page, or without a page.
    async fn value(&self, selector: &str) -> Value {
        let script = format!(
            "return document.querySelector('main [data-movie]') &&
                 (document.querySelector('{selector}')?.value ?? null)"
        );
        self.tab.execute(&script, vec![]).await.unwrap_or_default()
    }

    /// The value, of a visitor who gets no page and tries once more when everything runs again.
    async fn reads(&self, deployment: &Deployment, path: &str, selector: &str) -> String {
        let address = deployment.address() + path;
        let answered = self.tab.goto(&address).await.is_ok();
        if !answered || self.value(selector).await.is_null() {
            deployment.is_ready().await;
            self.tab.goto(&address).await.unwrap();
        }
        let value = self.value(selector).await;
        value.as_str().unwrap_or_else(|| panic!("{path} failed twice")).to_owned()
    }

    /// Presses the button of the film that is open; whether its answer came.
    async fn press_button(&self, before: &str) -> bool {
        self.run(&format!("document.querySelector('{BUTTON}').click()")).await;
        let failed = "return document.readyState === 'complete'
            && !!document.querySelector('h1') && !document.querySelector('.film__marks')";
        let (began, mut clock) = (Instant::now(), clock());
        loop {
            let value = self.value(BUTTON).await;
            if value.as_str().is_some_and(|value| value != before) {
                return true;
            }
            if self.tab.execute(failed, vec![]).await.unwrap_or_default() == true {
                return false;
            }
            assert!(began.elapsed() < PATIENCE, "the button does nothing");
            clock.tick().await;
        }
    }
}

#[actix_web::test]
async fn pages_recover_and_keep_writes_while_parts_are_killed() {
    let deployment = Deployment::start().await;
    let browser = Browser::open().await;
    let mut counted = 0;
    let mut listed = "false";
    for part in ["one", "two", "redis", "replica", "primary", "nginx"] {
        let former = deployment.process(part);
        deployment.signal(part, "KILL");
        let visits = browser.reads(&deployment, "/movies", "#num-visits").await;
        let visits: u32 = visits.parse().unwrap();
        assert!(visits >= counted, "{part}: {visits} visits after {counted}");
        counted = visits + 1;
        deployment.is_anew(part, former).await;

        // The film goes on the list and off it in turn.
        let wanted = if listed == "true" { "false" } else { "true" };
        assert_eq!(browser.reads(&deployment, FILM, BUTTON).await, listed, "{part}");
        let former = deployment.process(part);
        deployment.signal(part, "KILL");
        if !browser.press_button(listed).await
            && browser.reads(&deployment, FILM, BUTTON).await != wanted
        {
            assert!(browser.press_button(listed).await, "{part}: the button failed twice");
        }
        deployment.is_anew(part, former).await;
        listed = wanted;
        assert_eq!(browser.reads(&deployment, FILM, BUTTON).await, listed, "{part}");
    }
    browser.close().await;
}
