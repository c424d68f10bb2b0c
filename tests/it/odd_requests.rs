//! Odd URLs and headers never cause a server error.

use std::io::{Read, Write};
use std::net::TcpStream;

use futures_util::stream::{self, StreamExt};

use crate::support::TestApp;

const ODD: [&str; 25] = [
    "",
    "0",
    "-1",
    "1e9",
    "99999999999999999999999999",
    "abc",
    "%00",
    "%0a%0d",
    "%ff%fe",
    "%c3%28",
    "'%20OR%201=1--",
    "%27;DROP%20TABLE%20movies;--",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "..%2f..%2fetc%2fpasswd",
    "%252e%252e",
    "%25",
    "%",
    "%_%",
    "\\",
    "%5c",
    "%F0%9F%8E%AC",
    "%E2%80%AE",
    "{{7*7}}",
    "${jndi}",
    "a+b%20c",
];

const PLACES: [&str; 40] = [
    "/{}",
    "/movies/{}",
    "/movies/tags/{}",
    "/directors/{}",
    "/art/{}.svg",
    "/static/{}/css/site.css",
    "/static/0/{}",
    "/movies?page={}",
    "/movies?per={}",
    "/movies?sort={}",
    "/movies?tag={}",
    "/movies?decade={}",
    "/movies?{}",
    "/movies?{}={}",
    "/movies/tags/drama?page={}",
    "/movies/tags/drama?per={}&page={}",
    "/movies/tags/drama?sort={}",
    "/movies/ran-1985?{}",
    "/directors?letter={}",
    "/directors?page={}",
    "/directors?letter=k&page={}",
    "/directors/x?{}",
    "/tags?{}",
    "/tags?page={}",
    "/search?q={}",
    "/search?q={}&page={}",
    "/search?q=ran&page={}",
    "/search?q=ran&per={}",
    "/search?{}",
    "/search?q={}+{}+{}",
    "/preferences?saved={}",
    "/preferences?{}",
    "/about?{}",
    "/?{}",
    "/?page={}",
    "/healthz?{}",
    "/readyz?{}",
    "/favicon.ico?{}",
    "/movies/{}/{}",
    "/{}/{}/{}",
];

#[actix_web::test]
async fn random_urls_give_no_5xx() {
    let app = TestApp::with_films(
        r#"{"title":"Ran","year":1985,"directors":["Akira Kurosawa"],"tags":["drama"]}"#,
    )
    .await;
    let long = "x".repeat(10_000);
    let paths = PLACES.iter().flat_map(|place| ODD.iter().map(|odd| place.replace("{}", odd)));
    let paths: Vec<String> =
        paths.chain(PLACES.iter().map(|place| place.replace("{}", &long))).collect();
    assert!(paths.len() >= 1000);
    let address = app.address.trim_start_matches("http://").to_owned();

    let answers = stream::iter(paths).map(|path| {
        let address = address.clone();
        // Raw, as a client library would mend what is odd.
        actix_web::rt::task::spawn_blocking(move || (status(&address, &path), path))
    });
    let answers: Vec<_> = answers.buffer_unordered(8).collect().await;

    for answer in answers {
        let (status, path) = answer.unwrap();
        let start: String = path.chars().take(100).collect();
        assert!((200..500).contains(&status), "{status} for {start}");
    }
    assert_eq!(app.get("/movies").await.films(), ["ran-1985"]);
}

fn status(address: &str, path: &str) -> u16 {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let line = String::from_utf8_lossy(&answer[..answer.len().min(12)]).into_owned();
    line.split(' ').nth(1).unwrap_or_default().parse().unwrap_or(0)
}

#[actix_web::test]
async fn odd_forms_give_no_5xx() {
    let app = TestApp::spawn().await;
    let long = format!("next=/{}", "x".repeat(300_000));
    for body in
        ["", "=", "&&&", "per_page", "theme=%00", "per_page=%ff", "next=%0d%0aX:%20y", &long]
    {
        for media_type in ["application/x-www-form-urlencoded", "application/json", "x"] {
            let request = app.request(reqwest::Method::POST, "/preferences");
            let request = request.header("Content-Type", media_type).body(body.to_owned());
            let status = app.send(request).await.status;
            assert!((200..500).contains(&status), "{status} for {media_type} {:.40}", body);
        }
    }
}
