use crate::support::TestApp;

const FILMS: &str = r#"
{"title":"Vertigo","year":1958,"directors":["Alfred Hitchcock"],"cast":[{"name":"James Stewart","character":"Scottie"},"Kim Novak"]}
{"title":"Bell, Book and Candle","year":1958,"directors":["Richard Quine"],"cast":["James Stewart","Kim Novak"]}
{"title":"Rope","year":1948,"directors":["Alfred Hitchcock"],"cast":["James Stewart"]}
{"title":"One-Eyed Jacks","year":1961,"directors":["Marlon Brando"],"cast":["Marlon Brando"]}
{"title":"On the Waterfront","year":1954,"directors":["Elia Kazan"],"cast":[{"name":"Marlon Brando","imdb":"nm0000008"}]}
{"title":"Home","year":1999,"cast":[{"name":"Ann Other","imdb":"nm1"},"Ann Other",{"name":"Ann Other","imdb":"nm2"}]}
"#;

#[actix_web::test]
async fn actor_has_a_page_with_career_characters_and_films() {
    let app = TestApp::with_films(FILMS).await;

    let page = app.get("/actors/james-stewart").await;

    assert_eq!(page.texts("h1"), ["James Stewart"]);
    assert_eq!(page.texts(".career figcaption"), ["3 films, 1948–1958"]);
    assert_eq!(
        page.texts(".career tbody tr"),
        [
            "1948RopeAlfred Hitchcock",
            "1958VertigoScottieAlfred Hitchcock",
            "1958Bell, Book and CandleRichard Quine",
        ]
    );
    assert_eq!(
        page.attributes(".career .chips a", "href"),
        ["/movies?decade=1940s&actor=james-stewart", "/movies?decade=1950s&actor=james-stewart"]
    );
    for href in page.attributes(".career .chips a", "href") {
        assert!(!app.get(&href).await.films().is_empty(), "{href}");
    }
    assert_eq!(page.films().len(), 3);
    assert_eq!(app.get("/actors/nobody").await.status, 404);
}

#[actix_web::test]
async fn actor_page_names_the_actors_of_common_films() {
    let more = r#"{"title":"A","cast":["James Stewart","Kim Novak"]}"#;
    let app = TestApp::with_films(&format!("{FILMS}{more}")).await;
    let page = app.get("/actors/james-stewart").await;
    assert_eq!(page.texts("section h2").last().unwrap(), "Often appears with");
    assert_eq!(page.attributes(".shelf.no-print .chips a", "href"), ["/actors/kim-novak"]);
}

#[actix_web::test]
async fn person_with_both_roles_has_one_page() {
    let app = TestApp::with_films(FILMS).await;
    let moved = app.get("/actors/marlon-brando").await;
    assert_eq!((moved.status, moved.header("location")), (301, "/directors/marlon-brando"));
    let moved = app.get("/directors/james-stewart").await;
    assert_eq!((moved.status, moved.header("location")), (301, "/actors/james-stewart"));
    let page = app.get("/directors/marlon-brando").await;
    assert_eq!(page.texts(".shelf:not(.career) > h2"), ["1 film as director", "2 films as actor"]);
    let film = app.get("/movies/on-the-waterfront-1954").await;
    assert_eq!(film.attributes(".film__cast a", "href"), ["/directors/marlon-brando"]);
}

#[actix_web::test]
async fn film_page_links_its_cast_and_names_characters() {
    let app = TestApp::with_films(FILMS).await;
    let film = app.get("/movies/vertigo-1958").await;
    assert_eq!(film.texts(".film__cast"), ["With James Stewart as Scottie, Kim Novak"]);
    assert_eq!(
        film.attributes(".film__cast a", "href"),
        ["/actors/james-stewart", "/actors/kim-novak"]
    );
}

#[actix_web::test]
async fn people_of_one_name_with_different_identifiers_stay_apart() {
    let app = TestApp::with_films(FILMS).await;
    let film = app.get("/movies/home-1999").await;
    // The name alone is that of the oldest.
    assert_eq!(
        film.attributes(".film__cast a", "href"),
        ["/actors/ann-other", "/actors/ann-other-2"]
    );
}

#[actix_web::test]
async fn actors_are_listed_by_initial_name_and_number_of_films() {
    let app = TestApp::with_films(FILMS).await;
    let slugs = |page: &crate::support::Response| page.attributes("[data-actor]", "data-actor");
    let page = app.get("/actors").await;
    assert_eq!(
        slugs(&page),
        ["marlon-brando", "kim-novak", "ann-other", "ann-other-2", "james-stewart"]
    );
    assert_eq!(page.texts(".initials a"), ["All", "B", "N", "O", "S"]);
    assert_eq!(page.texts(".list-head__count"), ["5 actors"]);
    assert_eq!(slugs(&app.get("/actors?letter=n").await), ["kim-novak"]);
    assert_eq!(slugs(&app.get("/actors?sort=films").await)[0], "james-stewart");
    assert_eq!(slugs(&app.get("/actors?name=stew").await), ["james-stewart"]);
    assert_eq!(slugs(&app.get("/actors?name=hitchcock").await), [""; 0]);
    let directors = app.get("/directors?name=brando").await;
    assert_eq!(directors.attributes("[data-director]", "data-director"), ["marlon-brando"]);
}

#[actix_web::test]
async fn lists_are_filtered_by_actors() {
    let app = TestApp::with_films(FILMS).await;
    let page = app.get("/movies?actor=james-stewart&actor=marlon-brando").await;
    assert_eq!(page.films().len(), 5);
    let page = app.get("/movies?director=alfred-hitchcock&actor=kim-novak").await;
    assert_eq!(page.films(), ["vertigo-1958"]);
    let page = app.get("/movies?actor=-james-stewart").await;
    assert_eq!(page.films().len(), 3);
}
