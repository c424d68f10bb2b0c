use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

const FILMS: &str = r#"
{"title":"Double Indemnity","year":1944,"directors":["Billy Wilder"],"country":["United States"],"language":["en"],"runtime":107,"cast":["Barbara Stanwyck"],"tags":["film noir","crime"],"synopsis":"A salesman </script> & a wife.","wikidata":"Q478209","imdb":"tt0036775","released":"1944-07-03"}
{"title":"Sunset Boulevard","year":1950,"directors":["Billy Wilder"],"country":["United States"],"language":["en"],"tags":["film noir","drama"]}
{"title":"Casablanca","year":1942,"directors":["Michael Curtiz"],"country":["United States"],"language":["en"],"tags":["romance"]}
{"title":"Ran","year":1985,"directors":["Akira Kurosawa"],"country":["Japan"],"language":["ja"],"tags":["samurai"]}
"#;

const PUBLIC: &str = "--public-url=https://films.example";

async fn public_site(films: &str) -> TestApp {
    let app = TestApp::spawn_with(&[PUBLIC]).await;
    app.import(films).await.unwrap();
    app
}

#[actix_web::test]
async fn related_films_name_shared_facts() {
    let app = TestApp::with_films(FILMS).await;

    let page = app.get("/movies/double-indemnity-1944").await;

    assert_eq!(page.films(), ["sunset-boulevard-1950", "casablanca-1942"]);
    assert_eq!(page.texts(".card__reason"), ["same director; Film noir", "1940s, United States"]);
}

#[actix_web::test]
async fn film_without_related_films_shows_no_empty_section() {
    let app = TestApp::with_films(FILMS).await;
    let page = app.get("/movies/ran-1985").await;
    assert_eq!((page.films().len(), page.texts("h2")), (0, vec!["Tags".to_owned()]));
}

#[actix_web::test]
async fn film_page_has_json_ld() {
    let app = public_site(FILMS).await;

    let page = app.get("/movies/double-indemnity-1944").await;

    let scripts = page.texts("script[type='application/ld+json']");
    let film: Value = serde_json::from_str(&scripts[0]).unwrap();
    let image = film["image"].as_str().unwrap().to_owned();
    assert_eq!(
        film,
        json!({
            "@context": "https://schema.org",
            "@type": "Movie",
            "name": "Double Indemnity",
            "url": "https://films.example/movies/double-indemnity-1944",
            "image": image,
            "dateCreated": "1944",
            "datePublished": "1944-07-03",
            "duration": "PT107M",
            "director": [{
                "@type": "Person",
                "name": "Billy Wilder",
                "url": "https://films.example/directors/billy-wilder",
            }],
            "actor": [{
                "@type": "Person",
                "name": "Barbara Stanwyck",
                "url": "https://films.example/actors/barbara-stanwyck",
            }],
            "genre": ["Film noir", "Crime"],
            "countryOfOrigin": [{ "@type": "Country", "name": "United States" }],
            "inLanguage": ["en"],
            "description": "A salesman </script> & a wife.",
            "sameAs": [
                "https://www.imdb.com/title/tt0036775/",
                "https://www.wikidata.org/wiki/Q478209",
            ],
        })
    );
    let content = |property| page.attributes(&format!("[property='{property}']"), "content");
    assert_eq!(content("og:title"), ["Double Indemnity (1944)"]);
    assert_eq!(content("og:url"), ["https://films.example/movies/double-indemnity-1944"]);
    assert_eq!(content("og:image"), [image]);
    assert_eq!(page.attributes("[rel=canonical]", "href"), content("og:url"));
}

#[actix_web::test]
async fn json_ld_omits_unknown_facts() {
    let app = public_site(r#"{"title":"Lost"}"#).await;
    let page = app.get("/movies/lost").await;
    let film: Value = serde_json::from_str(&page.texts("[type='application/ld+json']")[0]).unwrap();
    let names: Vec<&String> = film.as_object().unwrap().keys().collect();
    assert_eq!(names, ["@context", "@type", "image", "name", "url"]);
}

#[actix_web::test]
async fn preview_is_an_immutable_picture() {
    let app = public_site(FILMS).await;
    let page = app.get("/movies/ran-1985").await;
    let address = page.attributes("[property='og:image']", "content").remove(0);
    let path = address.strip_prefix("https://films.example").unwrap();
    let sessions = app.count("sessions").await;

    for (path, cache) in [
        (path, "public, max-age=31536000, immutable"),
        ("/art/ran-1985.png?0", "public, max-age=3600"),
        ("/art/ran-1985.png", "public, max-age=3600"),
    ] {
        let picture = app.request(Method::GET, path).send().await.unwrap();
        let header = |name: &str| picture.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "image/png");
        assert_eq!(header("cache-control"), cache, "{path}");
        let bytes = picture.bytes().await.unwrap();
        // IHDR: width and height.
        assert_eq!(bytes[16..24], [0, 0, 4, 176, 0, 0, 2, 118]);
    }
    assert_eq!(app.get("/art/nope.png").await.status, 404);
    assert_eq!(app.count("sessions").await, sessions);
}

