//! Responses that are the same for every visitor: validators, compression, and size of a first visit.

use std::io::Read;

use reqwest::Method;

use crate::support::TestApp;

const FILMS: &str =
    r#"{"title":"Laura","year":1944,"directors":["Otto Preminger"],"tags":["noir"]}"#;

/// The body as it is sent to a browser that reads this encoding, and the response's own.
async fn fetch(app: &TestApp, path: &str, encoding: &str) -> (Vec<u8>, String) {
    let request = app.request(Method::GET, path).header("accept-encoding", encoding);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let own = response.headers().get("content-encoding");
    let own = own.map_or("", |value| value.to_str().unwrap()).to_owned();
    (response.bytes().await.unwrap().to_vec(), own)
}

#[actix_web::test]
async fn public_files_are_revalidated_with_etags() {
    let app = TestApp::with_films(FILMS).await;
    let style = app.get("/").await.attributes("[rel=stylesheet]", "href").remove(0);
    for path in [
        &style,
        "/favicon.ico",
        "/art/laura-1944.svg",
        "/art/laura-1944.png",
        "/movies.atom",
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap-pages.xml",
        "/search/suggestions?q=laura",
    ] {
        let first = app.get(path).await;
        let tag = first.header("etag");
        assert!(first.status == 200 && !tag.is_empty(), "{path}: {}", first.status);
        let ask = app.request(Method::GET, path).header("if-none-match", tag);
        let again = app.send(ask).await;
        assert_eq!((again.status, again.html.as_str(), again.header("etag")), (304, "", tag));
        assert_eq!(again.header("cache-control"), first.header("cache-control"), "{path}");
        let other = app.request(Method::GET, path).header("if-none-match", "\"other\"");
        assert_eq!(app.send(other).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn files_use_the_best_accepted_compression() {
    let app = TestApp::spawn().await;
    let style = app.get("/").await.attributes("[rel=stylesheet]", "href").remove(0);

    let (plain, own) = fetch(&app, &style, "identity").await;
    assert_eq!(own, "");
    let (gzip, own) = fetch(&app, &style, "gzip, deflate").await;
    assert_eq!(own, "gzip");
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&*gzip).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
    let (brotli, own) = fetch(&app, &style, "gzip, deflate, br, zstd").await;
    assert_eq!(own, "br");
    let mut unpacked = Vec::new();
    brotli::Decompressor::new(&*brotli, 4096).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
    assert!(brotli.len() < gzip.len() && gzip.len() < plain.len() / 3);
    for (encoding, own) in [("br;q=0, gzip", "gzip"), ("br;q=0.1, gzip;q=0", "br"), ("x", "")] {
        assert_eq!(fetch(&app, &style, encoding).await.1, own, "{encoding}");
    }
}

/// The page that a browser of its own sees, plain or compressed, without the number of visits.
async fn read(app: &TestApp, path: &str, encoding: &str) -> String {
    let (body, own) = fetch(app, path, encoding).await;
    let mut text = String::new();
    match own.as_str() {
        "gzip" => flate2::read::GzDecoder::new(&*body).read_to_string(&mut text).unwrap(),
        _ => (&*body).read_to_string(&mut text).unwrap(),
    };
    text
}

#[actix_web::test]
async fn compressed_pages_equal_plain_ones() {
    let app = TestApp::with_films(FILMS).await;
    for path in ["/", "/movies", "/movies/laura-1944", "/directors/otto-preminger", "/tags"] {
        // From memory the second time, and for a stranger as for the visitor below.
        for _ in 0..2 {
            let plain = read(&app.other_visitor(), path, "identity").await;
            assert_eq!(read(&app.other_visitor(), path, "gzip, br").await, plain, "{path}");
        }
    }
    app.post("/preferences", &[("theme", "dark"), ("history", "off")]).await;
    app.get("/movies").await;
    let list = read(&app, "/movies", "gzip").await;
    assert!(list.contains("data-theme=\"dark\""));
    assert!(list.contains("id=\"num-visits\" value=\"1\""));
    app.post("/movies/laura-1944/watchlist", &[("pressed", "false")]).await;
    for path in ["/", "/movies/laura-1944", "/tags"] {
        let plain = read(&app, path, "identity").await;
        assert_eq!(read(&app, path, "gzip").await, plain, "{path}");
    }
    let list = read(&app, "/movies", "gzip").await;
    assert!(list.contains("aria-pressed=\"true\""));
    assert!(!read(&app.other_visitor(), "/movies", "gzip").await.contains("aria-pressed=\"true\""));
}

#[actix_web::test]
async fn first_visit_downloads_little() {
    let app = TestApp::with_demo().await;
    for path in ["/", "/movies", "/movies?per=24&view=table", "/movies/tags/drama", "/directors"] {
        let page = app.get(path).await;
        let mut files = page.attributes("link[rel=stylesheet]", "href");
        files.extend(page.attributes("script[src]", "src"));
        let mut weight = 0;
        for file in &files {
            weight += fetch(&app, file, "br").await.0.len();
        }
        let requests = 1 + files.len() + page.attributes("img[src], link[rel=icon]", "rel").len();
        assert!(requests <= 6, "{path}: {requests} requests");
        assert!(weight < 20_000, "{path}: {weight} bytes of files");
        let (html, own) = fetch(&app, path, "gzip, br").await;
        assert_eq!(own, "gzip");
        assert!(html.len() < 30_000, "{path}: {} bytes", html.len());
    }
}
