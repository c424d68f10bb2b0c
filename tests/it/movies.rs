mod detail;

use expect_test::expect;
use reqwest::Method;

use crate::support::TestApp;

const TWO_FILMS: &str = r#"
{"title":"Stalker","original_title":"Сталкер","year":1979,"directors":["Andrei Tarkovsky"],"country":["Soviet Union"],"language":["ru"],"runtime":162,"tags":["science fiction","drama"],"synopsis":"A guide leads two men.","wikidata":"Q192159"}
{"title":"The Mirror","year":1975,"directors":["Andrei Tarkovsky"]}
"#;

#[actix_web::test]
async fn list_is_newest_first_with_credits_and_tags() {
    let app = TestApp::with_films(TWO_FILMS).await;

    let page = app.get("/movies").await;

    expect![[r##"
        # All films
        2 films
        [Surprise me](/movies/random)
        <button Filter and sort>
        [Skip to films](#films)
        ## Filter and sort
        <button Close>
        Sort by
        <select sort>
        Per page
        <select per_page>
        View
        <select view>
        <hidden next="/movies">
        <hidden from="0">
        <hidden order="newest">
        <button Apply>
        [Drama 1 film](/movies/tags/drama)
        [exclude Drama, 1 film](/movies?tag=-drama)
        [Science fiction 1 film](/movies/tags/science-fiction)
        [exclude Science fiction, 1 film](/movies?tag=-science-fiction)
        [1970s 2 films](/movies/decades/1970s)
        [Andrei Tarkovsky 2 films](/movies?director=andrei-tarkovsky)
        [Soviet Union 1 film](/movies/countries/soviet-union)
        [Russian 1 film](/movies?language=ru)
        [150 min or more 1 film](/movies?runtime=150-up)
        ## Films
        ### Stalker 1979
        [Stalker 1979](/movies/stalker-1979)
        Andrei Tarkovsky
        [Andrei Tarkovsky](/directors/andrei-tarkovsky)
        Science fiction, Drama
        [Science fiction](/movies/tags/science-fiction)
        [Drama](/movies/tags/drama)
        <button Watchlist>
        <button Seen>
        [](/movies/stalker-1979#rating)
        ### The Mirror 1975
        [The Mirror 1975](/movies/the-mirror-1975)
        Andrei Tarkovsky
        [Andrei Tarkovsky](/directors/andrei-tarkovsky)
        <button Watchlist>
        <button Seen>
        [](/movies/the-mirror-1975#rating)"##]]
    .assert_eq(&page.outline());
    assert_eq!(page.attributes("[data-total]", "data-total"), ["2"]);
    assert_eq!(page.attributes("[data-page-size]", "data-page-size"), ["24"]);
}

#[actix_web::test]
async fn film_page_shows_every_known_fact() {
    let app = TestApp::with_films(TWO_FILMS).await;

    let page = app.get("/movies/stalker-1979").await;

    expect![[r#"
        [Films](/movies)
        [1970s](/movies/decades/1970s)
        # Stalker 1979
        Сталкер
        Directed by Andrei Tarkovsky
        [Andrei Tarkovsky](/directors/andrei-tarkovsky)
        <button Watchlist>
        <button Seen>
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >
        A guide leads two men.
        Synopsis: the test (CC0)
        Running time
        2 h 42 min
        Country
        Soviet Union
        [Soviet Union](/movies/countries/soviet-union)
        Language
        Russian
        [Russian](/movies?language=ru)
        ## Tags
        [Science fiction](/movies/tags/science-fiction)
        [Drama](/movies/tags/drama)
        ## Find it on
        [Wikidata](https://www.wikidata.org/wiki/Q192159)

        1 of 2 All films
        [All films](/movies)
        Next The Mirror
        [Next The Mirror](/movies/the-mirror-1975)
        ## Related films
        ### The Mirror 1975
        [The Mirror 1975](/movies/the-mirror-1975)
        Andrei Tarkovsky
        [Andrei Tarkovsky](/directors/andrei-tarkovsky)
        same director
        <button Watchlist>
        <button Seen>
        [](/movies/the-mirror-1975#rating)"#]]
    .assert_eq(&page.outline());
    assert_eq!(page.attributes("main [lang]", "lang"), ["ru", "ru"]);
}

#[actix_web::test]
async fn film_page_omits_unknown_facts() {
    let app = TestApp::with_films(r#"{"title":"Lost"}"#).await;
    let page = app.get("/movies/lost").await;
    expect![[r#"
        [Films](/movies)
        # Lost
        <button Watchlist>
        <button Seen>
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >
        <button >

        1 of 1 All films
        [All films](/movies)
    "#]]
    .assert_eq(&page.outline());
}

#[actix_web::test]
async fn tag_list_holds_only_its_films() {
    let app = TestApp::with_films(TWO_FILMS).await;

    let page = app.get("/movies/tags/drama").await;

    assert_eq!(page.texts("h1"), ["Drama"]);
    assert_eq!(page.films(), ["stalker-1979"]);
    assert_eq!(app.get("/movies/tags/western").await.status, 404);
    let all = app.get("/tags").await;
    assert_eq!(all.texts("main .chips a"), ["Drama 1 film", "Science fiction 1 film"]);
    assert_eq!(all.texts(".index h3"), ["D", "S"]);
    assert_eq!(all.texts(".index li"), ["Drama 1 film", "Science fiction 1 film"]);
}

#[actix_web::test]
async fn pages_of_a_list_neither_repeat_nor_skip_a_film() {
    let app = TestApp::with_many_films(50).await;
    let mut seen = Vec::new();
    for page in 1..=9 {
        seen.extend(app.get(&format!("/movies?per=6&page={page}")).await.films());
    }
    assert_eq!(seen.len(), 50);
    assert_eq!(seen[0], "film-50-1950");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 50);
}

#[actix_web::test]
async fn middle_page_links_to_neighbours_and_shows_its_range() {
    let app = TestApp::with_many_films(1312).await;

    let page = app.get("/movies?page=2&sort=title").await;

    assert_eq!(page.texts(".list-head__count"), ["1,312 films, page 2 of 55"]);
    assert_eq!(page.texts(".pager li"), ["First", "Previous", "Page 2 of 55", "Next", "Last"]);
    let hrefs = |selector| page.attributes(selector, "href");
    assert_eq!(hrefs("[rel=prev]"), ["/movies?sort=title"; 2]);
    assert_eq!(hrefs("[rel=next]"), ["/movies?sort=title&page=3"; 2]);
    assert_eq!(hrefs(".pager li:last-child a"), ["/movies?sort=title&page=55"]);
}

#[actix_web::test]
async fn page_past_the_end_is_a_404_with_a_link_back() {
    let app = TestApp::with_many_films(30).await;

    let page = app.get("/movies?page=3").await;

    assert_eq!(page.status, 404);
    assert_eq!(page.texts("h1"), ["There is no page 3"]);
    assert_eq!(page.attributes("main .button", "href"), ["/movies?page=2"]);
    for nonsense in ["page=0", "page=-1", "page=x", "page="] {
        let page = app.get(&format!("/movies?{nonsense}")).await;
        assert_eq!((page.status, page.films().len()), (200, 24), "{nonsense}");
    }
}

#[actix_web::test]
async fn sort_orders_are_total_with_unknown_values_last() {
    let app = TestApp::with_films(
        r#"{"title":"The Beta","year":1950,"runtime":90}
           {"title":"Alpha","year":1960,"runtime":120}
           {"title":"Gamma"}"#,
    )
    .await;
    for (sort, films) in [
        ("newest", ["alpha-1960", "the-beta-1950", "gamma"]),
        ("oldest", ["the-beta-1950", "alpha-1960", "gamma"]),
        ("title", ["alpha-1960", "the-beta-1950", "gamma"]),
        ("shortest", ["the-beta-1950", "alpha-1960", "gamma"]),
        ("longest", ["alpha-1960", "the-beta-1950", "gamma"]),
        ("nonsense", ["alpha-1960", "the-beta-1950", "gamma"]),
    ] {
        assert_eq!(app.get(&format!("/movies?sort={sort}")).await.films(), films, "{sort}");
    }
}

#[actix_web::test]
async fn titles_of_all_scripts_are_shown_and_addressed_right() {
    let app = TestApp::with_films(
        r#"{"title":"ביקור התזמורת","year":2007,"directors":["Eran Kolirin"]}
           {"title":"七人の侍","year":1954}
           {"title":"<x>\"Quoted\" & 'bold'</x>","year":1999}
           {"title":"Amélie","year":2001}"#,
    )
    .await;
    let list = app.get("/movies?sort=oldest").await;
    assert_eq!(
        list.films(),
        ["七人の侍-1954", "x-quoted-and-bold-x-1999", "amelie-2001", "ביקור-התזמורת-2007"]
    );
    assert_eq!(
        list.texts("bdi.poster__title"),
        ["七人の侍", "<x>\"Quoted\" & 'bold'</x>", "Amélie", "ביקור התזמורת"]
    );
    for href in list.attributes("a.poster", "href") {
        assert!(href.is_ascii());
        assert_eq!(app.get(&href).await.status, 200, "{href}");
    }
    assert_eq!(app.get("/movies/七人の侍-1954").await.texts("h1"), ["七人の侍 1954"]);
}

#[actix_web::test]
async fn film_has_the_same_poster_on_every_page() {
    let app = TestApp::with_films(TWO_FILMS).await;
    let drawing = |html: &str| {
        let start = html.find("<svg").unwrap();
        html[start..].split_inclusive("</svg>").next().unwrap().to_owned()
    };
    let on_its_page = drawing(&app.get("/movies/stalker-1979").await.html);
    assert_eq!(drawing(&app.get("/movies").await.html), on_its_page);

    let file = app.get("/art/stalker-1979.svg").await;
    assert_eq!(file.header("content-type"), "image/svg+xml");
    assert!(file.html.contains("Stalker") && file.html.len() < 4096);
    assert!(file.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(app.get("/art/nope.svg").await.status, 404);
}

#[actix_web::test]
async fn pages_answer_head_and_refuse_other_methods() {
    let app = TestApp::with_films(TWO_FILMS).await;
    for path in
        ["/", "/movies", "/movies/stalker-1979", "/directors", "/tags", "/about", "/healthz"]
    {
        let head = app.send(app.request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.html.as_str()), (200, ""), "{path}");
        let delete = app.send(app.request(Method::DELETE, path)).await;
        assert_eq!(delete.status, 405, "{path}");
        assert_eq!(delete.header("allow"), "GET, HEAD", "{path}");
        assert_eq!(delete.texts("h1"), ["This address can’t be opened directly"], "{path}");
    }
}

#[actix_web::test]
async fn lists_have_one_canonical_url() {
    let app = TestApp::with_films(TWO_FILMS).await;
    for (path, canonical, is_deep) in [
        ("/movies?sort=title&per=6", "/movies", false),
        ("/movies?tag=drama&view=table", "/movies/tags/drama", false),
        ("/movies/tags/drama?seen=show", "/movies/tags/drama", false),
        ("/movies?decade=1970s&tag=drama", "/movies?tag=drama&decade=1970s", true),
        ("/movies?q=stalker", "/movies?q=stalker", true),
    ] {
        let page = app.get(path).await;
        assert_eq!(
            page.attributes("[rel=canonical]", "href"),
            [app.address.clone() + canonical],
            "{path}"
        );
        assert_eq!(
            page.attributes("[name=robots]", "content").len(),
            usize::from(is_deep),
            "{path}"
        );
    }
    let app = TestApp::with_many_films(13).await;
    let second = app.get("/movies?page=2&per=6").await;
    assert_eq!(
        second.attributes("[rel=canonical]", "href"),
        [app.address.clone() + "/movies?page=2"]
    );
}
