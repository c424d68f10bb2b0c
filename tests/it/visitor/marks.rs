use futures_util::future::join_all;
use reqwest::Method;
use reqwest::header::REFERER;
use serde_json::{Value, json};

use crate::support::{Response, TestApp};

const LIST: &str = "/movies/film-1-1901/watchlist";

fn keys(session: &Value, kind: &str) -> Vec<String> {
    let keys = session.as_object().unwrap().keys();
    keys.filter(|key| key.starts_with(kind)).cloned().collect()
}

fn pressed(page: &Response, film: &str) -> Vec<String> {
    page.attributes(&format!("[data-movie={film}] button"), "aria-pressed")
}

#[actix_web::test]
async fn watchlist_button_adds_and_removes() {
    let app = TestApp::with_many_films(30).await;
    let list = app.get("/movies?sort=oldest").await;
    let action = list.attributes("[data-movie=film-2-1902] .mark--list", "formaction").remove(0);
    assert_eq!(action, "/movies/film-2-1902/watchlist?at=films-2");
    assert_eq!(pressed(&list, "film-2-1902"), ["false", "false"]);

    let before = format!("{}/movies?sort=oldest", app.address);
    let press = |shown: &str| {
        let form = [("pressed", shown.to_owned())];
        app.request(Method::POST, &action).form(&form).header(REFERER, &before)
    };
    let back = app.send(press("false")).await;
    assert_eq!((back.status, back.header("location")), (303, "/movies?sort=oldest#films-2"));
    assert!(app.get("/movies?sort=oldest").await.html.contains("id=\"films-2\""));
    assert_eq!(pressed(&app.get("/movies?sort=oldest").await, "film-2-1902"), ["true", "false"]);
    let page = app.restarted().await.get("/watchlist").await;
    assert_eq!(
        (page.films(), page.texts("#watchlist-count")),
        (vec!["film-2-1902".into()], vec!["1".into()])
    );
    assert_eq!(app.other_visitor().get("/watchlist").await.films(), [""; 0]);

    app.send(press("true")).await;
    assert_eq!(app.get("/watchlist").await.films(), [""; 0]);
    assert_eq!(keys(&app.session().await, "listed"), [""; 0]);
}

#[actix_web::test]
async fn repeated_press_is_idempotent() {
    let app = TestApp::with_many_films(3).await;
    for _ in 0..2 {
        app.post(LIST, &[("pressed", "false")]).await;
        assert_eq!(app.get("/watchlist").await.films(), ["film-1-1901"]);
    }
    let first = app.session().await;
    app.post(LIST, &[]).await;
    assert_eq!(app.session().await, first, "the time of the first press stays");
    for _ in 0..2 {
        app.post(LIST, &[("pressed", "true")]).await;
        assert_eq!(app.get("/watchlist").await.films(), [""; 0]);
    }
}

#[actix_web::test]
async fn concurrent_marks_all_stay() {
    let app = TestApp::with_many_films(20).await;
    app.post(LIST, &[]).await;
    let visitor = &app;
    let presses = (2..=20).map(|n| async move {
        visitor.post(&format!("/movies/film-{n}-{}/seen", 1900 + n), &[]).await;
        visitor.post(&format!("/movies/film-{n}-{}/watchlist", 1900 + n), &[]).await;
    });
    join_all(presses).await;
    let session = app.session().await;
    assert_eq!((keys(&session, "listed").len(), keys(&session, "seen").len()), (20, 19));
}

