//! Visitors and their sessions while a part fails, and after it recovers.

mod cut;
mod disk;
mod load;
mod postgres;
mod redis;
mod spread;
mod visitor;

use std::time::{Duration, Instant};

use reqwest::Method;

use crate::support::{Response, TestApp};

/// No visitor waits longer.
const LONGEST: Duration = Duration::from_secs(5);

/// For a part to come back, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const FILM: &str = r#"{"title":"Ran","tags":["drama"]}"#;

/// Checks the response during an outage: prompt, and without a cookie header.
async fn meanwhile(app: &TestApp, method: Method, path: &str) -> Response {
    let start = Instant::now();
    let mut request = app.request(method, path);
    if path == "/preferences" {
        request = request.form(&[("theme", "light")]);
    }
    let response = app.send(request).await;
    assert!(start.elapsed() < LONGEST, "{path}: {:?}", start.elapsed());
    assert_eq!(response.header("set-cookie"), "", "{path}: an outage is no reason");
    response
}

/// An error page that says when to come back.
async fn assert_unavailable(app: &TestApp, method: Method, path: &str) {
    let page = meanwhile(app, method, path).await;
    assert_eq!((page.status, page.header("retry-after")), (503, "5"), "{path}");
    assert!(!page.texts("h1").is_empty(), "{path}: {}", page.html);
}

/// Asks until the answer is a page.
async fn back(app: &TestApp, path: &str) -> Response {
    let start = Instant::now();
    loop {
        let page = app.get(path).await;
        if page.status == 200 && page.texts(".session-unavailable").is_empty() {
            return page;
        }
        assert!(start.elapsed() < PATIENCE, "{path}: {}", page.status);
    }
}

fn theme(page: &Response) -> String {
    page.attributes("html", "data-theme").concat()
}
