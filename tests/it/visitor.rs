//! Watchlist, seen, ratings, history, and all that is remembered: by plain forms, without
//! JavaScript.

mod engines;
mod hidden;
mod history;
mod lists;
mod marks;
mod notices;
mod privacy;
mod recommended;
mod you;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use crate::support::{Response, TestApp};

impl TestApp {
    /// Sends a file as a browser does; `list` is `listed` or `seen`.
    async fn bring(&self, file: &str, list: &str) -> Response {
        let part = |name: &str, more: &str, value: &str| {
            format!(
                "--limit\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n"
            )
        };
        let file = part("file", "; filename=\"a.csv\"\r\nContent-Type: text/csv", file);
        let body = format!("{file}{}--limit--\r\n", part("list", "", list));
        let request = self.request(Method::POST, "/you/import").body(body);
        self.send(request.header(CONTENT_TYPE, "multipart/form-data; boundary=limit")).await
    }
}