#[actix_web::test]
async fn rating_marks_a_film_seen_and_is_removed_alone() {
    let app = TestApp::with_many_films(3).await;
    let rate = |stars| [("stars", stars)];
    app.post("/movies/film-1-1901/rating", &rate("4")).await;
    app.post("/movies/film-1-1901/rating", &rate("3")).await;

    let page = app.get("/movies/film-1-1901").await;
    assert_eq!(page.attributes(".star[aria-pressed=true]", "aria-label"), ["3 stars"]);
    assert_eq!(page.attributes(".film__marks .mark", "aria-pressed"), ["false", "true"]);
    assert_eq!(page.header("cache-control"), "private, no-cache");
    assert_eq!(app.get("/movies").await.texts("[data-movie=film-1-1901] .rate"), ["3"]);
    assert_eq!(app.get("/seen").await.films(), ["film-1-1901"]);

    app.post("/movies/film-1-1901/rating", &rate("0")).await;
    let page = app.get("/movies/film-1-1901").await;
    assert_eq!(page.attributes(".star[aria-pressed=true]", "value"), ["0"]);
    assert_eq!(keys(&app.session().await, "rating"), [""; 0]);
    assert_eq!(app.get("/seen").await.films(), ["film-1-1901"]);
}

#[actix_web::test]
async fn form_with_a_missing_or_invalid_field_is_a_422_and_changes_nothing() {
    let app = TestApp::with_many_films(1).await;
    app.post("/movies/film-1-1901/rating", &[("stars", "5")]).await;
    let before = app.session().await;
    for (form, path) in [
        (&[("stars", "6")][..], "/movies/film-1-1901/rating"),
        (&[("stars", "-1")], "/movies/film-1-1901/rating"),
        (&[("stars", "0.3")], "/movies/film-1-1901/rating"),
        (&[("stars", "x")], "/movies/film-1-1901/rating"),
        (&[("stars", "")], "/movies/film-1-1901/rating"),
        (&[("rating", "4")], "/movies/film-1-1901/rating"),
        (&[], "/movies/film-1-1901/rating"),
        (&[("pressed", "maybe")], "/movies/film-1-1901/watchlist"),
        (&[("pressed", "maybe")], "/movies/film-1-1901/seen"),
        (&[("undo", "yesterday")], "/movies/film-1-1901/seen"),
        (&[("film", "x")], "/you/history"),
        (&[("per_page", "7")], "/preferences"),
    ] {
        let response = app.send(app.request(Method::POST, path).form(form)).await;
        assert_eq!(response.status, 422, "{path} {form:?}");
        assert_eq!(app.session().await, before, "{path} {form:?}");
    }
    let missing =
        app.send(app.request(Method::POST, "/movies/film-1-1901/rating").form(&[("x", "")]));
    assert_eq!(missing.await.texts(".error-page code"), ["missing field `stars`"]);
}

#[actix_web::test]
async fn watchlist_has_its_own_totals_and_orders() {
    let app = TestApp::with_films(
        r#"{"title":"Long","year":1950,"runtime":200}
           {"title":"Short","year":2000,"runtime":80}
           {"title":"Unknown","year":1980}"#,
    )
    .await;
    for slug in ["long-1950", "unknown-1980", "short-2000"] {
        app.post(&format!("/movies/{slug}/watchlist"), &[]).await;
    }
    for (query, films) in [
        ("", ["short-2000", "unknown-1980", "long-1950"]),
        ("?sort=nonsense", ["short-2000", "unknown-1980", "long-1950"]),
        ("?sort=title", ["long-1950", "short-2000", "unknown-1980"]),
        ("?sort=oldest", ["long-1950", "unknown-1980", "short-2000"]),
        ("?sort=shortest", ["short-2000", "long-1950", "unknown-1980"]),
        ("?sort=longest&view=table", ["long-1950", "short-2000", "unknown-1980"]),
    ] {
        assert_eq!(app.get(&format!("/watchlist{query}")).await.films(), films, "{query}");
    }
    let page = app.get("/watchlist").await;
    assert_eq!(page.texts(".list-head__count"), ["3 films, at least 4 h 40 min"]);
    app.execute("DELETE FROM movies WHERE title = 'Long'").await;
    let page = app.get("/watchlist").await;
    assert_eq!(page.films(), ["short-2000", "unknown-1980"]);
    assert!(
        page.texts(".message")[0].starts_with("1 film on this list is no longer in the catalogue.")
    );
    assert_eq!(app.get("/watchlist?page=9").await.status, 404);
}

