//! Pages kept in memory: what everybody gets from them, and when they are made anew.

use futures_util::future::join_all;
use reqwest::Method;
use reqwest::header::HOST;

use crate::support::TestApp;

const TWO: &str = "{\"title\":\"Ran\",\"year\":1985,\"directors\":[\"Akira Kurosawa\"],\
    \"tags\":[\"drama\"]}\n{\"title\":\"Ikiru\",\"year\":1952,\"directors\":[\"Akira Kurosawa\"]}";

const PATHS: [&str; 8] = [
    "/",
    "/movies",
    "/movies/tags/drama",
    "/movies/ran-1985",
    "/directors",
    "/directors/akira-kurosawa",
    "/tags",
    "/about",
];

#[actix_web::test]
async fn kept_pages_follow_changes_by_other_processes() {
    let app = TestApp::with_films(TWO).await;
    for path in PATHS.iter().chain(&["/search?q=ran"]) {
        assert!(!app.get(path).await.html.contains("Rashomon"), "{path}");
    }

    app.import(
        "{\"title\":\"Rashomon\",\"year\":1950,\"directors\":[\"Akira Kurosawa\"],\
         \"tags\":[\"drama\"]}",
    )
    .await
    .unwrap();
    for path in ["/", "/movies", "/movies/tags/drama", "/directors/akira-kurosawa"] {
        assert!(app.get(path).await.html.contains("Rashomon"), "{path}");
    }

    app.execute("UPDATE movies SET title = 'Chaos' WHERE slug = 'ran-1985'").await;
    for path in ["/", "/movies", "/movies/ran-1985", "/directors/akira-kurosawa"] {
        let html = app.get(path).await.html;
        assert!(html.contains("Chaos") && !html.contains(">Ran<"), "{path}");
    }
    app.execute("DELETE FROM movies WHERE slug = 'ran-1985'").await;
    assert_eq!(app.get("/movies/ran-1985").await.status, 404);
}

#[actix_web::test]
async fn kept_pages_show_nothing_of_other_visitors() {
    let app = TestApp::with_films(TWO).await;
    app.post("/preferences", &[("theme", "dark"), ("per_page", "6"), ("sort", "title")]).await;
    app.post("/movies/ran-1985/watchlist", &[]).await;
    app.post("/movies/ran-1985/seen", &[]).await;
    app.post("/movies/ran-1985/rating", &[("stars", "5")]).await;
    app.get("/movies/ikiru-1952").await;
    let stranger = app.other_visitor();
    for path in PATHS {
        let before = stranger.other_visitor().get(path).await.html;
        let own = app.get(path).await.html;
        let after = stranger.other_visitor().get(path).await.html;
        assert!(own.contains("data-theme=\"dark\""), "{path}");
        assert!(after == before && after != own, "{path}");
    }
}

#[actix_web::test]
async fn kept_pages_name_the_requested_host() {
    let app = TestApp::with_films(TWO).await;
    for host in ["films.example", "cinema.example"] {
        let page = app.send(app.request(Method::GET, "/movies/ran-1985").header(HOST, host)).await;
        assert!(page.html.contains(&format!("http://{host}/movies/ran-1985")), "{host}");
    }
}

#[actix_web::test]
async fn concurrent_visitors_all_get_the_page() {
    let app = TestApp::with_films(TWO).await;
    let visitors: Vec<TestApp> = (0..40).map(|_| app.other_visitor()).collect();
    let pages = join_all(visitors.iter().map(|visitor| visitor.get("/movies"))).await;
    assert!(
        pages.iter().all(|page| page.films() == ["ran-1985", "ikiru-1952"] && page.visits() == 0)
    );
}
