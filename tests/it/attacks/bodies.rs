//! Request bodies: too large, compressed, endless, silent, cut at any place.

use std::time::{Duration, Instant};

use super::{Raw, blocking, raw, status};
use crate::matrix::routes::ROUTES;
use crate::support::TestApp;

const RAN: &str = r#"{"title":"Ran","year":1985}"#;

fn head(path: &str, headers: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")
}

fn upload_head(headers: &str) -> String {
    head("/you/import", &format!("Content-Type: multipart/form-data; boundary=bbbbbb\r\n{headers}"))
}

#[actix_web::test]
async fn oversized_content_length_is_refused_at_once() {
    let app = TestApp::with_films(RAN).await;
    for route in ROUTES.iter().filter(|route| route.form.is_some()) {
        let max = if route.pattern == "/you/import" { (1 << 20) + (16 << 10) } else { 64 << 10 };
        for length in [max + 1, 838_860_800, u64::MAX] {
            let start = Instant::now();
            let request = head(route.address, &format!("Content-Length: {length}\r\n"));
            let response = raw(&app, request + "x").await;
            let expected = if length == u64::MAX { ["413", "400"] } else { ["413"; 2] };
            assert!(expected.contains(&status(&response)), "{} {length}", route.address);
            assert!(start.elapsed() < Duration::from_secs(4), "{} {length}", route.address);
        }
    }
    assert_eq!(app.count("sessions").await, 0);
}

/// In a multipart body: as a preamble, inside the head of a part, and inside a part.
/// Chunks of 64 KiB after which a body counts as endless: half a GiB. The system's buffers take some
/// of them before the sender learns that the connection is closed.
const MAX_CHUNKS: usize = 8192;

#[actix_web::test]
async fn endless_body_is_cut_off() {
    let app = TestApp::with_films(RAN).await;
    let part = "--bbbbbb\r\nContent-Disposition: form-data; name=\"file\"";
    for (path, more, start) in [
        ("/you/import", "", String::new()),
        ("/you/import", "", format!("{part}; filename=\"")),
        ("/you/import", "", format!("{part}; filename=\"a\"\r\n\r\n")),
        ("/you/import", "", format!("{part}; filename=\"a\"\r\n\r\nTitle\n")),
        ("/preferences", "", "theme=".to_owned()),
        ("/movies/ran-1985/watchlist", "", "pressed=".to_owned()),
        // Refused before the body is read, without a handler, and where nothing is limited.
        ("/preferences", "Content-Encoding: gzip\r\n", "x".to_owned()),
        ("/preferences", "Sec-Fetch-Site: cross-site\r\n", "x".to_owned()),
        ("/nowhere", "", "x".to_owned()),
        ("/healthz", "", "x".to_owned()),
    ] {
        let address = app.address.clone();
        let what = format!("{path} {more} {start}");
        let (response, sent) = blocking(move || {
            let mut connection = Raw::open(&address);
            let headers = "Content-Type: multipart/form-data; boundary=bbbbbb\r\n\
                           Transfer-Encoding: chunked\r\n";
            connection.send(head(path, &format!("{headers}{more}")).as_bytes());
            if !start.is_empty() {
                connection.send(format!("{:x}\r\n{start}\r\n", start.len()).as_bytes());
            }
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            let mut sent = 0;
            while sent < MAX_CHUNKS && connection.send(chunk.as_bytes()) {
                sent += 1;
            }
            (connection.response(), sent)
        })
        .await;
        // The response may be lost, as the site closes the connection while more is sent.
        let status = status(&response);
        assert!(
            ["413", "422", "415", "403", "404", "405", ""].contains(&status),
            "{what}: {status}"
        );
        assert!(sent < MAX_CHUNKS, "{what}: the connection stays open");
    }
    assert_eq!(app.get("/movies").await.status, 200);
}

