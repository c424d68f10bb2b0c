//! The browser's own reports on a page, such as violations of its policy.

use http::Method;
use serde_json::{Value, json};

use super::{Browser, PAGES};
use crate::support::TestApp;

impl Browser {
    /// The lines of the console since it was last asked.
    async fn console(&self) -> Vec<String> {
        let lines = self.tab.issue_cmd(Console).await.unwrap();
        let lines = lines.as_array().unwrap().iter();
        lines.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }
}

/// chromedriver's way to the console.
#[derive(Debug)]
struct Console;

impl fantoccini::wd::WebDriverCompatibleCommand for Console {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

#[actix_web::test]
async fn pages_obey_their_content_security_policy() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    let facts = "return document.querySelectorAll('script[type=\"application/ld+json\"]').length";
    let mut with_facts = 0;
    for (_, path, parts) in PAGES.iter().filter(|(name, ..)| *name != "error") {
        browser.goto_with(&app, path, parts).await;
        with_facts += browser.run(facts).await.as_i64().unwrap();
        // Broken on purpose, it comes last: what came before is there when it is.
        let elsewhere = "const script = document.createElement('script');
            script.src = 'https://elsewhere.invalid/'; document.head.append(script);";
        assert_eq!(browser.run(elsewhere).await, Value::Null);
        let mut said = Vec::new();
        while !said.iter().any(|line: &String| line.contains("elsewhere.invalid")) {
            said.extend(browser.console().await);
        }
        assert!(said.len() == 1 && said[0].contains("Content Security Policy"), "{path}: {said:?}");
    }
    assert!(with_facts > 0, "no page has JSON-LD");
    browser.close().await;
}
