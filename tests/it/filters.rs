//! Lists narrowed by what their address says.

use reqwest::Method;

use crate::support::TestApp;

const FILMS: &str = r#"
{"title":"Detour","year":1945,"directors":["Edgar G. Ulmer"],"country":["United States"],"language":["en"],"runtime":68,"tags":["film noir","drama"]}
{"title":"The Third Man","year":1949,"directors":["Carol Reed"],"country":["United Kingdom"],"language":["en","de"],"runtime":104,"tags":["film noir","mystery"]}
{"title":"Odd Man Out","year":1947,"directors":["Carol Reed"],"country":["United Kingdom"],"language":["en"],"runtime":116,"tags":["film noir","drama"]}
{"title":"Oliver!","year":1968,"directors":["Carol Reed"],"country":["United Kingdom"],"language":["en"],"runtime":153,"tags":["musical","drama"]}
{"title":"Tokyo Story","year":1953,"directors":["Yasujirō Ozu"],"country":["Japan"],"language":["ja"],"runtime":136,"tags":["drama"]}
"#;

#[actix_web::test]
async fn list_parameters_filter_the_list() {
    let app = TestApp::with_films(FILMS).await;
    for (query, films) in [
        ("tag=film-noir&tag=drama", &["odd-man-out-1947", "detour-1945"][..]),
        ("tag=film-noir&tag=-drama", &["the-third-man-1949"]),
        ("decade=1940s&director=carol-reed", &["the-third-man-1949", "odd-man-out-1947"]),
        ("country=japan", &["tokyo-story-1953"]),
        ("language=de", &["the-third-man-1949"]),
        ("runtime=40-89", &["detour-1945"]),
        ("runtime=150-up&country=united-kingdom", &["oliver-1968"]),
        // Alternatives, ranges and exclusion.
        (
            "country=japan&country=united-kingdom&tag=drama",
            &["oliver-1968", "tokyo-story-1953", "odd-man-out-1947"],
        ),
        (
            "decade=1940s&decade=1960s&director=carol-reed&sort=oldest",
            &["odd-man-out-1947", "the-third-man-1949", "oliver-1968"],
        ),
        ("country=-united-kingdom", &["tokyo-story-1953", "detour-1945"]),
        ("director=-carol-reed&tag=drama&decade=-1940s", &["tokyo-story-1953"]),
        ("year=1946-1950", &["the-third-man-1949", "odd-man-out-1947"]),
        ("year=1945", &["detour-1945"]),
        ("year=under-1950&year=1960-up&tag=-film-noir", &["oliver-1968"]),
        ("runtime=104-116", &["the-third-man-1949", "odd-man-out-1947"]),
        ("runtime=40-89&runtime=150-up", &["oliver-1968", "detour-1945"]),
        ("q=third+man&sort=title", &["the-third-man-1949"]),
        ("q=carol+reed&decade=1960s", &["oliver-1968"]),
    ] {
        let page = app.get(&format!("/movies?{query}")).await;
        assert_eq!(page.films(), films, "{query}");
        let total = films.len().to_string();
        assert_eq!(page.attributes("[data-total]", "data-total"), [total], "{query}");
    }
}

#[actix_web::test]
async fn empty_and_unknown_parameters_leave_the_whole_list() {
    let app = TestApp::with_films(FILMS).await;
    for query in ["tag=", "tag=-", "q=", "q=+", "view=3d", "sort=x", "per=7"] {
        let page = app.get(&format!("/movies?{query}")).await;
        assert_eq!((page.status, page.films().len()), (200, 5), "{query}");
        assert_eq!(page.texts("h1"), ["All films"], "{query}");
    }
}

#[actix_web::test]
async fn unknown_values_are_reported_and_match_no_film() {
    let app = TestApp::with_films(FILMS).await;
    for (query, message) in [
        ("tag=nope", "Tag “nope” is unknown."),
        ("decade=1945s", "Decade “1945s” is unknown."),
        ("decade=99999999", "Decade “99999999” is unknown."),
        ("year=soon", "Year “soon” is unknown."),
        ("director=nobody", "Director “nobody” is unknown."),
        ("country=nowhere", "Country “nowhere” is unknown."),
        ("language=xx", "Language “xx” is unknown."),
        ("runtime=long", "Running time “long” is unknown."),
        ("runtime=90-40", "Running time “90-40” is unknown."),
    ] {
        let page = app.get(&format!("/movies?{query}")).await;
        assert_eq!((page.status, page.films().len()), (200, 0), "{query}");
        assert_eq!(page.texts("main > .lead"), [message], "{query}");
        assert_eq!(page.attributes(".give-up a", "href")[0], "/movies", "{query}");
    }
    let page = app.get("/movies?tag=-nope").await;
    assert_eq!(page.films().len(), 5);
    assert_eq!(page.texts("main > .lead"), ["Tag “nope” is unknown."]);
}