#[actix_web::test]
async fn forms_refuse_compressed_bodies() {
    let app = TestApp::with_films(RAN).await;
    for route in ROUTES.iter().filter(|route| route.form.is_some()) {
        for encoding in ["gzip", "deflate", "br", "zstd", "x", "gzip, identity", "Identity, gzip"] {
            let headers = format!("Content-Encoding: {encoding}\r\nContent-Length: 2\r\n");
            let response = raw(&app, head(route.address, &headers) + "ab").await;
            assert_eq!(status(&response), "415", "{} {encoding}", route.address);
        }
    }
    let headers = "Content-Encoding: Identity\r\nContent-Length: 10\r\n\
                   Content-Type: application/x-www-form-urlencoded\r\n";
    let response = raw(&app, head("/preferences", headers) + "theme=dark").await;
    assert_eq!(status(&response), "303");
}

fn list(film: &str, list: &str) -> String {
    format!(
        "--bbbbbb\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\
         Content-Type: text/csv\r\n\r\nName\n{film}\n\r\n--bbbbbb\r\nContent-Disposition: form-data; \
         name=\"list\"\r\n\r\n{list}\r\n--bbbbbb--\r\n"
    )
}

/// A network may cut an honest upload at any place.
#[actix_web::test]
async fn upload_does_not_depend_on_packet_boundaries() {
    let app = TestApp::with_films(RAN).await;
    let body = list("Ran", "seen");
    let near_delimiters = body.match_indices("\r\n--").flat_map(|(at, _)| at..at + 12);
    for cut in near_delimiters.filter(|cut| *cut < body.len()) {
        let (address, body) = (app.address.clone(), body.clone());
        let response = blocking(move || {
            let mut connection = Raw::open(&address);
            let head = upload_head(&format!("Content-Length: {}\r\n", body.len()));
            connection.send((head + &body[..cut]).as_bytes());
            // The first packet has arrived when another request is answered.
            let mut other = Raw::open(&address);
            other.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assert_eq!(status(&other.response()), "200");
            connection.send(&body.as_bytes()[cut..]);
            connection.response()
        })
        .await;
        assert_eq!(status(&response), "200", "cut at {cut}");
        assert!(response.contains("1 film marked as seen"), "cut at {cut}: {response}");
    }
}

#[actix_web::test]
async fn malformed_upload_is_refused_with_a_message() {
    let app = TestApp::with_films(RAN).await;
    let whole = list("Ran", "seen");
    let unterminated = whole.trim_end_matches("--bbbbbb--\r\n");
    for body in
        ["--bbbbbb\n\n", "--bbbbbb", "--bbbbbb\r\n\r\n", "", "x", unterminated, "--bbbbbb--"]
    {
        let start = Instant::now();
        let head = upload_head(&format!("Content-Length: {}\r\n", body.len()));
        let response = raw(&app, head + body).await;
        assert_eq!(status(&response), "422", "{body:?}");
        assert!(start.elapsed() < Duration::from_secs(4), "{body:?}");
    }
    let panics = "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5\r\n";
    let response = raw(&app, head("/you/import", panics) + "--b\n\n").await;
    assert_eq!(status(&response), "422");
    assert_eq!(app.count("sessions").await, 0);
}

/// Thirty uploads that announce much and send nothing.
#[actix_web::test]
async fn silent_uploads_do_not_keep_others_from_sending_forms() {
    let app = TestApp::spawn_with(&["--max-requests=64", "--trusted-proxies=127.0.0.1"]).await;
    let address = app.address.clone();
    let silent = blocking(move || {
        let open = |(n, length): (usize, usize)| {
            let mut connection = Raw::open(&address);
            let headers = format!("X-Forwarded-For: 203.0.113.7\r\nContent-Length: {length}\r\n");
            connection.send((upload_head(&headers) + &"x".repeat(n % 2)).as_bytes());
            connection
        };
        (0..80).zip([1 << 20, 65_537].into_iter().cycle()).map(open).collect::<Vec<_>>()
    })
    .await;
    let request = app.request(reqwest::Method::POST, "/preferences").form(&[("theme", "dark")]);
    let other = app.send(request.header("X-Forwarded-For", "203.0.113.8")).await;
    assert_eq!(other.status, 303);
    // Their own client is refused more, or later told that it is too slow.
    let start = Instant::now();
    let statuses = blocking(move || {
        silent.into_iter().map(|one| status(&one.response()).to_owned()).collect::<Vec<_>>()
    })
    .await;
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(statuses.iter().all(|status| ["408", "429"].contains(&&**status)), "{statuses:?}");
    assert!(statuses.iter().any(|status| status == "429"), "{statuses:?}");
}
