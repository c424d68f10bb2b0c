//! The headers and refusals that protect visitors.

use form_urlencoded::Serializer;
use reqwest::Method;

use crate::support::TestApp;

#[actix_web::test]
async fn responses_carry_security_headers() {
    let app = TestApp::spawn_with(&["--session-cookie-secure=true"]).await;
    for (path, status) in [
        ("/", 200),
        ("/movies", 200),
        ("/nope", 404),
        ("/movies/", 301),
        ("/static/0/css/site.css", 200),
        ("/static/0/nope.css", 404),
        ("/healthz", 200),
        ("/robots.txt", 200),
        ("/directors", 500),
    ] {
        if status == 500 {
            app.execute("DROP TABLE people CASCADE").await;
        }
        let page = app.get(path).await;
        assert_eq!(page.status, status, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
            ("server", ""),
        ] {
            assert_eq!(page.header(name), value, "{path}");
        }
        assert_eq!(page.header("x-request-id").len(), 16, "{path}");
        assert!(page.header("permissions-policy").contains("camera=()"), "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        for banned in ["unsafe", "http:", "https:", "data:", "*"] {
            assert!(!policy.contains(banned), "{path}: {policy}");
        }
    }
}

#[actix_web::test]
async fn hsts_is_sent_only_with_https() {
    let app = TestApp::spawn().await;
    assert_eq!(app.get("/").await.header("strict-transport-security"), "");
    let app = TestApp::spawn_with(&["--public-url=https://films.example"]).await;
    assert_eq!(app.get("/").await.header("strict-transport-security"), "max-age=31536000");
}

#[actix_web::test]
async fn disallowed_host_is_a_400_page() {
    let proxied = "--trusted-proxies=127.0.0.1";
    let app = TestApp::spawn_with(&["--allowed-hosts=films.example,.more.example", proxied]).await;
    let page = app.get("/").await;
    assert_eq!(page.status, 400);
    assert_eq!(page.texts("h1"), ["We couldn’t read that request"]);
    for host in ["films.example", "films.example:8080", "a.more.example"] {
        let request = app.request(Method::GET, "/").header("Host", host);
        assert_eq!(app.send(request).await.status, 200, "{host}");
    }
    for (name, value) in
        [("X-Forwarded-Host", "films.example"), ("Forwarded", "host=films.example")]
    {
        let request = app.request(Method::GET, "/").header(name, value);
        assert_eq!(app.send(request).await.status, 400, "{name}: anybody can send it");
    }
    let request = app.request(Method::GET, "/sitemap.xml").header("Host", "films.example");
    let page = app.send(request.header("X-Forwarded-Host", "evil.example")).await;
    assert!(!page.html.contains("evil.example"), "{}", page.html);
}

#[actix_web::test]
async fn forwarded_proto_counts_only_from_trusted_proxies() {
    for (flag, header, scheme) in [
        ("--trusted-proxies=", ("X-Forwarded-Proto", "https"), "http://"),
        ("--trusted-proxies=10.0.0.0/8", ("X-Forwarded-Proto", "https"), "http://"),
        ("--trusted-proxies=127.0.0.0/8", ("X-Forwarded-Proto", "https"), "https://"),
        ("--trusted-proxies=127.0.0.0/8", ("Forwarded", "for=1.2.3.4;proto=https"), "https://"),
        ("--trusted-proxies=127.0.0.0/8", ("X-Forwarded-Proto", "http"), "http://"),
    ] {
        let app = TestApp::spawn_with(&[flag]).await;
        let request = app.request(Method::GET, "/robots.txt").header("Host", "films.example");
        let robots = app.send(request.header(header.0, header.1)).await.html;
        assert!(robots.contains(&format!("{scheme}films.example/")), "{flag} {header:?}: {robots}");
    }
}

#[actix_web::test]
async fn cross_site_form_is_refused() {
    let app = TestApp::spawn().await;
    let send = async |name: &str, value: &str| {
        let request = app.request(Method::POST, "/preferences").body("theme=dark");
        app.send(request.header(name, value)).await
    };
    assert_eq!(send("Sec-Fetch-Site", "cross-site").await.status, 403);
    assert_eq!(send("Sec-Fetch-Site", "same-site").await.status, 403);
    assert_eq!(send("Origin", "https://evil.example").await.status, 403);
    assert_eq!(send("Origin", "null").await.status, 403);
    assert_eq!(app.count("sessions").await, 0);
    assert_eq!(send("Sec-Fetch-Site", "same-origin").await.status, 303);
    assert_eq!(send("Origin", &app.address).await.status, 303);
    assert_eq!(app.count("sessions").await, 1);
}

/// Every form, every parameter that could name a place, and the `Referer` that names one.
#[actix_web::test]
async fn redirects_stay_on_the_site() {
    let app = TestApp::with_films(r#"{"title":"Ran","year":1985}"#).await;
    for target in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%0d%0aLocation:%20https://evil.example",
        "javascript:alert(1)",
        "https:evil.example",
    ] {
        for path in [
            "/preferences",
            "/movies/ran-1985/watchlist",
            "/movies/ran-1985/seen",
            "/movies/ran-1985/rating",
            "/notices/none/dismiss",
            "/notices/no-account/dismiss",
            "/you/history",
            "/you/erase",
        ] {
            let form = [("next", target), ("at", target), ("theme", "dark"), ("stars", "1")];
            let query = Serializer::new(String::new()).extend_pairs(form).finish();
            let request = app.request(Method::POST, &format!("{path}?{query}")).form(&form);
            let request = request.header("Referer", target).header("Sec-Fetch-Site", "same-origin");
            let page = app.send(request).await;
            let location = page.header("location");
            let expected = if path == "/notices/none/dismiss" { 404 } else { 303 };
            assert_eq!(page.status, expected, "{path} {target}");
            if expected == 404 {
                assert_eq!(location, "", "{path} {target}");
                continue;
            }
            let here = location.starts_with('/') && !location.starts_with("//");
            assert!(here, "{path} {target}: {location}");
            assert!(!location.contains('\\'), "{path} {target}: {location}");
        }
    }
}
