use std::time::{Duration, Instant};

use crate::support::TestApp;

#[actix_web::test]
async fn preferences_survive_a_restart() {
    let app = TestApp::with_many_films(100).await;

    let saved = app.post("/preferences", &[("per_page", "48"), ("theme", "dark")]).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/preferences?saved"));
    let page = app.restarted().await.get("/movies").await;

    assert_eq!(page.films().len(), 48);
    assert_eq!(page.attributes("[data-page-size]", "data-page-size"), ["48"]);
    assert_eq!(page.attributes("html", "data-theme"), ["dark"]);
    assert_eq!(app.other_visitor().get("/movies").await.films().len(), 24);
}

#[actix_web::test]
async fn missing_fields_stay_and_parameters_apply_to_one_page() {
    let app = TestApp::with_many_films(100).await;
    app.post("/preferences", &[("per_page", "12"), ("sort", "oldest")]).await;
    app.post("/preferences", &[("theme", "light")]).await;

    let page = app.get("/movies?per=6&sort=newest").await;
    assert_eq!((page.films().len(), page.films()[0].as_str()), (6, "film-100-2000"));
    let page = app.get("/movies").await;
    assert_eq!((page.films().len(), page.films()[0].as_str()), (12, "film-1-1901"));
}

#[actix_web::test]
async fn invalid_preference_is_refused_with_a_message() {
    let app = TestApp::with_many_films(30).await;
    app.post("/preferences", &[("per_page", "12")]).await;
    for wrong in ["0", "-1", "abc", "1000000000", "13", ""] {
        let page = app.post("/preferences", &[("per_page", wrong), ("theme", "dark")]).await;
        assert_eq!(page.status, 422, "{wrong}");
        assert_eq!(page.texts("[role=alert] li"), ["Films per page: choose 6, 12, 24, 48 or 96."]);
    }
    let page = app.get("/movies").await;
    assert_eq!(page.films().len(), 12);
    assert_eq!(page.attributes("html", "data-theme"), ["system"]);
}

#[actix_web::test]
async fn preferences_form_shows_choices_and_redirects_back() {
    let app = TestApp::with_many_films(30).await;
    let form = [("per_page", "6"), ("next", "/movies/tags/drama")];
    assert_eq!(app.post("/preferences", &form).await.header("location"), "/movies/tags/drama");
    for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let back = app.post("/preferences", &[("next", elsewhere)]).await;
        assert_eq!(back.header("location"), "/", "{elsewhere}");
    }
    let page = app.get("/preferences?saved").await;
    assert_eq!(page.texts("main [role=status]"), ["Preferences saved."]);
    assert_eq!(page.attributes("option[selected]", "value"), ["6", "newest", "posters"]);
    assert_eq!(page.attributes("input[checked]", "value"), ["system", "show", "off", "on"]);
    assert_eq!(
        app.get("/movies?page=2&per=12&sort=title").await.attributes("[name=next]", "value"),
        ["/movies"]
    );
}

#[actix_web::test]
async fn page_size_change_keeps_the_first_film_visible() {
    let app = TestApp::with_many_films(100).await;
    let page = app.get("/movies?sort=title&page=3").await;
    let first = page.films().remove(0);
    let hidden = |name| page.attributes(&format!(".controls [name={name}]"), "value").remove(0);
    let form = ["next", "from", "order"].map(|name| (name, hidden(name)));
    let mut form = form.map(|(name, value)| (name, value)).to_vec();
    form.extend([("sort", "title".to_owned()), ("per_page", "96".to_owned())]);
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, &**value)).collect();

    let saved = app.post("/preferences", &form).await;

    let target = saved.header("location");
    assert_eq!(target, "/movies?page=1#films-49");
    let page = app.get("/movies?page=1").await;
    assert_eq!((page.films().len(), &page.films()[48]), (96, &first));
}

/// A copy in the cache may be older than what was changed past the site.
#[actix_web::test]
async fn form_values_win_over_stale_copies() {
    let redis = format!("--session-cache-url={}", std::env::var("TEST_REDIS_URL").unwrap());
    let name = "--session-cookie-name=copied";
    let app = TestApp::spawn_with(&["--session-engine=cached_db", &redis, name]).await;
    let theme = async || app.get("/about").await.attributes("html", "data-theme").remove(0);
    // Until the copy is used, Redis has not been reached yet.
    let start = Instant::now();
    loop {
        app.post("/preferences", &[("theme", "dark")]).await;
        assert_eq!(theme().await, "dark");
        app.execute("UPDATE sessions SET data = jsonb_set(data, '{theme}', '\"light\"')").await;
        if theme().await == "dark" {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "no copy is used");
    }
    app.post("/preferences", &[("theme", "dark")]).await;
    assert_eq!(app.session().await["theme"], "dark");
}