#[actix_web::test]
async fn facet_counts_equal_list_totals() {
    let app = TestApp::with_films(FILMS).await;
    let mut followed = 0;
    for start in ["/movies", "/movies/tags/drama", "/movies?tag=-drama&country=united-kingdom"] {
        let page = app.get(start).await;
        let hrefs = page.attributes(".offers li > a:first-child", "href");
        let counts = page.texts(".offers li > a:first-child .chips__count");
        for (href, count) in hrefs.iter().zip(&counts) {
            let films = app.get(href).await.attributes("[data-total]", "data-total").concat();
            assert_eq!(count.split(' ').next(), Some(films.as_str()), "{start} to {href}");
            followed += 1;
        }
        let not = page.attributes(".offers__not", "href");
        for (href, text) in not.iter().zip(page.texts(".offers__not")) {
            let films = app.get(href).await.attributes("[data-total]", "data-total").concat();
            assert!(text.contains(&format!(", {films} film")), "{text} leads to {films}");
        }
    }
    assert!(followed > 40);
}

#[actix_web::test]
async fn criteria_can_be_removed_and_empty_results_suggest_which() {
    let app = TestApp::with_films(FILMS).await;

    let page = app.get("/movies?decade=1940s&tag=musical&sort=title").await;

    assert_eq!(page.films(), [""; 0]);
    assert_eq!(page.texts(".chosen a"), ["Remove Musical", "Remove 1940s", "Clear all"]);
    assert_eq!(
        page.attributes(".chosen a", "href"),
        [
            "/movies/decades/1940s?sort=title",
            "/movies/tags/musical?sort=title",
            "/movies?sort=title"
        ]
    );
    assert_eq!(page.texts(".give-up li"), ["Musical 3 films", "1940s 1 film", "All films"]);
}

#[actix_web::test]
async fn tags_decades_and_countries_have_pages_and_neighbours() {
    let app = TestApp::with_films(FILMS).await;

    let noir = app.get("/movies/tags/film-noir").await;
    assert_eq!(noir.texts("h1"), ["Film noir"]);
    assert_eq!(noir.texts(".trail li"), ["Films", "Tags"]);
    assert_eq!(noir.texts(".neighbours a"), ["Drama 4 films"]);

    let decade = app.get("/movies/decades/1950s").await;
    assert_eq!(decade.films(), ["tokyo-story-1953"]);
    assert_eq!(decade.texts(".neighbours a"), ["1940s 3 films", "1960s 1 film"]);

    let country = app.get("/movies/countries/united-kingdom").await;
    assert_eq!((country.texts("h1"), country.films().len()), (vec!["United Kingdom".into()], 3));

    for path in ["decades/1950s?tag=musical", "decades/1890s", "decades/x", "countries/x", "by/x"] {
        let status = if path.contains('?') { 200 } else { 404 };
        assert_eq!(app.get(&format!("/movies/{path}")).await.status, status, "{path}");
    }
}

#[actix_web::test]
async fn facet_has_a_page_of_all_values() {
    let lines =
        |n| format!("{{\"title\":\"Film {n}\",\"directors\":[\"Ann {n}\"],\"tags\":[\"t\"]}}\n");
    let app = TestApp::with_films(&(1..=250).map(lines).collect::<String>()).await;

    let list = app.get("/movies/tags/t?per=6").await;
    let all = list.attributes(".filter__panel p a", "href");
    assert_eq!(all, ["/movies/by/director?tag=t&per=6"]);
    assert_eq!(list.texts(".filter__panel p"), ["All 250 directors"]);

    let page = app.get(&all[0]).await;
    assert_eq!(page.texts("h1"), ["Films by director"]);
    assert_eq!(page.texts(".offers li").len(), 240);
    assert_eq!(page.texts(".pager__here"), ["Page 1 of 2"]);
    let rest = app.get("/movies/by/director?tag=t&page=2").await;
    assert_eq!(rest.texts(".offers li").len(), 10);
    assert_eq!(rest.attributes(".offers a", "href")[0], "/movies?tag=t&director=ann-90");
}

