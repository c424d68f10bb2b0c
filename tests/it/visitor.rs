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
    async fn bring(&self, file: impl AsRef<[u8]>, list: &str) -> Response {
        const FILE: &[u8] =
            b"--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\
            Content-Type: text/csv\r\n\r\n";
        let list = format!(
            "\r\n--limit\r\nContent-Disposition: form-data; name=\"list\"\r\n\r\n{list}\r\n--limit--\r\n"
        );
        let body = [FILE, file.as_ref(), list.as_bytes()].concat();
        let request = self.request(Method::POST, "/you/import").body(body);
        self.send(request.header(CONTENT_TYPE, "multipart/form-data; boundary=limit")).await
    }
}
