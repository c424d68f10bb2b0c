use crate::support::TestApp;

#[actix_web::test]
async fn front_page_links_into_the_catalogue() {
    let app = TestApp::with_films(
        r#"{"title":"Ran","year":1985,"directors":["Akira Kurosawa"],"tags":["drama"],"synopsis":"An old lord divides his land."}
           {"director":"Akira Kurosawa","biography":"A painter first."}"#,
    )
    .await;

    let page = app.get("/").await;

    assert_eq!(page.texts(".front .lead"), ["1 film, 1 director, 1 tag"]);
    assert_eq!(page.texts(".feature h2"), ["Ran"]);
    assert_eq!(page.films(), ["ran-1985", "ran-1985"]);
    assert!(page.texts("h2").contains(&"Akira Kurosawa".to_owned()));
}

#[actix_web::test]
async fn empty_catalogue_says_so() {
    let app = TestApp::spawn().await;
    for path in ["/", "/movies", "/directors", "/tags", "/about", "/search?q=x"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    assert_eq!(app.get("/movies").await.texts("main .lead"), ["There are no films yet."]);
}

#[actix_web::test]
async fn text_sources_are_listed_with_licences() {
    let app = TestApp::with_films(
        r#"{"title":"A","plot":"P.","wikipedia":"https://en.wikipedia.org/wiki/A"}
           {"title":"B","plot":"P.","wikipedia":"https://en.wikipedia.org/wiki/B"}
           {"title":"C","synopsis":"S."}"#,
    )
    .await;

    let page = app.get("/about").await;

    assert_eq!(page.texts("tbody tr"), ["Wikipedia CC BY-SA 4.0 2 0", "the test CC0 1 0"]);
    let film = app.get("/movies/a").await;
    assert_eq!(film.texts(".source"), ["Synopsis: Wikipedia (CC BY-SA 4.0)"]);
    assert_eq!(
        film.attributes(".source a", "href"),
        ["https://en.wikipedia.org/wiki/A", "https://creativecommons.org/licenses/by-sa/4.0/"]
    );

    app.execute("DELETE FROM movies WHERE slug = 'c'").await;
    assert_eq!(app.get("/about").await.texts("tbody tr"), ["Wikipedia CC BY-SA 4.0 2 0"]);
}

#[actix_web::test]
async fn monitoring_and_files_touch_no_session() {
    let app = TestApp::spawn().await;
    let style = app.get("/").await.attributes("[rel=stylesheet]", "href");
    for path in ["/healthz", "/readyz", "/favicon.ico", &style[0], &style[1]] {
        let response = app.get(path).await;
        assert_eq!(response.status, 200, "{path}");
        assert!(!response.header("vary").contains("Cookie"), "{path}");
        assert_eq!(response.header("set-cookie"), "", "{path}");
    }
    let file = app.get(&style[0]).await;
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    let old = app.get("/static/00000000/css/site.css").await;
    assert_eq!(old.header("cache-control"), "public, max-age=3600");
    assert_eq!(app.get("/static/00000000/nope.css").await.status, 404);
    assert_eq!(app.get("/static/00000000/../../Cargo.toml").await.status, 404);
}

#[actix_web::test]
async fn newest_films_are_sorted_by_release_date_and_then_by_date_added() {
    let app = TestApp::with_films(
        r#"{"title":"A","year":2001,"released":"2001-02-01"}
           {"title":"B","year":2001}
           {"title":"C","year":2001,"released":"2001-11-01"}
           {"title":"D","year":2000,"released":"2000-12-31"}"#,
    )
    .await;
    app.import(r#"{"title":"E","year":2001}"#).await.unwrap();

    let newest = app.get("/").await.attributes("[id^=newest-] [data-movie]", "data-movie");

    assert_eq!(newest, ["c-2001", "a-2001", "e-2001", "b-2001", "d-2000"]);
}
