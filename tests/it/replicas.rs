//! Several Postgres servers that stream from one another.

use std::time::Instant;

use marquee::db::{self, DatabaseUrl, Primary};

use crate::cluster::Cluster;
use crate::program::PATIENCE;
use crate::support::{TestApp, connect, count, execute, number};

const RAN: &str = r#"{"title":"Ran","year":1985}"#;
const IKIRU: &str = r#"{"title":"Ikiru","year":1952}"#;

/// A server with the schema, and one that follows it.
async fn pair() -> (Cluster, Cluster) {
    let primary = Cluster::new().start();
    db::migrate(&primary.url()).await.unwrap();
    let replica = Cluster::replica_of(&primary);
    (primary, replica)
}

#[actix_web::test]
async fn several_database_hosts_follow_a_failover() {
    let (primary, replica) = pair().await;
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", replica.port, primary.port);
    let app = TestApp::spawn_on(format!("postgres://postgres@{hosts}/postgres"), &[]).await;
    app.import(RAN).await.unwrap();
    assert_eq!(app.get("/movies").await.visits(), 0);
    let start = Instant::now();
    while count(&replica.url(), "sessions").await < 1 {
        assert!(start.elapsed() < PATIENCE, "it does not follow");
    }

    primary.stop();
    let page = app.get("/movies").await;
    assert_eq!((page.status, page.header("retry-after")), (503, "5"), "nobody takes writes");
    replica.promote();

    let start = Instant::now();
    let page = loop {
        let page = app.get("/movies").await;
        if page.status == 200 {
            break page;
        }
        assert!(start.elapsed() < PATIENCE, "{}", page.status);
    };
    assert_eq!((page.visits(), page.films()), (1, vec!["ran-1985".to_owned()]));
    // The connection that hears of changes has moved, too.
    app.import(IKIRU).await.unwrap();
    assert_eq!(app.get("/movies").await.films().len(), 2);
}

/// The former primary is named first, and accepts writes again.
#[actix_web::test]
async fn former_primary_is_refused_after_a_fail_over() {
    let (primary, replica) = pair().await;
    primary.stop();
    replica.promote();
    let primary = primary.start();
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", primary.port, replica.port);
    let url: DatabaseUrl = format!("postgres://postgres@{hosts}/postgres").parse().unwrap();
    for _ in 0..2 {
        url.connect().await.unwrap();
        let host = format!("127.0.0.1:{}", replica.port);
        assert_eq!(url.primary(), Some(Primary { host, timeline: Some(2) }));
    }
    replica.stop();
    let error = url.connect().await.err().unwrap().to_string();
    assert!(error.contains("timeline 1, but timeline 2 exists"), "{error}");
}

/// A site without sessions, which are the primary's alone, that reads from `replicas` where it can.
async fn reader(primary: &Cluster, replicas: &str) -> TestApp {
    let replica = format!("--database-replica-url=postgres://postgres@{replicas}/postgres");
    TestApp::spawn_on(primary.url(), &["--session-engine=none", &replica]).await
}

/// Asks until the replica is said to be so.
async fn until_replica_is(app: &TestApp, state: &str) {
    let start = Instant::now();
    loop {
        let answer = app.get("/readyz").await;
        if answer.html.contains(&format!("\nreplica: {state}\n")) {
            return assert_eq!(answer.status, 200, "the primary does its work");
        }
        assert!(start.elapsed() < PATIENCE, "{}", answer.html);
    }
}

#[actix_web::test]
async fn reads_use_the_replica_and_fall_back_to_the_primary() {
    let (primary, replica) = pair().await;
    // Of two the first is nowhere.
    let app = reader(&primary, &format!("127.0.0.1:1,127.0.0.1:{}", replica.port)).await;
    app.import(RAN).await.unwrap();
    until_replica_is(&app, "ready").await;

    primary.stop();
    for path in ["/movies", "/movies?per=6", "/movies/ran-1985", "/directors", "/sitemap.xml"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    replica.stop();
    assert_eq!(app.get("/movies?per=12").await.status, 503);

    let primary = primary.start();
    let app = reader(&primary, &format!("127.0.0.1:{}", replica.port)).await;
    until_replica_is(&app, "does not answer").await;
    for path in ["/movies", "/movies/ran-1985"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    let replica = replica.start();
    until_replica_is(&app, "ready").await;
    assert_eq!(app.get("/movies?per=6").await.status, 200);
    let query = "SELECT count(*) AS number FROM pg_stat_activity \
                 WHERE application_name = 'marquee' AND query LIKE '%movie%'";
    assert!(number(&replica.url(), query).await > 0, "it is used again");
}

#[actix_web::test]
async fn replica_behind_the_index_is_not_read() {
    let (primary, replica) = pair().await;
    let app = reader(&primary, &format!("127.0.0.1:{}", replica.port)).await;
    app.import(RAN).await.unwrap();
    until_replica_is(&app, "ready").await;
    assert_eq!(app.get("/movies").await.films(), ["ran-1985"]);
    let mut behind = connect(&replica.url()).await;
    execute(&mut behind, "SELECT pg_wal_replay_pause()").await;

    app.import(IKIRU).await.unwrap();
    app.execute("UPDATE movies SET title = 'Chaos' WHERE slug = 'ran-1985'").await;
    until_replica_is(&app, "behind").await;
    // Twice: what was rendered first is kept.
    for _ in 0..2 {
        assert_eq!(app.get("/movies?sort=title").await.films(), ["ikiru-1952", "ran-1985"]);
        assert_eq!(app.get("/movies/ran-1985").await.texts("h1"), ["Chaos 1985"]);
        assert_eq!(app.get("/movies/ikiru-1952").await.status, 200);
    }
    assert_eq!(count(&replica.url(), "movies").await, 1, "it is behind all the while");

    execute(&mut behind, "SELECT pg_wal_replay_resume()").await;
    until_replica_is(&app, "ready").await;
    assert_eq!(app.get("/movies/ran-1985").await.texts("h1"), ["Chaos 1985"]);
}

/// It takes connections and says nothing.
#[actix_web::test]
async fn frozen_replica_does_not_delay_pages() {
    let (primary, replica) = pair().await;
    let app = reader(&primary, &format!("127.0.0.1:{}", replica.port)).await;
    app.import(RAN).await.unwrap();
    until_replica_is(&app, "ready").await;
    replica.signal("STOP");
    for path in ["/movies/ran-1985", "/movies", "/directors", "/movies?per=6"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    until_replica_is(&app, "does not answer").await;
    replica.signal("CONT");
    until_replica_is(&app, "ready").await;
}
