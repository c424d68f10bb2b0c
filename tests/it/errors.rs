use reqwest::Method;

use crate::support::{TestApp, connect, execute};

#[actix_web::test]
async fn unknown_url_is_a_404_page() {
    let app = TestApp::spawn().await;
    for path in ["/nope", "/movies/nope", "/directors/nope", "/movies/tags/nope", "/movies/a/b"] {
        let page = app.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert_eq!(page.texts("h1"), ["Page not found"], "{path}");
    }
}

#[actix_web::test]
async fn trailing_slash_redirects() {
    let app = TestApp::spawn().await;
    let page = app.get("/movies/?page=2").await;
    assert_eq!((page.status, page.header("location")), (301, "/movies?page=2"));
    for path in ["//evil.example/", "/\\evil.example/"] {
        let page = app.get(path).await;
        assert_eq!((page.status, page.header("location")), (404, ""), "{path}");
    }
}

#[actix_web::test]
async fn database_defect_is_a_500_page_with_a_reference() {
    let app = TestApp::spawn().await;
    app.execute("DROP TABLE movies CASCADE").await;

    let page = app.get("/movies").await;

    assert_eq!(page.status, 500);
    assert_eq!(page.texts("h1"), ["Sorry, something went wrong"]);
    assert_eq!(page.texts("code"), [page.header("x-request-id")]);
    assert!(!page.html.contains("relation"), "the cause is for the log");
    assert_eq!(page.header("set-cookie"), "");
    assert_eq!(app.count("sessions").await, 0);
}

#[actix_web::test]
async fn outage_is_a_503_page_and_recovers() {
    let app = TestApp::with_films(r#"{"title":"Ran"}"#).await;
    app.get("/movies").await;
    let name = app.database.rsplit('/').next().unwrap().to_owned();
    let admin = app.database.replace(&name, "postgres");
    let mut conn = connect(&admin).await;
    execute(&mut conn, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
    // Waits until each is gone: one that has only been told to go may still answer.
    let end = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname =";
    execute(&mut conn, &format!("{end} '{name}'")).await;

    let page = app.get("/movies").await;
    assert_eq!(page.status, 503);
    assert_eq!(page.texts("h1"), ["Sorry, the site is unavailable"]);
    assert_eq!(page.header("retry-after"), "5");
    assert_eq!(page.header("set-cookie"), "", "an outage takes no visitor's cookie");
    assert_eq!(app.get("/readyz").await.status, 503);
    assert_eq!(app.get("/healthz").await.status, 200);
    let style = app.get("/static/0/css/site.css").await;
    assert_eq!(style.status, 200);

    execute(&mut conn, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    let page = app.get("/movies").await;
    assert_eq!((page.status, page.visits()), (200, 1));
}

#[actix_web::test]
async fn harmless_request_id_of_a_proxy_is_kept() {
    let app = TestApp::spawn().await;
    let given = async |id: &str| {
        let request = app.request(Method::GET, "/about").header("X-Request-Id", id);
        app.send(request).await.header("x-request-id").to_owned()
    };
    assert_eq!(given("abc-12345678").await, "abc-12345678");
    assert_ne!(given("short").await, "short");
    assert_ne!(given("has spaces in it").await, "has spaces in it");
}
