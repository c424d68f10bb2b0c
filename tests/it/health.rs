use crate::support::TestApp;

#[actix_web::test]
async fn a_site_that_can_serve_says_so_part_by_part() {
    let app = TestApp::spawn().await;
    assert_eq!(app.get("/healthz").await.html, "alive\n");
    let answer = app.get("/readyz").await;
    let parts = "ready\ndatabase: ready\ncache: none\ncatalogue: 0 films\n";
    assert_eq!((answer.status, &*answer.html), (200, parts));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("set-cookie"), "");
}

#[actix_web::test]
async fn an_older_schema_is_not_ready() {
    let app = TestApp::spawn().await;
    let newest = "SELECT max(version) FROM __diesel_schema_migrations";
    app.execute(&format!("DELETE FROM __diesel_schema_migrations WHERE version = ({newest})"))
        .await;
    let answer = app.get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert!(answer.html.starts_with("not ready\ndatabase: the schema is older"), "{}", answer.html);
}

#[actix_web::test]
async fn a_newer_schema_is_ready_as_another_process_may_be_newer() {
    let app = TestApp::spawn().await;
    app.execute("INSERT INTO __diesel_schema_migrations VALUES ('9999')").await;
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[actix_web::test]
async fn a_cache_that_is_away_is_said_and_closes_nothing() {
    let redis = std::env::var("TEST_REDIS_URL").unwrap();
    for (url, state) in [(&*redis, "ready"), ("redis://127.0.0.1:1", "does not answer")] {
        for engine in ["cache", "cached_db"] {
            let (engine, url) =
                (format!("--session-engine={engine}"), format!("--session-cache-url={url}"));
            let app = TestApp::spawn_with(&[&engine, &url]).await;
            let answer = app.get("/readyz").await;
            assert_eq!(answer.status, 200);
            assert!(answer.html.contains(&format!("\ncache: {state}\n")), "{}", answer.html);
        }
    }
}