#[actix_web::test]
async fn wrong_films_and_methods_are_refused_and_store_nothing() {
    let app = TestApp::with_many_films(3).await;
    for path in ["/movies/nope/watchlist", "/movies/%00/seen", "/movies/nope/rating"] {
        assert_eq!(app.post(path, &[]).await.status, 404, "{path}");
    }
    let wrong = app.get(LIST).await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, "POST"));
    let foreign = app.request(Method::POST, LIST).header("Sec-Fetch-Site", "cross-site");
    assert_eq!(app.send(foreign).await.status, 403);
    assert_eq!(app.count("sessions").await, 0);
}

#[actix_web::test]
async fn list_refuses_the_2001st_film_with_a_reason() {
    let app = TestApp::with_many_films(3).await;
    app.post(LIST, &[]).await;
    app.execute(
        "UPDATE sessions SET data = (SELECT jsonb_object_agg('listed:' || n, 1764000000)
         FROM generate_series(10001, 12000) n)",
    )
    .await;
    let full = app.post(LIST, &[]).await;
    assert_eq!(full.status, 409);
    assert_eq!(
        full.texts("h1, .lead").join(" "),
        "There is no more room Your watchlist holds 2,000 films. Remove some first."
    );
    assert_eq!(keys(&app.session().await, "listed").len(), 2000);

    // Another list still takes some, until all together is too much.
    app.execute(
        "UPDATE sessions SET data = data || (SELECT jsonb_object_agg('seen:' || n, 1764000000)
         FROM generate_series(10001, 10600) n)",
    )
    .await;
    let full = app.post("/movies/film-1-1901/seen", &[]).await;
    assert_eq!((full.status, full.texts("h1").concat()), (409, "There is no more room".into()));
    // Changes that need no space still work.
    assert_eq!(app.get("/movies/film-1-1901").await.status, 200);
    assert_eq!(app.get("/movies").await.status, 200);
    assert_eq!(app.get("/watchlist?per=96").await.status, 200);
}

#[actix_web::test]
async fn seen_films_are_faded_by_css_only() {
    let app = TestApp::with_many_films(3).await;
    assert_eq!(app.get("/movies").await.attributes("html", "data-seen"), ["show"]);
    app.post("/preferences", &[("seen_films", "fade")]).await;
    assert_eq!(app.get("/movies").await.attributes("html", "data-seen"), ["fade"]);
    assert_eq!(app.session().await["seen_films"], json!("fade"));
}

fn watchlist(page: &Response) -> Vec<String> {
    page.attributes("#films [data-movie], .kept [data-movie]", "data-movie")
}

#[actix_web::test]
async fn marking_seen_removes_from_the_watchlist_with_undo() {
    let app = TestApp::with_many_films(3).await;
    for n in 1..=2 {
        app.post(&format!("/movies/film-{n}-{}/watchlist", 1900 + n), &[]).await;
    }
    let before = app.session().await;
    let referer = format!("{}/watchlist?sort=title", app.address);
    let press = app.request(Method::POST, "/movies/film-1-1901/seen?at=films-1");
    let back = app.send(press.header(REFERER, &referer)).await;
    let location = back.header("location").to_owned();
    assert!(
        location.starts_with("/watchlist?sort=title&removed=film-1-1901&listed="),
        "{location}"
    );
    let page = app.get(&location).await;
    assert_eq!(watchlist(&page), ["film-2-1902"]);

    let undo = page.attributes(".message button", "value").remove(0);
    let action = page.attributes(".message button", "formaction").remove(0);
    let back = app.request(Method::POST, &action).form(&[("undo", undo)]);
    let back = app.send(back.header(REFERER, format!("{}{location}", app.address))).await;
    assert_eq!(back.header("location"), "/watchlist?sort=title");
    assert_eq!(app.session().await, before, "in its old place");
}

