use crate::support::TestApp;

#[actix_web::test]
async fn readiness_reports_each_part() {
    let app = TestApp::spawn().await;
    assert_eq!(app.get("/healthz").await.html, "alive\n");
    let answer = app.get("/readyz").await;
    let parts = "ready\ndatabase: ready\ncache: none\ncatalogue: 0 films\n";
    assert_eq!((answer.status, &*answer.html), (200, parts));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("set-cookie"), "");
}

#[actix_web::test]
async fn security_txt_names_the_contact_of_the_operator() {
    let path = "/.well-known/security.txt";
    assert_eq!(TestApp::spawn().await.get(path).await.status, 404);
    let contact = "mailto:security@films.example";
    let app = TestApp::spawn_with(&[&format!("--security-contact={contact}")]).await;
    let response = app.get(path).await;
    assert_eq!(response.header("content-type"), "text/plain; charset=utf-8");
    let lines: Vec<&str> = response.html.lines().collect();
    assert_eq!(lines[0], format!("Contact: {contact}"));
    let expires = chrono::DateTime::parse_from_rfc3339(&lines[1]["Expires: ".len()..]).unwrap();
    let days = (expires.to_utc() - chrono::Utc::now()).num_days();
    assert!((1..365).contains(&days), "{days}");
}

#[actix_web::test]
async fn older_schema_is_not_ready() {
    let app = TestApp::spawn().await;
    let newest = "SELECT max(version) FROM __diesel_schema_migrations";
    app.execute(&format!("DELETE FROM __diesel_schema_migrations WHERE version = ({newest})"))
        .await;
    let answer = app.get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert!(answer.html.starts_with("not ready\ndatabase: the schema is older"), "{}", answer.html);
}

#[actix_web::test]
async fn newer_schema_is_ready() {
    let app = TestApp::spawn().await;
    app.execute("INSERT INTO __diesel_schema_migrations VALUES ('9999')").await;
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[actix_web::test]
async fn session_cache_that_is_down_is_reported_but_does_not_fail_readiness() {
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
