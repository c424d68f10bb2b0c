//! Limits on number, size and time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::Method;

use crate::support::{Response, TestApp, connect, execute};

/// Longer than any limit, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

const PROXY: &str = "--trusted-proxies=127.0.0.1";

async fn search(app: &TestApp, client: &str) -> Response {
    app.send(app.request(Method::GET, "/search?q=x").header("X-Forwarded-For", client)).await
}

#[actix_web::test]
async fn rate_limit_counts_searches_and_forms_per_client() {
    let app = TestApp::spawn_with(&[PROXY, "--rate-limit=3"]).await;
    assert_eq!(search(&app, "203.0.113.7").await.status, 200);
    let path = "/search/suggestions?q=x";
    let suggestions = app.request(Method::GET, path).header("X-Forwarded-For", "203.0.113.7");
    assert_eq!(app.send(suggestions).await.status, 200);
    let form = app.request(Method::POST, "/preferences").form(&[("theme", "dark")]);
    assert_eq!(app.send(form.header("X-Forwarded-For", "203.0.113.7")).await.status, 303);

    let page = search(&app, "203.0.113.7").await;
    assert_eq!(page.status, 429);
    assert_eq!(page.texts("h1"), ["Too many requests"]);
    assert!((1..=60).contains(&page.header("retry-after").parse::<u32>().unwrap()));
    let films = app.request(Method::GET, "/movies?sort=year&q=x");
    assert_eq!(app.send(films.header("X-Forwarded-For", "203.0.113.7")).await.status, 429);
    let films =
        app.request(Method::GET, "/movies?sort=year").header("X-Forwarded-For", "203.0.113.7");
    assert_eq!(app.send(films).await.status, 200, "looking around is free");
    // The part before the proxy's own entry comes from the client.
    assert_eq!(search(&app, "198.51.100.9, 203.0.113.7").await.status, 429);
    assert_eq!(search(&app, "203.0.113.8").await.status, 200);
}

#[actix_web::test]
async fn forwarding_headers_of_strangers_are_ignored() {
    let app = TestApp::spawn_with(&["--rate-limit=1"]).await;
    for _ in 0..5 {
        assert_eq!(search(&app, "203.0.113.7").await.status, 200, "all of them are this machine");
    }
}

/// The status of the answer to these bytes, the answer, and how long it took until the site ended the
/// connection.
async fn raw(app: &TestApp, bytes: Vec<u8>) -> (String, String, Duration) {
    let address = app.address.trim_start_matches("http://").to_owned();
    let ask = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        let start = Instant::now();
        // The site may hang up in the middle.
        _ = stream.write_all(&bytes);
        let mut answer = Vec::new();
        _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        (answer.split(' ').nth(1).unwrap_or_default().to_owned(), answer, start.elapsed())
    };
    actix_web::rt::task::spawn_blocking(ask).await.unwrap()
}

#[actix_web::test]
async fn oversized_requests_are_refused() {
    let app = TestApp::spawn().await;
    let get = |path: &str, headers: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").into_bytes()
    };
    let x = |kib: usize| "x".repeat(kib << 10);
    for (request, allowed) in [
        (get("/movies", ""), &["200"][..]),
        (get(&format!("/movies?q={}", x(17)), ""), &["414"]),
        (get("/movies", &format!("X-Long: {}\r\n", x(300))), &["431", ""]),
        (get("/movies", &"X-Many: x\r\n".repeat(1000)), &["400", "431"]),
        (get(&format!("/{}", x(300)), ""), &["400", "414", "431", ""]),
    ] {
        let start = String::from_utf8_lossy(&request[..40]).into_owned();
        let (status, _, _) = raw(&app, request).await;
        assert!(allowed.contains(&&*status), "{status:?} for {start}");
    }
    for path in ["/preferences", "/you/history", "/you/import"] {
        let body = app.request(Method::POST, path).body("x".repeat(5_000_000));
        assert!((400..500).contains(&app.send(body).await.status), "{path}");
    }
    assert_eq!(app.get("/movies").await.status, 200);
}

#[actix_web::test]
async fn slow_requests_time_out() {
    let app = TestApp::spawn().await;
    let head = b"GET /movies HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    let body = b"POST /preferences HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\
                 Connection: close\r\n\r\nthe";
    let (head, body) = tokio::join!(raw(&app, head.to_vec()), raw(&app, body.to_vec()));
    assert!(head.0 == "408" && head.2 < PATIENCE, "{head:?}");
    assert!(body.0 == "503" && body.2 < PATIENCE, "{body:?}");
    // Nothing but an error is left of it then, and that is guarded and logged like any answer.
    for header in
        ["x-request-id: ", "content-security-policy: ", "cache-control: no-store", "retry-after: 5"]
    {
        assert!(body.1.contains(header), "{header}: {}", body.1);
    }
    let counted = app.get("/metrics").await.html;
    assert!(counted.contains(r#"method="POST",route="none",status="503"} 1"#), "{counted}");
}

/// A statement that waits for a lock stands for a database that is too slow.
#[actix_web::test]
async fn requests_above_the_concurrency_limit_are_refused() {
    let app = TestApp::spawn_with(&["--max-requests=1"]).await;
    app.import(r#"{"title":"Ran","year":1985}"#).await.unwrap();
    let mut lock = connect(&app.database).await;
    execute(&mut lock, "BEGIN").await;
    execute(&mut lock, "LOCK TABLE movies").await;
    let film = app.get("/movies/ran-1985");
    let release = async {
        let start = Instant::now();
        // The page, and the question itself.
        while !app.get("/metrics").await.html.contains("\nmarquee_http_requests_in_work 2\n") {
            assert!(start.elapsed() < PATIENCE);
        }
        let refused = app.get("/robots.txt").await;
        assert_eq!((refused.status, refused.header("retry-after")), (503, "5"));
        assert_eq!(refused.texts("h1"), ["Sorry, the site is unavailable"]);
        for path in ["/static/0/css/site.css", "/healthz", "/metrics"] {
            assert_eq!(app.get(path).await.status, 200, "{path}");
        }
        execute(&mut lock, "ROLLBACK").await;
    };
    let (film, ()) = tokio::join!(film, release);
    assert_eq!(film.status, 200, "what is under way is finished");
    assert_eq!(app.get("/robots.txt").await.status, 200);
}

#[actix_web::test]
async fn rate_limit_bounds_the_sessions_that_a_client_creates() {
    let app = TestApp::spawn_with(&[PROXY, "--rate-limit=3"]).await;
    app.import(r#"{"title":"Ran"}"#).await.unwrap();
    let stranger = async |path: &str, cookie: &str| {
        let request = app.request(Method::GET, path).header("X-Forwarded-For", "203.0.113.7");
        app.send(request.header("Cookie", cookie)).await
    };
    let first = stranger("/movies", "").await;
    let cookie = first.header("set-cookie").split(';').next().unwrap().to_owned();
    for n in 0..9 {
        // As a client does that invents cookies.
        let unknown = format!("sessionid={}", n.to_string().repeat(32));
        for path in ["/movies", "/movies/ran"] {
            let page = stranger(path, &unknown).await;
            assert_eq!((page.status, app.count("sessions").await <= 3), (200, true), "{path}");
        }
    }
    stranger("/movies", &cookie).await;
    assert_eq!(stranger("/movies", &cookie).await.visits(), 2, "a visitor is still remembered");
}
