//! Films seen are hidden on every list of films by criteria.

use super::{MOVIE_LISTS, films, items, with};
use crate::support::TestApp;

const COUNT: u16 = 30;

fn slug(n: u16) -> String {
    format!("film-{n}-{}", 1950 + n % 10)
}

/// A visitor who hides films seen, and has seen these.
async fn hiding(seen: impl IntoIterator<Item = u16>) -> TestApp {
    let app = TestApp::with_films(&films(COUNT)).await;
    for n in seen {
        app.post(&format!("/movies/{}/seen", slug(n)), &[]).await;
    }
    app.post("/preferences", &[("seen_films", "hide"), ("per_page", "48")]).await;
    app
}

#[actix_web::test]
async fn lists_hide_seen_films_until_asked() {
    let app = hiding(1..=5).await;
    let seen: Vec<String> = (1..=5).map(slug).collect();
    for list in MOVIE_LISTS.into_iter().chain(["/directors/ann-other", "/actors/cy-actor"]) {
        let page = app.get(list).await;
        let shown = page.films();
        assert_eq!(shown.len(), 25, "{list}");
        assert!(!shown.iter().any(|film| seen.contains(film)), "{list}");
        assert_eq!(
            page.texts(".hidden-films"),
            ["5 films you’ve seen are hidden. Show them"],
            "{list}"
        );
        if list.starts_with("/movies") {
            assert_eq!(page.attributes("[data-total]", "data-total"), ["25"], "{list}");
        }
        let last = app.get(&with(list, "per=6&page=2")).await;
        for href in last.attributes(".hidden-films a", "href") {
            assert!(!href.contains("page="), "{list}: {href}");
        }
        let all = app.get(&with(list, "seen=show")).await;
        assert_eq!(all.films().len(), 30, "{list}");
        let table = app.get(&with(list, "view=table")).await;
        assert!(!items(&table).iter().any(|film| seen.contains(film)), "{list}");
        assert_eq!(
            app.other_visitor().get(&with(list, "per=48")).await.films().len(),
            30,
            "{list}"
        );
    }
}

#[actix_web::test]
async fn values_count_only_films_not_seen() {
    let app = hiding(1..=5).await;
    for (dimension, query) in
        [("tag", ""), ("decade", ""), ("country", "tag=drama"), ("language", "")]
    {
        let path = format!("/movies/by/{dimension}?{query}");
        for (visitor, films) in [(&app, "25 films"), (&app.other_visitor(), "30 films")] {
            let offers = visitor.get(&path).await.texts(".offers li > a:first-child");
            assert!(offers[0].ends_with(films), "{path}: {offers:?}");
        }
    }
}

#[actix_web::test]
async fn front_and_film_pages_hide_seen_films() {
    let app = hiding(5..=COUNT).await;
    let seen: Vec<String> = (5..=COUNT).map(slug).collect();
    for path in ["/".to_owned(), format!("/movies/{}", slug(1)), format!("/movies/{}", slug(9))] {
        let page = app.get(&path).await;
        // The film of the day is everybody's.
        let shown = page.attributes(".card[data-movie]", "data-movie");
        assert!(!shown.is_empty(), "{path}");
        if path == "/" {
            assert!(page.texts("h2").contains(&"Ann Other".to_owned()), "director of the day");
        }
        assert!(!shown.iter().any(|film| seen.contains(film)), "{path}: {shown:?}");
    }
}

#[actix_web::test]
async fn surprise_me_skips_seen_films() {
    let app = hiding((1..=COUNT).filter(|n| *n != 17)).await;
    let left = format!("/movies/{}", slug(17));
    let queries =
        ["", "tag=drama", "decade=1950s", "country=france", "director=ann-other", "q=film"];
    for query in queries {
        for _ in 0..3 {
            let chosen = app.get(&format!("/movies/random?{query}")).await;
            assert_eq!((chosen.status, chosen.header("location")), (303, &*left), "{query}");
        }
    }
    app.post(&format!("{left}/seen"), &[]).await;
    let none = app.get("/movies/random?decade=1950s").await;
    assert_eq!(none.header("location"), "/movies/decades/1950s");
    assert!(app.get("/movies/random?seen=show").await.header("location").contains("/film-"));
}

#[actix_web::test]
async fn film_neighbours_skip_seen_films() {
    let app = hiding([2, 3]).await;
    let order = items(&app.get("/movies?sort=title").await);
    for (at, film) in order.iter().enumerate().take(8).skip(1) {
        let page = app.get(&format!("/movies/{film}?sort=title")).await;
        let beside = page.attributes("a[rel=prev], a[rel=next]", "href");
        for (other, href) in [&order[at - 1], &order[at + 1]].into_iter().zip(&beside) {
            assert!(href.starts_with(&format!("/movies/{other}")), "{film}: {beside:?}");
        }
    }
}
