use crate::support::{Response, TestApp};

/// 30 films by one director; films 1, 2 and 3 are seen, and films seen are hidden.
async fn hiding() -> TestApp {
    let app = TestApp::with_many_films(30).await;
    for n in 1..=3 {
        app.post(&format!("/movies/film-{n}-{}/seen", 1900 + n), &[]).await;
    }
    app.post("/preferences", &[("seen_films", "hide")]).await;
    app
}

fn total(page: &Response) -> String {
    page.attributes("[data-total]", "data-total").concat()
}

fn has(page: &Response, film: &str) -> bool {
    page.films().iter().any(|slug| slug == film)
}

#[actix_web::test]
async fn seen_films_are_hidden_from_lists_and_counts() {
    let app = hiding().await;
    for path in ["/movies?per=96", "/movies/tags/drama?per=96", "/directors/ann-other"] {
        let page = app.get(path).await;
        assert_eq!((page.status, page.films().len()), (200, 27), "{path}");
        assert!(!has(&page, "film-1-1901"), "{path}");
        assert_eq!(
            page.texts(".hidden-films"),
            ["3 films you’ve seen are hidden. Show them"],
            "{path}"
        );
        let shown = app.get(&page.attributes(".hidden-films a", "href")[0]).await;
        assert_eq!(shown.films().len(), 30, "{path}");
        assert!(has(&shown, "film-1-1901"), "{path}");
        let hidden = app.get(&shown.attributes(".hidden-films a", "href")[0]).await;
        assert_eq!(hidden.films(), page.films(), "{path}");
    }
    assert_eq!(total(&app.get("/movies").await), "27");
    assert!(app.get("/directors/ann-other").await.texts("h2").contains(&"27 films".to_owned()));
    assert_eq!(app.get("/movies?per=24&page=3").await.status, 404);
    assert!(!has(&app.get("/").await, "film-1-1901"));
}

#[actix_web::test]
async fn seen_films_are_hidden_from_related_films_and_facets() {
    let app = hiding().await;
    let seen = ["film-1-1901", "film-2-1902", "film-3-1903"];
    for (visitor, hidden, decade) in
        [(&app, true, "1900s 6 films"), (&app.other_visitor(), false, "1900s 9 films")]
    {
        let film = visitor.get("/movies/film-9-1909").await;
        let related = film.attributes("[id^=related-] [data-movie]", "data-movie");
        assert_eq!(related.len(), 6);
        assert!(seen.iter().all(|film| related.contains(&(*film).to_owned()) != hidden));
        let offers = visitor.get("/movies").await.texts(".offers li");
        assert!(offers.iter().any(|offer| offer.starts_with(decade)), "{offers:?}");
    }
}

#[actix_web::test]
async fn search_finds_hidden_films() {
    let app = hiding().await;
    assert!(has(&app.get("/search?q=film+1+1901").await, "film-1-1901"));
    assert_eq!(app.get("/movies/film-1-1901").await.status, 200);
    assert_eq!(app.get("/seen").await.films().len(), 3);
}

#[actix_web::test]
async fn hiding_affects_one_visitor_and_can_be_undone() {
    let app = hiding().await;
    let page = app.other_visitor().get("/movies").await;
    assert_eq!((total(&page).as_str(), page.texts(".hidden-films")), ("30", vec![]));
    app.post("/movies/film-1-1901/seen", &[("pressed", "true")]).await;
    let page = app.get("/movies?per=96").await;
    assert!(has(&page, "film-1-1901"));
    assert_eq!(page.texts(".hidden-films"), ["2 films you’ve seen are hidden. Show them"]);
    app.post("/preferences", &[("seen_films", "show")]).await;
    assert_eq!(total(&app.get("/movies").await), "30");
}
