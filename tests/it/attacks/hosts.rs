//! The host of a request, and the origin of a form.

use reqwest::Method;

use super::{raw, status};
use crate::support::TestApp;

#[actix_web::test]
async fn target_and_host_header_must_agree() {
    let app = TestApp::spawn_with(&["--allowed-hosts=films.example"]).await;
    for (target, hosts, expected) in [
        ("/movies.atom", "Host: films.example\r\n", "200"),
        ("http://films.example/movies.atom", "Host: films.example\r\n", "200"),
        ("http://films.example/movies.atom", "Host: FILMS.example\r\n", "200"),
        ("http://films.example/movies.atom", "Host: evil.example\r\n", "400"),
        ("http://evil.example/movies.atom", "Host: films.example\r\n", "400"),
        ("http://films.example:81/movies.atom", "Host: films.example\r\n", "400"),
        ("/movies.atom", "Host: films.example\r\nHost: evil.example\r\n", "400"),
        ("/movies.atom", "Host: evil.example\r\nHost: films.example\r\n", "400"),
        ("/movies.atom", "", "400"),
    ] {
        for path in ["/movies.atom", "/sitemap.xml", "/robots.txt", "/"] {
            let target = target.replace("/movies.atom", path);
            let request = format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
            let response = raw(&app, request).await;
            assert_eq!(status(&response), expected, "{target} {hosts}");
            assert!(!response.contains("evil.example"), "{target} {hosts}");
        }
    }
}

#[actix_web::test]
async fn allowed_hosts_must_be_valid() {
    for (allowed, hosts) in [
        (
            "--allowed-hosts=.sub.example",
            &[
                "evil.example/x.sub.example",
                "evil@a.sub.example",
                "a.sub.example:x",
                "a.sub.example:99999",
                "a.sub.example:",
                "a\\.sub.example",
                "a,b.sub.example",
                "evil.example#.sub.example",
            ][..],
        ),
        ("--allowed-hosts=*", &["a\"b", "a<b", "a b", "@", "a:b:1"]),
        ("--allowed-hosts=", &["a\"><b", "evil.example/"]),
    ] {
        let app = TestApp::spawn_with(&[allowed]).await;
        for host in hosts {
            let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            assert_eq!(status(&raw(&app, request).await), "400", "{allowed} {host}");
        }
        let request = "GET / HTTP/1.1\r\nHost: a.sub.example:8080\r\nConnection: close\r\n\r\n";
        assert_eq!(status(&raw(&app, request).await), "200", "{allowed}");
    }
}

#[actix_web::test]
async fn origin_and_referer_are_checked_without_fetch_metadata() {
    let app = TestApp::spawn().await;
    let own = app.address.clone();
    let https = own.replace("http://", "https://");
    let page = format!("{own}/preferences");
    let foreign = format!("https://evil.example/?{own}/");
    let longer = format!("{own}.evil.example/");
    for (headers, expected) in [
        (&[][..], 303),
        (&[("Origin", own.as_str())], 303),
        (&[("Referer", page.as_str())], 303),
        (&[("Origin", https.as_str())], 403),
        (&[("Referer", https.as_str())], 403),
        (&[("Referer", foreign.as_str())], 403),
        (&[("Referer", longer.as_str())], 403),
        (&[("Referer", "https://evil.example/")], 403),
        (&[("Referer", "evil")], 403),
        (&[("Origin", "null"), ("Referer", page.as_str())], 403),
        (&[("Origin", own.as_str()), ("Referer", foreign.as_str())], 303),
    ] {
        let request = app.request(Method::POST, "/preferences").form(&[("theme", "dark")]);
        let add = |request: reqwest::RequestBuilder, (name, value): &(&str, &str)| {
            request.header(*name, *value)
        };
        let response = app.send(headers.iter().fold(request, add)).await;
        assert_eq!(response.status, expected, "{headers:?}");
    }
}

#[actix_web::test]
async fn form_origin_scheme_must_match_the_site() {
    let proxied = "--trusted-proxies=127.0.0.1";
    for (flag, proto, origin, expected) in [
        ("--public-url=https://films.example", "", "https://films.example", 303),
        ("--public-url=https://films.example", "", "http://films.example", 403),
        (proxied, "https", "https://films.example", 303),
        (proxied, "https", "http://films.example", 403),
        (proxied, "http", "https://films.example", 403),
    ] {
        let app = TestApp::spawn_with(&[flag]).await;
        let request = app.request(Method::POST, "/preferences").form(&[("theme", "dark")]);
        let request = request.header("Host", "films.example").header("Origin", origin);
        let request =
            if proto.is_empty() { request } else { request.header("X-Forwarded-Proto", proto) };
        assert_eq!(app.send(request).await.status, expected, "{flag} {proto} {origin}");
    }
}
