use expect_test::expect;

use crate::support::TestApp;

const FILMS: &str = r#"
{"title":"Ran","year":1985,"directors":["Akira Kurosawa"]}
{"title":"Rashomon","year":1950,"directors":["Akira Kurosawa"]}
{"title":"Cléo from 5 to 7","year":1962,"directors":["Agnès Varda"]}
{"title":"Ivan","year":1932,"directors":["Олександр Довженко"]}
{"director":"Akira Kurosawa","sort_name":"Kurosawa, Akira","born":1910,"died":1998,"country":"Japan","biography":"A painter first.","source":"A book","licence":"CC0"}
"#;

#[actix_web::test]
async fn directors_are_sorted_by_family_name_with_film_counts() {
    let app = TestApp::with_films(FILMS).await;

    let page = app.get("/directors").await;

    assert_eq!(
        page.texts(".people [data-director]"),
        [
            "Akira Kurosawa 1910–1998, Japan · 2 films",
            "Agnès Varda 1 film",
            "Олександр Довженко 1 film",
        ]
    );
    assert_eq!(page.texts(".initials a"), ["All", "K", "V", "Д"]);
    assert_eq!(page.texts(".people h2"), ["K", "V", "Д"]);
    let by_films = app.get("/directors?sort=films").await;
    assert_eq!(by_films.texts(".people h2"), [""; 0]);
}

#[actix_web::test]
async fn initial_filters_names() {
    let app = TestApp::with_films(FILMS).await;
    let page = app.get("/directors?letter=K").await;
    assert_eq!(page.attributes("[data-director]", "data-director"), ["akira-kurosawa"]);
    assert_eq!(page.texts("[aria-current=true]"), ["K"]);
    let page = app.get("/directors?letter=%D0%94").await;
    assert_eq!(page.attributes("[data-director]", "data-director").len(), 1);
    for nonsense in ["letter=%25", "letter=zz", "letter="] {
        assert_eq!(
            app.get(&format!("/directors?{nonsense}")).await.texts(".people [data-director]").len(),
            3
        );
    }
}

#[actix_web::test]
async fn directors_can_be_sorted_by_film_count_and_paged() {
    let app = TestApp::with_films(FILMS).await;
    let slugs =
        |page: crate::support::Response| page.attributes("[data-director]", "data-director");
    assert_eq!(slugs(app.get("/directors?sort=films").await)[0], "akira-kurosawa");
    let names: String = (0..30).map(|n| format!("{{\"director\":\"Ann Other{n}\"}}\n")).collect();
    app.import(&names).await.unwrap();
    let page = app.get("/directors?letter=o&sort=films&per=12&page=2").await;
    assert_eq!(page.texts(".list-head__count"), ["30 directors, page 2 of 3"]);
    assert_eq!(
        page.attributes("[rel=next]", "href")[0],
        "/directors?letter=o&sort=films&per=12&page=3"
    );
    assert_eq!(page.attributes(".initials a", "href")[1], "/directors?sort=films&per=12&letter=k");
    assert_eq!(slugs(page).len(), 12);
}

#[actix_web::test]
async fn director_page_shows_dates_biography_and_films() {
    let app = TestApp::with_films(FILMS).await;

    let page = app.get("/directors/akira-kurosawa").await;

    expect![[r#"
        [Directors](/directors)
        # Akira Kurosawa
        1910–1998, Japan
        A painter first.
        Biography: A book (CC0)
        ## Career
        ### By decade
        [1950s 1 film](/movies?decade=1950s&director=akira-kurosawa)
        [1980s 1 film](/movies?decade=1980s&director=akira-kurosawa)
        [Rashomon](/movies/rashomon-1950)
        [Ran](/movies/ran-1985)
        ## 2 films
        ### Ran 1985
        [Ran 1985](/movies/ran-1985)
        Akira Kurosawa
        [Akira Kurosawa](/directors/akira-kurosawa)
        <button Watchlist>
        <button Seen>
        [](/movies/ran-1985#rating)
        ### Rashomon 1950
        [Rashomon 1950](/movies/rashomon-1950)
        Akira Kurosawa
        [Akira Kurosawa](/directors/akira-kurosawa)
        <button Watchlist>
        <button Seen>
        [](/movies/rashomon-1950#rating)"#]]
    .assert_eq(&page.outline());
    assert_eq!(app.get("/directors/nobody").await.status, 404);
}

#[actix_web::test]
async fn career_is_shown_as_drawing_and_table() {
    let app = TestApp::with_films(
        r#"{"title":"On the Town","year":1949,"directors":["Stanley Donen","Gene Kelly"]}
           {"title":"Singin' in the Rain","year":1952,"directors":["Gene Kelly","Stanley Donen"]}
           {"title":"Charade","year":1963,"directors":["Stanley Donen"]}
           {"title":"Undated","directors":["Stanley Donen"]}"#,
    )
    .await;

    let page = app.get("/directors/stanley-donen").await;

    assert_eq!(page.texts(".career figcaption"), ["3 films, 1949–1963"]);
    assert_eq!(page.attributes(".timeline rect", "x").len(), 3);
    assert_eq!(
        page.texts(".career tbody tr"),
        [
            "Undated",
            "1949On the TownGene Kelly",
            "1952Singin' in the RainGene Kelly",
            "1963Charade",
        ]
    );
    assert_eq!(page.texts(".career .chips a"), ["1940s 1 film", "1950s 1 film", "1960s 1 film"]);
    for href in page.attributes(".career .chips a", "href") {
        assert_eq!(app.get(&href).await.films().len(), 1, "{href}");
    }
    let other = app.get("/directors/gene-kelly").await;
    assert_eq!(other.films(), ["singin-in-the-rain-1952", "on-the-town-1949"]);
}

#[actix_web::test]
async fn career_needs_several_films() {
    let app =
        TestApp::with_films(r#"{"title":"Ran","year":1985,"directors":["A. Kurosawa"]}"#).await;
    let page = app.get("/directors/a-kurosawa").await;
    assert_eq!((page.texts(".career").len(), page.films().len()), (0, 1));
}