#[actix_web::test]
async fn scripts_get_the_marks_of_a_film_as_json() {
    let app = TestApp::with_many_films(3).await;
    let post = async |path: &str, form: &[(&str, &str)]| -> Value {
        let request = app.request(Method::POST, path).header("Accept", "application/json");
        let response = app.send(request.form(form)).await;
        assert_eq!(response.header("cache-control"), "no-store");
        serde_json::from_str(&response.html).unwrap()
    };
    let listed = post(LIST, &[]).await;
    let expected = json!({ "watchlist": true, "seen": false, "rating": null, "watchlist_count": 1, "undo": null });
    assert_eq!(listed, expected);
    let mut rated = post("/movies/film-1-1901/rating", &[("stars", "3.5")]).await;
    assert!(rated["undo"]["listed"].take().as_i64().is_some_and(|listed| listed > 0));
    let expected = json!({ "watchlist": false, "seen": true, "rating": 3.5, "watchlist_count": 0, "undo": { "listed": null } });
    assert_eq!(rated, expected);
}

#[actix_web::test]
async fn preference_keeps_seen_films_on_the_watchlist() {
    let app = TestApp::with_many_films(3).await;
    app.post("/preferences", &[("keep_seen_listed", "on")]).await;
    app.post(LIST, &[]).await;
    app.post("/movies/film-1-1901/seen", &[]).await;
    assert_eq!(app.get("/watchlist").await.films(), ["film-1-1901"]);
}

#[actix_web::test]
async fn half_stars_are_shown_and_sort_the_films_seen() {
    let app = TestApp::with_many_films(4).await;
    for (n, stars) in [(1, "4.5"), (2, "0.5"), (3, "5")] {
        app.post(&format!("/movies/film-{n}-{}/rating", 1900 + n), &[("stars", stars)]).await;
    }
    app.post("/movies/film-4-1904/seen", &[]).await;
    let page = app.get("/seen?sort=rating").await;
    assert_eq!(page.films(), ["film-3-1903", "film-1-1901", "film-2-1902", "film-4-1904"]);
    assert_eq!(page.texts(".rate"), ["5", "4½", "½", ""]);
    let film = app.get("/movies/film-1-1901").await;
    assert_eq!(film.attributes(".star[aria-pressed=true]", "aria-label"), ["4½ stars"]);
    assert_eq!(film.attributes(".star", "value").concat(), "0.511.522.533.544.550");
    assert_eq!(app.session().await["rating:1"], json!(4.5));
}

/// Lists of tags, decades and countries have addresses like those of films' forms.
#[actix_web::test]
async fn films_named_like_collections_can_be_marked() {
    let app = TestApp::with_films(
        r#"{"title":"Tags"}
           {"title":"By"}
           {"title":"Decades"}
           {"title":"Countries","tags":["seen","rating"]}"#,
    )
    .await;
    for film in ["tags", "by", "decades", "countries"] {
        assert_eq!(app.get(&format!("/movies/{film}")).await.status, 200);
        for (form, field) in [
            ("watchlist", ("pressed", "false")),
            ("seen", ("pressed", "false")),
            ("rating", ("stars", "3")),
        ] {
            let path = format!("/movies/{film}/{form}");
            assert_eq!(app.post(&path, &[field]).await.status, 303, "{path}");
        }
    }
    assert_eq!(app.get("/seen").await.films().len(), 4);
    assert_eq!(app.get("/movies/tags/seen").await.films(), ["countries"]);
    let other = app.get("/movies/countries/rating").await;
    assert_eq!(other.status, 404, "no country");
    let film = app.get("/movies/by-2/rating").await;
    assert_eq!((film.status, film.header("allow")), (405, "POST"));
}