/// With and without another criterion: the whole catalogue is counted in another way than a part.
#[actix_web::test]
async fn values_with_as_many_films_are_in_alphabetical_order() {
    let line = |n: u32| {
        let letter = char::from_u32('A' as u32 + n * 7 % 26).unwrap();
        format!(
            "{{\"title\":\"Film {n}\",\"directors\":[\"Ann {letter}other\"],\"tags\":[\"{letter}tag\"],\
             \"country\":[\"{letter}land\"],\"year\":1950}}\n{{\"title\":\"Other {n}\"}}\n"
        )
    };
    let app = TestApp::with_films(&(0..26).map(line).collect::<String>()).await;
    for (dimension, label) in [("director", "Ann {}other"), ("tag", "{}tag"), ("country", "{}land")]
    {
        let expected: Vec<String> =
            ('A'..='Z').map(|letter| label.replace("{}", &letter.to_string())).collect();
        for query in ["", "decade=1950s"] {
            let page = app.get(&format!("/movies/by/{dimension}?{query}")).await;
            let offers = page.texts(".offers li > a:first-child");
            let offers: Vec<&str> =
                offers.iter().map(|offer| offer.strip_suffix(" 1 film").unwrap()).collect();
            assert_eq!(offers, expected, "{dimension} {query}");
            let list = app.get(&format!("/movies?{query}")).await;
            let offers = list.texts(".offers li > a:first-child");
            let first: Vec<String> =
                expected.iter().take(12).map(|text| format!("{text} 1 film")).collect();
            assert!(offers.windows(12).any(|offers| offers == first), "{dimension} {query}");
        }
    }
}

#[actix_web::test]
async fn surprise_me_picks_a_film_of_the_list() {
    let app = TestApp::with_films(FILMS).await;
    let page = app.get("/movies?tag=film-noir&decade=1940s&tag=-drama").await;
    let href = page.attributes(".random", "href").concat();
    assert_eq!(href, "/movies/random?tag=film-noir&tag=-drama&decade=1940s");

    let answer = app.get(&href).await;

    assert_eq!((answer.status, answer.header("location")), (303, "/movies/the-third-man-1949"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let none = app.get("/movies/random?tag=musical&decade=1940s").await;
    assert_eq!(none.header("location"), "/movies?tag=musical&decade=1940s");
}

#[actix_web::test]
async fn table_is_sorted_by_its_header() {
    let app = TestApp::with_films(FILMS).await;

    let table = app.get("/movies?view=table&tag=drama").await;
    assert_eq!(table.texts("th[aria-sort=descending]"), ["Year"]);
    assert_eq!(
        table.attributes("thead a", "href"),
        ["title", "oldest", "longest"]
            .map(|sort| format!("/movies/tags/drama?sort={sort}&view=table"))
    );
    assert_eq!(table.films()[0], "oliver-1968");
    let oldest = app.get(&table.attributes("thead a", "href")[1]).await;
    assert_eq!(oldest.films()[0], "detour-1945");
    assert_eq!(oldest.texts("th[aria-sort=ascending]"), ["Year"]);

    app.post("/preferences", &[("view", "table")]).await;
    assert_eq!(app.get("/movies").await.texts("tbody tr").len(), 5);
    assert!(app.get("/movies?view=posters").await.texts("table").is_empty());
}

#[actix_web::test]
async fn hidden_films_are_in_no_list_and_no_count() {
    let app = TestApp::with_films(FILMS).await;
    app.post("/preferences", &[("seen_films", "hide")]).await;
    app.send(app.request(Method::POST, "/movies/oliver-1968/seen").form(&[("pressed", "false")]))
        .await;

    let page = app.get("/movies/tags/drama").await;

    assert_eq!(page.films().len(), 3);
    let offers = page.texts(".offers li > a:first-child");
    assert!(!offers.iter().any(|offer| offer.starts_with("Musical")), "{offers:?}");
    assert!(offers.contains(&"Carol Reed 1 film".to_owned()), "{offers:?}");
}
