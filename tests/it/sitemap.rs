use reqwest::Method;
use scraper::{Html, Selector};

use crate::support::{Response, TestApp};

/// The addresses in a site map, or in a map of maps.
fn locations(map: &Response) -> Vec<String> {
    assert_eq!((map.status, map.header("content-type")), (200, "application/xml; charset=utf-8"));
    assert!(map.html.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    let document = Html::parse_fragment(&map.html);
    let locations = Selector::parse("loc").unwrap();
    document.select(&locations).map(|location| location.text().collect()).collect()
}

#[actix_web::test]
async fn sitemap_lists_every_page_once() {
    let app = TestApp::with_films(
        r#"{"title":"七人の侍","year":1954,"directors":["Akira Kurosawa"],"tags":["samurai"]}
           {"title":"Ran","year":1985,"directors":["Akira Kurosawa"],"tags":["samurai","war"],"cast":["Akira Kurosawa","Tatsuya Nakadai"]}"#,
    )
    .await;
    app.execute("INSERT INTO tags (slug, name) VALUES ('unused', 'Unused')").await;

    let mut pages = Vec::new();
    for map in locations(&app.get("/sitemap.xml").await) {
        let path = map.strip_prefix(&app.address).unwrap();
        pages.extend(locations(&app.get(path).await));
    }

    let mut paths: Vec<&str> =
        pages.iter().map(|page| page.strip_prefix(&app.address).unwrap()).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "/",
            "/about",
            "/actors",
            "/actors/tatsuya-nakadai",
            "/directors",
            "/directors/akira-kurosawa",
            "/movies",
            "/movies/%E4%B8%83%E4%BA%BA%E3%81%AE%E4%BE%8D-1954",
            "/movies/ran-1985",
            "/movies/tags/samurai",
            "/movies/tags/war",
            "/tags",
        ]
    );
    for path in paths {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn sitemap_holds_at_most_50_000_films() {
    let app = TestApp::spawn().await;
    app.execute(
        "INSERT INTO movies (slug, title, sort_title)
         SELECT 'film-' || n, 'Film ' || n, 'film ' || n
         FROM generate_series(1, 100001) n",
    )
    .await;

    let maps = locations(&app.get("/sitemap.xml").await);

    let mut films = Vec::new();
    for map in maps.iter().filter(|map| map.contains("movies")) {
        let part = locations(&app.get(map.strip_prefix(&app.address).unwrap()).await);
        assert!((1..=50_000).contains(&part.len()), "{map}: {}", part.len());
        films.extend(part);
    }
    assert_eq!(maps.len(), 4);
    films.sort_unstable();
    films.dedup();
    assert_eq!(films.len(), 100_001);
}

#[actix_web::test]
async fn unknown_sitemap_is_not_found() {
    let app = TestApp::with_many_films(1).await;
    for part in ["movies-1", "movies--1", "movies-999999999999", "films-0", "movies-", "-", "x"] {
        assert_eq!(app.get(&format!("/sitemap-{part}.xml")).await.status, 404, "{part}");
    }
}

#[actix_web::test]
async fn robots_txt_is_exact() {
    let app = TestApp::spawn_with(&["--public-url=https://films.example/"]).await;

    let robots = app.get("/robots.txt").await;

    assert_eq!(robots.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(
        robots.html,
        "User-agent: *\nDisallow: /admin\nDisallow: /preferences\nDisallow: /search\n\
         Disallow: /watchlist\nDisallow: /seen\nDisallow: /you\nDisallow: /movies/*?\n\n\
         Sitemap: https://films.example/sitemap.xml\n"
    );
    assert!(locations(&app.get("/sitemap.xml").await)[0].starts_with("https://films.example/"));
}

#[actix_web::test]
async fn machine_files_use_no_session() {
    let app = TestApp::with_many_films(1).await;
    app.get("/movies").await;
    let sessions = app.count("sessions").await;
    for path in ["/robots.txt", "/sitemap.xml", "/sitemap-pages.xml", "/sitemap-movies-0.xml"] {
        for app in [&app, &app.other_visitor()] {
            let file = app.send(app.request(Method::GET, path)).await;
            assert_eq!(file.status, 200, "{path}");
            assert_eq!(file.header("set-cookie"), "", "{path}");
            assert!(!file.header("vary").to_lowercase().contains("cookie"), "{path}");
            assert_eq!(file.header("cache-control"), "public, max-age=3600");
        }
    }
    assert_eq!(app.count("sessions").await, sessions);
}

#[actix_web::test]
async fn forged_host_is_not_echoed() {
    let app = TestApp::spawn().await;
    for (header, value) in [("host", "a\"><b"), ("x-forwarded-host", "evil.example")] {
        let map = app.send(app.request(Method::GET, "/sitemap.xml").header(header, value)).await;
        assert!(!map.html.contains("evil") && !map.html.contains("\"><b"), "{header}");
    }
}