#[actix_web::test]
async fn link_preview_url_changes_with_the_film() {
    let app = public_site(FILMS).await;
    let address = async || {
        app.get("/movies/ran-1985").await.attributes("[property='og:image']", "content").remove(0)
    };
    let before = address().await;
    app.execute("UPDATE movies SET title = 'Chaos' WHERE slug = 'ran-1985'").await;
    assert_ne!(address().await, before);
}

/// Twenty films "Film 1" of 1951 to "Film 20" of 1970; the even ones are noir.
fn twenty() -> String {
    let line = |n: u32| {
        let tag = if n.is_multiple_of(2) { "film noir" } else { "drama" };
        format!("{{\"title\":\"Film {n}\",\"year\":{},\"tags\":[\"{tag}\"]}}\n", 1950 + n)
    };
    (1..=20).map(line).collect()
}

#[actix_web::test]
async fn film_page_links_neighbours_in_its_list() {
    let app = TestApp::with_films(&twenty()).await;
    let list = app.get("/movies?tag=film-noir&decade=1950s&sort=oldest&per=6").await;
    assert_eq!(list.films(), ["film-2-1952", "film-4-1954", "film-6-1956", "film-8-1958"]);
    let second = list.attributes("a.poster", "href").remove(1);

    let page = app.get(&second).await;

    let context = "?tag=film-noir&decade=1950s&sort=oldest&per=6";
    assert_eq!(second, format!("/movies/film-4-1954{context}"));
    let hrefs = |selector| page.attributes(selector, "href");
    assert_eq!(hrefs(".beside [rel=prev]"), [format!("/movies/film-2-1952{context}")]);
    assert_eq!(hrefs(".beside [rel=next]"), [format!("/movies/film-6-1956{context}")]);
    assert_eq!(page.texts(".beside__place"), ["2 of 4 Film noir, 1950s"]);
    assert_eq!(page.texts(".trail li"), ["Films", "Film noir, 1950s"]);
    assert_eq!(hrefs(".trail a"), ["/movies".to_owned(), format!("/movies{context}")]);
    // A search engine sees one film, however it is reached.
    assert_eq!(hrefs("[rel=canonical]"), [format!("{}/movies/film-4-1954", app.address)]);
}

#[actix_web::test]
async fn film_page_links_back_to_its_list_page() {
    let app = TestApp::with_films(&twenty()).await;
    let order = |films: Vec<String>| -> Vec<String> {
        films.iter().map(|slug| slug.rsplit_once('-').unwrap().0.to_owned()).collect()
    };
    for sort in ["newest", "oldest", "title", "shortest", "longest"] {
        for (at, film) in
            app.get(&format!("/movies?sort={sort}&per=96")).await.films().iter().enumerate()
        {
            let page = app.get(&format!("/movies/{film}?sort={sort}&per=6")).await;
            let back = page.attributes(".trail li:first-child a", "href").remove(0);
            let on_page = app.get(&back).await.films();
            assert_eq!(
                on_page.get(at % 6),
                Some(film),
                "{sort} {back} {:?}",
                order(on_page.clone())
            );
            let ends = [at > 0, at < 19].iter().filter(|has| **has).count();
            assert_eq!(page.attributes(".beside [rel]", "href").len(), ends, "{film}");
        }
    }
}

#[actix_web::test]
async fn film_outside_its_list_falls_back_to_all_films() {
    let app = TestApp::with_films(&twenty()).await;
    for context in
        ["", "?tag=film-noir", "?tag=nope&decade=x&page=-1&per=0", "?from=//evil.example"]
    {
        let page = app.get(&format!("/movies/film-3-1953{context}")).await;
        assert_eq!(page.texts(".beside__place"), ["18 of 20 All films"], "{context}");
        assert!(!page.html.contains("evil"), "{context}");
    }
}

#[actix_web::test]
async fn countries_and_languages_link_to_their_lists() {
    let app = TestApp::with_films(FILMS).await;
    let page = app.get("/movies/ran-1985").await;
    let links = page.attributes(".facts a", "href");
    assert_eq!(links, ["/movies/countries/japan", "/movies?language=ja"]);
    for link in links {
        assert_eq!(app.get(&link).await.films(), ["ran-1985"], "{link}");
    }
}
